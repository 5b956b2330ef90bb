package finding

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Compared says how a result stands to that of an earlier state, judged by the same rules. It counts failing findings that no
// waiver covers.
type Compared struct {
	With      string `json:"with"` // the earlier state, as it was asked for: "origin/main"
	New       int    `json:"new"`
	Unchanged int    `json:"unchanged"`
	Fixed     int    `json:"fixed"`            // of the earlier state, gone now; what may only be hidden by a gap does not count
	Refused   int    `json:"refused,omitzero"` // findings of moved code, not there before, that a comment moved with it would waive
}

// CompareChange marks every finding as new or unchanged, where the older result is that of an earlier state, judged by the same
// rules. Twin tells under which ID a resource was known then, and whether it was there at all.
//
// It asks for more than Compare, because nothing but the change can have made a difference: of two violations of one rule by one
// resource each has to have been there before, and one whose severity rises, or that a waiver no longer covers, is new. Where a rule
// can no longer tell what it has told before, nothing is new.
//
// A comment that has moved with its code waives what was there before it moved, and nothing else.
func (r *Result) CompareChange(old *Result, with string, twin func(inventory.ID) (inventory.ID, bool)) {
	type violation struct{ fingerprint, message string }
	type question struct {
		rule string
		id   inventory.ID
	}
	before := map[violation][]*Finding{}
	asked := map[question]bool{} // of the older result
	for i := range old.Findings {
		f := &old.Findings[i]
		k := violation{f.Fingerprint, f.Message}
		before[k] = append(before[k], f)
		asked[question{f.Rule, f.Resource.ID}] = true
	}
	c := &Compared{With: with}
	matched := map[*Finding]bool{}
	open := map[question]bool{} // of this result, by older IDs
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Baseline = New
		id, known := twin(f.Resource.ID)
		if known {
			k := violation{Fingerprint(f.Rule, id, f.At), f.Message}
			if was := before[k]; len(was) > 0 {
				before[k], matched[was[0]] = was[1:], true
				if !f.worse(was[0]) {
					f.Baseline = Unchanged
				}
			} else if f.Verdict == Unknown && asked[question{f.Rule, id}] {
				f.Baseline = Unchanged
			} else if id != f.Resource.ID && f.Waived != nil && strings.HasPrefix(f.Waived.By, inline) {
				f.Waived = nil
				c.Refused++
			}
			if f.Verdict == Unknown {
				open[question{f.Rule, id}] = true
			}
		}
		switch {
		case f.Verdict != Fail || f.Waived != nil:
		case f.Baseline == New:
			c.New++
		default:
			c.Unchanged++
		}
	}
	for i := range old.Findings {
		f := &old.Findings[i]
		if f.Verdict == Fail && f.Waived == nil && !matched[f] && !open[question{f.Rule, f.Resource.ID}] && !r.hidden(f, old) {
			c.Fixed++
		}
	}
	r.Summary.Compared = c
	r.Summarize()
}

// worse reports whether a finding weighs more than it did.
func (f *Finding) worse(was *Finding) bool {
	return f.Severity.Rank() > was.Severity.Rank() || was.Waived != nil && f.Waived == nil
}

// hidden reports whether the resource of an older finding may still be there, because of a gap that was none then.
func (r *Result) hidden(f *Finding, old *Result) bool {
	return slices.ContainsFunc(r.Gaps, func(g Gap) bool {
		same := func(o Gap) bool { return o.Scope == g.Scope && o.What == g.What }
		return hides(&g.Gap, f.Resource.Scope, f.Resource.Type) && !slices.ContainsFunc(old.Gaps, same)
	})
}
