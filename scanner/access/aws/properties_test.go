package aws

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// How many random requests each property is tried on, and from which number on: the number of a case is its seed.
var (
	count = flag.Int("cases", 200, "random requests for each property")
	first = flag.Uint64("first-case", 0, "number of the first random request")
)

// copyOf copies a JSON value.
func copyOf[T any](v T) T {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

// judged decides a request that is a JSON object.
func judged(t *testing.T, e *Evaluator, r object) access.Answer {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var req Request
	if err := json.Unmarshal(data, &req); err != nil {
		t.Fatal(err)
	}
	a := e.Decide(req)
	if a.Decision == access.Failed {
		t.Fatalf("%s: %s", a.Error, data)
	}
	return a
}

// rank orders decisions by how much they allow.
var rank = map[access.Decision]int{access.Denied: 0, access.Conditional: 1, access.Allowed: 2}

// property tries what has to hold between the answer to a request and that to a changed one. Change returns nil when it does not apply.
func property(t *testing.T, change func(d draw, r object) object, holds func(before, after access.Answer) bool) {
	t.Parallel()
	e := New()
	tried := 0
	for i := range uint64(*count) {
		d := draw{rand.New(rand.NewPCG(*first+i, 1))}
		r := d.request()
		changed := change(d, copyOf(r))
		if changed == nil {
			continue
		}
		tried++
		before, after := judged(t, e, r), judged(t, e, changed)
		if !holds(before, after) {
			was, _ := json.Marshal(r)
			is, _ := json.Marshal(changed)
			t.Fatalf("case %d: %s became %s\n%s\n%s", *first+i, short(before), short(after), was, is)
		}
	}
	if tried < *count/20 {
		t.Errorf("only %d of %d cases were tried", tried, *count)
	}
	t.Logf("%d random cases", tried)
}

func same(before, after access.Answer) bool {
	return before.Decision == after.Decision && before.Explicit == after.Explicit
}

func notMore(before, after access.Answer) bool { return rank[after.Decision] <= rank[before.Decision] }

func notLess(before, after access.Answer) bool { return rank[after.Decision] >= rank[before.Decision] }

// within holds if what is known more of a request keeps what was certain.
func within(before, after access.Answer) bool {
	return before.Decision == access.Conditional || before.Decision == after.Decision && (!before.Explicit || after.Explicit)
}

// add appends to a list within a request.
func add(r object, v any, path ...string) object {
	at := r
	for _, p := range path[:len(path)-1] {
		at = at[p].(object)
	}
	name := path[len(path)-1]
	list, _ := at[name].([]any)
	at[name] = append(list, v)
	return r
}

func TestAnswersAreConsistent(t *testing.T) {
	seen := map[access.Decision]int{}
	property(t, func(_ draw, r object) object { return r }, func(a, b access.Answer) bool {
		seen[a.Decision]++
		return reflect.DeepEqual(a, b) && (len(a.Residual) > 0) == (a.Decision == access.Conditional) && (!a.Explicit || a.Decision == access.Denied) &&
			(len(a.Because) > 0 || a.Decision == access.Denied && !a.Explicit || a.Decision == access.Allowed)
	})
	for d := range rank {
		if seen[d] < *count/50 {
			t.Errorf("only %d of %d cases are %s", seen[d], *count, d)
		}
	}
}

func TestDenialNeverGives(t *testing.T) {
	property(t, func(d draw, r object) object {
		where := d.one("policy", "policy", "rcps", "scps", "identity", "boundary", "session")
		s := d.statement(where == "policy")
		s["Effect"] = "Deny"
		doc := object{"Version": "2012-10-17", "Statement": s}
		switch levels, _ := r[where].([]any); {
		case where == "policy":
			return add(r, doc, "resource", "policy")
		case len(levels) > 0:
			if where == "rcps" {
				s["Principal"] = "*"
			}
			levels[0] = append(levels[0].([]any), doc)
			return r
		case where == "boundary" || where == "session":
			return add(r, doc, "principal", where)
		}
		return add(r, doc, "principal", "identity")
	}, func(before, after access.Answer) bool {
		return notMore(before, after) && (!before.Explicit || after.Explicit)
	})
}

func TestLimitNeverGives(t *testing.T) {
	property(t, func(d draw, r object) object {
		switch kind := d.one("scps", "rcps", "boundary", "session"); kind {
		case "scps", "rcps":
			return add(r, []any{d.document(false)}, kind)
		default:
			if len(r["principal"].(object)[kind].([]any)) > 0 {
				return nil
			}
			return add(r, d.document(false), "principal", kind)
		}
	}, notMore)
}

func TestAllowanceNeverTakes(t *testing.T) {
	property(t, func(d draw, r object) object {
		where := d.one("identity", "policy", "grants", "boundary", "scps")
		s := d.statement(where == "policy")
		s["Effect"] = "Allow"
		doc := object{"Version": "2012-10-17", "Statement": s}
		switch {
		case where == "policy":
			return add(r, doc, "resource", "policy")
		case where == "grants":
			return add(r, d.grant(), "resource", "grants")
		case where == "scps" && len(r["scps"].([]any)) > 0:
			levels := r["scps"].([]any)
			levels[0] = append(levels[0].([]any), doc)
			return r
		case where == "boundary" && len(r["principal"].(object)["boundary"].([]any)) > 0:
			return add(r, doc, "principal", "boundary")
		}
		return add(r, doc, "principal", "identity")
	}, notLess)
}

func TestOrderOfStatementsDoesNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		everyDocument(r, func(list []any) []any { slices.Reverse(list); return list })
		return r
	}, same)
}

func TestRepetitionDoesNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		everyDocument(r, func(list []any) []any { return append(list, copyOf(list)...) })
		return r
	}, same)
}

func TestSplittingDoesNotMatter(t *testing.T) {
	property(t, func(d draw, r object) object {
		element := d.one("Action", "Resource", "Principal")
		everyDocument(r, func(list []any) (out []any) {
			for _, s := range list {
				values, many := s.(object)[element].([]any)
				if p, is := s.(object)[element].(object); is {
					values, many = p["AWS"].([]any)
				}
				if !many {
					out = append(out, s)
					continue
				}
				for _, v := range values { // a single value in place of a list, too
					one := copyOf(s.(object))
					if one[element] = v; element == "Principal" {
						one[element] = object{"AWS": v}
					}
					out = append(out, one)
				}
			}
			return out
		})
		return r
	}, same)
}

func TestActionAndNotActionAreAll(t *testing.T) {
	property(t, func(d draw, r object) object {
		some := d.some(randomActions...)
		everyDocument(r, func(list []any) (out []any) {
			for _, s := range list {
				actions, _ := s.(object)["Action"].([]any)
				if !slices.Contains(actions, any("*")) {
					out = append(out, s)
					continue
				}
				a, b := copyOf(s.(object)), copyOf(s.(object))
				a["Action"], b["NotAction"] = some, some
				delete(b, "Action")
				out = append(out, a, b)
			}
			return out
		})
		return r
	}, same)
}

func TestLetterCaseOfActionsDoesNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		r["action"] = strings.ToUpper(r["action"].(string))
		statementsOf(r, func(s object, _ []any) {
			for _, element := range []string{"Action", "NotAction"} {
				if list, is := s[element].([]any); is {
					for i := range list {
						list[i] = strings.ToLower(list[i].(string))
					}
				}
			}
		})
		return r
	}, same)
}

func TestNumbersOfAccountsDoNotMatter(t *testing.T) {
	property(t, func(_ draw, r object) object {
		data, _ := json.Marshal(r)
		var out object
		if err := json.Unmarshal([]byte(strings.NewReplacer("111122223333", "999988887777", "444455556666", "000000000001").Replace(string(data))), &out); err != nil {
			panic(err)
		}
		return out
	}, same)
}

func TestWhatBecomesKnownStaysWithin(t *testing.T) {
	property(t, func(d draw, r object) object {
		unknown := r["unknown"].([]any)
		if len(unknown) == 0 {
			return nil
		}
		i := d.IntN(len(unknown))
		key := unknown[i].(string)
		if !takes(strings.ToLower(r["action"].(string)), strings.ToLower(key)) {
			return nil
		}
		r["unknown"] = slices.Delete(unknown, i, i+1)
		if d.often(30) {
			if _, derived := derivedIn(r, key); !derived {
				return r
			}
		}
		r["context"].(object)[key] = d.one(randomKeys[key]...)
		return r
	}, within)
}

// derivedIn reports whether a key has a value by what else a request says.
func derivedIn(r object, key string) ([]string, bool) {
	var req Request
	data, _ := json.Marshal(r)
	if err := json.Unmarshal(data, &req); err != nil {
		panic(err)
	}
	f, err := newFacts(&req)
	if err != nil {
		panic(err)
	}
	c, err := newCaller(&req.Principal, f.home)
	if err != nil {
		panic(err)
	}
	f.caller = &c
	values, state := f.derived(strings.ToLower(key))
	return values, state == given
}

func TestASessionStaysWithin(t *testing.T) {
	property(t, func(d draw, r object) object {
		p := r["principal"].(object)
		if p["arn"] != roleARN {
			return nil
		}
		p["session_name"] = d.one("s", "t")
		return r
	}, within)
}

// A document that could not be read, or a part of one that is not resolved, may be anything: the answer with it holds for all of them.
func TestWhatIsReadStaysWithin(t *testing.T) {
	e := New()
	property(t, func(d draw, r object) object {
		open := copyOf(r)
		changed := false
		if d.often(30) {
			if docs := open["principal"].(object)[d.one("identity", "boundary", "session")].([]any); len(docs) > 0 {
				docs[0], changed = awspolicy.Unknown, true
			}
		} else {
			statementsOf(open, func(s object, _ []any) {
				for _, element := range []string{"Action", "NotAction", "Resource", "NotResource", "Effect"} {
					if list, is := s[element].([]any); is && d.often(15) {
						list[d.IntN(len(list))], changed = d.one(awspolicy.Unknown, "arn:aws:kms:"+awspolicy.Unknown), true
						if !strings.HasSuffix(element, "Resource") {
							list[0] = awspolicy.Unknown
						}
					}
				}
				for _, element := range []string{"Principal", "NotPrincipal"} {
					if p, is := s[element].(object); is && d.often(15) {
						p["AWS"], changed = []any{awspolicy.Unknown}, true
					}
				}
			})
		}
		if !changed {
			return nil
		}
		before := judged(t, e, open)
		if after := judged(t, e, r); !within(before, after) {
			was, _ := json.Marshal(open)
			is, _ := json.Marshal(r)
			t.Fatalf("%s became %s\n%s\n%s", short(before), short(after), was, is)
		}
		return r
	}, same)
}
