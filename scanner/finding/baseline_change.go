package finding

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Compared says how a result stands to that of an earlier state, judged by the same rules. It counts failing findings that no
// waiver covers.
type Compared struct {
	With      string  `json:"with"` // the earlier state, as it was asked for: "origin/main"
	New       int     `json:"new"`
	Unchanged int     `json:"unchanged"`
	Fixed     int     `json:"fixed"`             // of the earlier state, gone now; what may only be hidden by a gap does not count
	Refused   int     `json:"refused,omitzero"`  // findings of moved code, not there before, that a comment moved with it would waive
	NewGaps   int     `json:"new_gaps,omitzero"` // gaps that the earlier state does not have and nobody accepts
	Reading   Reading `json:"reading,omitzero"`  // how much was read, where gaps that the earlier state has as well do not count
}

// Earlier tells what things were in the earlier state.
type Earlier interface {
	// Twin tells under which ID a resource was known, and whether it was there at all.
	Twin(inventory.ID) (inventory.ID, bool)
	// What tells what a gap was called: one about a renamed file has the file's earlier name.
	What(string) string
	// HasPart tells whether a resource of the later state has a part called so: a statement "#2".
	HasPart(id inventory.ID, at string) bool
}

// ReadingThatCounts is the reading that exit codes hang on: of a comparison, that of what the change brings.
func (r *Result) ReadingThatCounts() Reading {
	if c := r.Summary.Compared; c != nil && c.Reading != "" {
		return c.Reading
	}
	return r.Reading
}

// CompareChange marks every finding and gap as new or unchanged, where the older result is that of an earlier state, judged by the
// same rules.
//
// It asks for more than Compare, because nothing but the change can have made a difference: of two violations of one rule by one
// resource each has to have been there before, and one whose severity rises, or that a waiver no longer covers, is new. Where a rule
// can no longer tell what it has told before, nothing is new.
//
// A comment that has moved with its code waives what was there before it moved, and nothing else.
func (r *Result) CompareChange(old *Result, with string, then Earlier) {
	type question struct {
		rule string
		id   inventory.ID
	}
	asked := map[question]bool{} // of the older result
	for i := range old.Findings {
		f := &old.Findings[i]
		asked[question{f.Rule, f.Resource.ID}] = true
	}
	r.compareGaps(old, then)
	c := &Compared{With: with}
	partners := r.partners(old, then)
	matched := map[*Finding]bool{}
	open := map[question]bool{} // of this result, by older IDs
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Baseline = New
		id, known := then.Twin(f.Resource.ID)
		was := partners[f]
		switch {
		case strings.HasPrefix(string(f.Resource.ID), Unlisted): // a stand-in for what a gap hides
			f.Baseline = r.baselineOfGap(f.Resource.Scope, f.At)
		case !known:
		case was != nil:
			if matched[was] = true; !f.worse(was) {
				f.Baseline = Unchanged
			}
		case f.Verdict == Unknown && asked[question{f.Rule, id}]:
			f.Baseline = Unchanged
		case id != f.Resource.ID && f.Waived != nil && strings.HasPrefix(f.Waived.By, inline):
			f.Waived = nil
			c.Refused++
		}
		if known && f.Verdict == Unknown {
			open[question{f.Rule, id}] = true
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
		if f.Verdict == Fail && f.Waived == nil && !matched[f] && !open[question{f.Rule, f.Resource.ID}] && !r.hidden(f) {
			c.Fixed++
		}
	}
	for i := range r.Gaps {
		if g := &r.Gaps[i]; g.Baseline == New && g.Accepted == nil {
			c.NewGaps++
		}
	}
	c.Reading = r.readingOfChange()
	r.Summary.Compared = c
	r.Summarize()
}

// hidden reports whether the resource of an older finding may still be there, because of a gap that was none then.
func (r *Result) hidden(f *Finding) bool {
	return slices.ContainsFunc(r.Gaps, func(g Gap) bool {
		return g.Baseline == New && hides(&g.Gap, f.Resource.Scope, f.Resource.Type)
	})
}
