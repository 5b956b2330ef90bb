package report

import (
	"cmp"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// A chosen finding becomes one result. Findings of one rule on the same lines of one file are one result, as consumers would
// silently drop all but one of them: the first stands for all, and the message names each. A comparison parts them: what is new is a
// result beside what was there before, with an identity of its own.
type chosen struct {
	first  *finding.Finding
	more   []*finding.Finding
	beside bool // new, and a result of the same rule and lines is not
}

// all lists the findings of a result.
func (c chosen) all() []*finding.Finding { return append([]*finding.Finding{c.first}, c.more...) }

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
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), compareSpots(a, b), cmp.Compare(baselineState(b), baselineState(a)), compareWaived(a, b))
	})
	var out []chosen
	for _, f := range picked {
		c := chosen{first: f}
		if n := len(out); n > 0 && out[n-1].first.Rule == f.Rule && compareSpots(out[n-1].first, f) == 0 {
			if baselineState(out[n-1].first) == baselineState(f) {
				out[n-1].more = append(out[n-1].more, f)
				continue
			}
			c.beside = true
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b chosen) int { return compareFindings(a.first, b.first) })
	return out
}

// baselineState is SARIF's word for how a finding stands to a baseline: what is not known to have been there is new.
func baselineState(f *finding.Finding) string {
	if f.Baseline == finding.Unchanged {
		return "unchanged"
	}
	return "new"
}

// compareSpots orders by what consumers take for identity: the lines of a file, or else the resource and the part of it.
func compareSpots(a, b *finding.Finding) int {
	la, lb := located(a), located(b)
	switch {
	case la == nil && lb == nil:
		return cmp.Or(cmp.Compare(a.Resource.ID, b.Resource.ID), cmp.Compare(a.At, b.At))
	case la == nil:
		return -1
	case lb == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(cleanPath(la), cleanPath(lb)), cmp.Compare(startLine(la), startLine(lb)), cmp.Compare(endLine(la), endLine(lb)))
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
