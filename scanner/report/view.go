package report

import (
	"cmp"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// A view is a result with its lists in order. It holds pointers: a hundred thousand findings are not copied to be sorted.
type view struct {
	*finding.Result
	findings    []*finding.Finding
	diagnostics []*finding.Finding
	gaps        []*finding.Gap
	coverage    []*finding.Coverage
	rules       []*finding.Rule
	tallies     []*finding.Tally
}

func newView(r *finding.Result) *view {
	v := &view{
		Result: r, findings: pointers(r.Findings), diagnostics: pointers(r.Diagnostics), gaps: pointers(r.Gaps),
		coverage: pointers(r.Coverage), rules: pointers(r.Rules), tallies: pointers(r.Tallies),
	}
	slices.SortStableFunc(v.findings, compareFindings)
	slices.SortStableFunc(v.diagnostics, compareFindings)
	slices.SortStableFunc(v.gaps, compareGaps)
	slices.SortStableFunc(v.coverage, func(a, b *finding.Coverage) int { return cmp.Compare(a.Scope, b.Scope) })
	slices.SortStableFunc(v.rules, func(a, b *finding.Rule) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(v.tallies, func(a, b *finding.Tally) int { return cmp.Compare(a.Rule, b.Rule) })
	return v
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// compareFindings is the order of finding.Result: severity (worst first), rule, resource, part; then what makes it total.
func compareFindings(a, b *finding.Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Resource.ID, b.Resource.ID),
		cmp.Compare(a.At, b.At), cmp.Compare(a.Verdict, b.Verdict), cmp.Compare(a.Message, b.Message), cmp.Compare(waivedBy(a.Waived), waivedBy(b.Waived)))
}

func compareGaps(a, b *finding.Gap) int {
	return cmp.Or(
		cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.What, b.What), cmp.Compare(a.Call, b.Call), cmp.Compare(a.Why, b.Why),
		cmp.Compare(a.Hint, b.Hint), cmp.Compare(a.Err, b.Err), cmp.Compare(waivedBy(a.Accepted), waivedBy(b.Accepted)))
}

func waivedBy(w *finding.Waived) string {
	if w == nil {
		return ""
	}
	return w.By + "\x00" + w.Reason
}

// rule returns what is known of a rule: its ID at least, as a result edited by hand may name a rule that it does not describe.
func (v *view) rule(id string) *finding.Rule {
	i, ok := slices.BinarySearchFunc(v.rules, id, func(r *finding.Rule, id string) int { return cmp.Compare(r.ID, id) })
	if !ok {
		return &finding.Rule{ID: id}
	}
	return v.rules[i]
}
