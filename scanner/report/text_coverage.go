package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// coverage says scope by scope how much was read. Where not all scopes are listed, those that lack most come first.
func (p *page) coverage(v *view) {
	if len(v.coverage) == 0 {
		return
	}
	p.heading("COVERAGE", bold, "What was asked, and how much was answered", "")
	rows := slices.Clone(v.coverage)
	if p.max > 0 && len(rows) > p.max {
		slices.SortStableFunc(rows, func(a, b *finding.Coverage) int { return cmp.Compare(lacking(b), lacking(a)) })
	}
	p.list(2, len(rows), func(shown int) {
		table := [][]cell{{
			{text: "scope", style: faint},
			{text: "calls", style: faint, right: true},
			{text: "resources", style: faint, right: true},
			{text: "gaps", style: faint, right: true},
			{text: "facts read", style: faint, right: true},
			{},
		}}
		for _, c := range rows[:shown] {
			table = append(table, coverageRow(c))
		}
		p.table(2, table)
	})
	for _, c := range v.coverage {
		for _, why := range slices.Sorted(maps.Keys(c.LeftOut)) {
			p.line(2, span{place(c.Scope) + " left out: " + count(c.LeftOut[why]) + " " + why, faint})
		}
		for _, note := range c.Notes {
			p.line(2, span{place(c.Scope) + ": " + note, unsure})
		}
	}
}

func coverageRow(c *finding.Coverage) []cell {
	calls := 0
	for _, n := range c.Calls {
		calls += n
	}
	note := ""
	if c.Emulated {
		note = "emulated"
	}
	share, st := "-", plain
	if c.Facts > 0 {
		share = percent(c.Facts-c.Unknown, c.Facts)
	}
	if lacking(c) > 0 {
		st = unsure
	}
	return []cell{
		{text: place(c.Scope), flex: true},
		{text: count(calls), right: true},
		{text: count(c.Resources), right: true},
		{text: count(c.Gaps), right: true, style: st},
		{text: share, right: true, style: st},
		{text: note, style: unsure},
	}
}

// lacking orders scopes by what they lack: a gap hides more than a fact.
func lacking(c *finding.Coverage) float64 {
	missing := float64(c.Gaps)
	if c.Facts > 0 {
		missing += float64(c.Unknown) / float64(c.Facts)
	}
	return missing
}

// percent rounds down, so that only all is 100 %.
func percent(part, all int) string { return fmt.Sprintf("%d %%", 100*part/all) }
