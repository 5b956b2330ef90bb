package finding

import (
	"encoding/json"
	"regexp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// numbered is how a part of a resource that has no name is called, by its place in a list: the statement "#2", "step 3".
var numbered = regexp.MustCompile(`(^|[^\w])(#|step )[0-9]+\b`)

// partners finds for the findings of this result those of the earlier one that they were. Each has one partner at most.
//
// Parts without a name are called by their number, which changes where another is inserted before them. So a finding's partner is the
// one that says the same, with the same facts, about the part of the same name; or else about a part whose number alone differs; or
// else the one that says the same about that part with other facts.
func (r *Result) partners(old *Result, then Earlier) map[*Finding]*Finding {
	type key struct {
		rule               string
		id                 inventory.ID
		at, message, facts string
	}
	passes := []func(f *Finding, id inventory.ID) key{
		func(f *Finding, id inventory.ID) key { return key{f.Rule, id, f.At, f.Message, factsOf(f)} },
		func(f *Finding, id inventory.ID) key {
			return key{f.Rule, id, numbered.ReplaceAllString(f.At, "$1$2"), f.Message, factsOf(f)}
		},
		func(f *Finding, id inventory.ID) key { return key{f.Rule, id, f.At, f.Message, ""} },
	}
	out, taken := map[*Finding]*Finding{}, map[*Finding]bool{}
	for _, of := range passes {
		left := map[key][]*Finding{}
		for i := range old.Findings {
			if f := &old.Findings[i]; !taken[f] {
				k := of(f, f.Resource.ID)
				left[k] = append(left[k], f)
			}
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			id, known := then.Twin(f.Resource.ID)
			if !known || out[f] != nil {
				continue
			}
			if k := of(f, id); len(left[k]) > 0 {
				out[f], left[k] = left[k][0], left[k][1:]
				taken[out[f]] = true
			}
		}
	}
	return out
}

// factsOf writes facts so that equal ones are equal.
func factsOf(f *Finding) string {
	if len(f.Facts) == 0 {
		return ""
	}
	text, err := json.Marshal(f.Facts)
	if err != nil {
		return err.Error() // no rule yields what is no JSON
	}
	return string(text)
}
