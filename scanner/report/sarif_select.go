package report

import (
	"cmp"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// A chosen finding becomes one result. Findings of one rule on the same lines of one file are one result, as consumers would
// silently drop all but one of them: the first stands for all, and the result says how many there are.
type chosen struct {
	first *finding.Finding
	more  []*finding.Finding
}

// choose returns what becomes results, worst first.
func choose(v *view, o Options) []chosen {
	var picked []*finding.Finding
	for _, f := range v.findings {
		wanted := f.Verdict == finding.Fail || o.Unknowns
		if wanted && (f.Waived == nil || o.Suppressed == "include") {
			picked = append(picked, f)
		}
	}
	slices.SortStableFunc(picked, func(a, b *finding.Finding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), compareSpots(a, b), compareWaived(a, b))
	})
	var out []chosen
	for _, f := range picked {
		if n := len(out); n > 0 && out[n-1].first.Rule == f.Rule && compareSpots(out[n-1].first, f) == 0 {
			out[n-1].more = append(out[n-1].more, f)
			continue
		}
		out = append(out, chosen{first: f})
	}
	slices.SortStableFunc(out, func(a, b chosen) int { return compareFindings(a.first, b.first) })
	return out
}

// compareSpots orders by what consumers take for identity: the lines of a file, or else the resource and the part of it.
func compareSpots(a, b *finding.Finding) int {
	la, lb := a.Resource.Location, b.Resource.Location
	switch {
	case la == nil && lb == nil:
		return cmp.Or(cmp.Compare(a.Resource.ID, b.Resource.ID), cmp.Compare(a.At, b.At))
	case la == nil:
		return -1
	case lb == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(la.Path, lb.Path), cmp.Compare(startLine(la), startLine(lb)), cmp.Compare(endLine(la), endLine(lb)))
}

// compareWaived puts what counts before what is waived, so that a waiver never hides another finding on its line, and a fail before an unknown.
func compareWaived(a, b *finding.Finding) int {
	rank := func(f *finding.Finding) int {
		n := 0
		if f.Waived != nil {
			n += 2
		}
		if f.Verdict != finding.Fail {
			n++
		}
		return n
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()))
}
