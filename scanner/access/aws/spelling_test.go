package aws

import (
	"encoding/json"
	"strings"
	"testing"
)

// A resource in another case of letters is another resource.
func TestLetterCaseOfResourcesMatters(t *testing.T) {
	e := New()
	renamed := func(r object, kind string) object {
		statementsOf(r, func(s object, _ []any) {
			for _, element := range []string{"Resource", "NotResource"} {
				list, _ := s[element].([]any)
				for i := range list {
					list[i] = strings.Replace(list[i].(string), ":key/", kind, 1)
				}
			}
		})
		return r
	}
	differs := 0
	property(t, func(_ draw, r object) object {
		upper, none := judged(t, e, renamed(copyOf(r), ":KEY/")), judged(t, e, renamed(copyOf(r), ":none/"))
		if !same(upper, none) {
			text, _ := json.Marshal(r)
			t.Fatalf("%s for keys in capitals, %s for what is no key\n%s", short(upper), short(none), text)
		}
		if upper.Decision != judged(t, e, r).Decision {
			differs++
		}
		return r
	}, same)
	if differs < *count/50 {
		t.Errorf("only %d of %d cases differ by the case of letters", differs, *count)
	}
}

// One value is the same by itself as in a list of one.
func TestAListOfOneIsItsValue(t *testing.T) {
	property(t, func(_ draw, r object) object {
		changed := false
		single := func(in object, name string) {
			switch v := in[name].(type) {
			case []any:
				if len(v) == 1 {
					in[name], changed = v[0], true
				}
			case string:
				in[name], changed = []any{v}, true
			}
		}
		statementsOf(r, func(s object, _ []any) {
			for _, element := range []string{"Action", "NotAction", "Resource", "NotResource"} {
				single(s, element)
			}
			for _, element := range []string{"Principal", "NotPrincipal"} {
				if p, is := s[element].(object); is {
					single(p, "AWS")
				}
			}
			conditions, _ := s["Condition"].(object)
			for op := range conditions {
				for key := range conditions[op].(object) {
					single(conditions[op].(object), key)
				}
			}
		})
		documentsOf(r, func(doc object) { single(doc, "Statement") })
		if !changed {
			return nil
		}
		return r
	}, same)
}
