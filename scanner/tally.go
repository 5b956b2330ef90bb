package scanner

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// tallies counts verdicts by rule.
type tallies map[string]*finding.Tally

func newTallies(rules []finding.Rule) tallies {
	t := tallies{}
	for _, r := range rules {
		t[r.ID] = &finding.Tally{Rule: r.ID}
	}
	return t
}

func (t tallies) count(rule string, v finding.Verdict) {
	switch row := t[rule]; v {
	case finding.Pass:
		row.Pass++
	case finding.Fail:
		row.Fail++
	case finding.Unknown:
		row.Unknown++
	case finding.NotApplicable:
		row.NotApplicable++
	}
}

// add counts what another has counted of the same rules.
func (t tallies) add(o tallies) {
	for rule, more := range o {
		row := t[rule]
		row.Pass += more.Pass
		row.Fail += more.Fail
		row.Unknown += more.Unknown
		row.NotApplicable += more.NotApplicable
	}
}

func (t tallies) rows() []finding.Tally {
	out := make([]finding.Tally, 0, len(t))
	for _, row := range t {
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b finding.Tally) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}
