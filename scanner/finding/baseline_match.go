package finding

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// numbered is how a part of a resource that has no name is called, by its place in a list: the statement "#2", "step 3".
var numbered = regexp.MustCompile(`(^|[^\w])(#|step )[0-9]+\b`)

// isNumber and isAction are the places of parts without a name of their own: one in a list, and a step that is called by its action.
var (
	isNumber = regexp.MustCompile(`^(#|step )[0-9]+(/|$)`)
	isAction = regexp.MustCompile(`^[^/]+/.+/`)
)

// A pass pairs findings of one rule and one resource that have the same message.
type pass struct {
	at    func(string) string // what of the name of the part has to be the same
	facts bool                // whether the facts have to be equal
	which func(then Earlier, now, was *Finding) bool
}

// passes are tried in turn. Parts without a name are called by their number, which changes where another is inserted before them, and
// goes where they are given a name. So a finding's partner is the one that says the same, with the same facts, about the part of the
// same name; or else about a part whose number alone differs; or else about a part that had no name and is gone; or else the one that
// says the same about its part with other facts, no worse ones before any.
var passes = []pass{
	{whole, true, anyPair},
	{func(at string) string { return numbered.ReplaceAllString(at, "$1$2") }, true, anyPair},
	{lastOf, true, wasNameless},
	{whole, false, func(_ Earlier, now, was *Finding) bool { return now.noWorse(was) }},
	{whole, false, anyPair},
}

func whole(at string) string { return at }

// lastOf is what a place has below the part: the variable of a step.
func lastOf(at string) string {
	if i := strings.LastIndexByte(at, '/'); i >= 0 {
		return at[i:]
	}
	return ""
}

func anyPair(Earlier, *Finding, *Finding) bool { return true }

func wasNameless(then Earlier, now, was *Finding) bool {
	return now.At != "" && !isNumber.MatchString(now.At) &&
		(isNumber.MatchString(was.At) || isAction.MatchString(was.At) && !isAction.MatchString(now.At)) &&
		!then.HasPart(now.Resource.ID, was.At)
}

// partners finds for the findings of this result those of the earlier one that they were. Each has one partner at most.
func (r *Result) partners(old *Result, then Earlier) map[*Finding]*Finding {
	type key struct {
		rule               string
		id                 inventory.ID
		at, message, facts string
	}
	out, taken := map[*Finding]*Finding{}, map[*Finding]bool{}
	for _, p := range passes {
		of := func(f *Finding, id inventory.ID) key {
			k := key{f.Rule, id, p.at(f.At), f.Message, ""}
			if p.facts {
				k.facts = factsOf(f)
			}
			return k
		}
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
			k := of(f, id)
			if at := slices.IndexFunc(left[k], func(was *Finding) bool { return p.which(then, f, was) }); at >= 0 {
				out[f] = left[k][at]
				taken[out[f]] = true
				left[k] = slices.Delete(left[k], at, at+1)
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
