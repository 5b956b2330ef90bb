package finding

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Text of a gap that changes while what it is about does not: numbers of lines and columns, and how many more like it a file has.
var (
	positions = regexp.MustCompile(`\b(lines?|columns?|col) [0-9]+(-[0-9]+)?|\b[0-9]+[:,][0-9]+(-[0-9]+)?`)
	moreAlike = regexp.MustCompile(` \(and ([0-9]+) more like it in this file\)$`)
)

// cause is what a gap is told by in a comparison.
type cause struct {
	scope     inventory.Scope
	what, err string
	why       inventory.Reason
}

// causeOf returns what a gap is told by, and how many of the kind it stands for.
func causeOf(g *Gap, what string) (cause, int) {
	err, n := g.Err, 1
	if m := moreAlike.FindStringSubmatchIndex(err); m != nil {
		more, _ := strconv.Atoi(err[m[2]:m[3]]) // digits; too many of them are 0
		err, n = err[:m[0]], n+more
	}
	return cause{g.Scope, what, positions.ReplaceAllString(err, "$1"), g.Why}, n
}

// compareGaps marks every gap as new or unchanged. As many as there were before are unchanged.
func (r *Result) compareGaps(old *Result, then Earlier) {
	before := map[cause]int{}
	for i := range old.Gaps {
		k, n := causeOf(&old.Gaps[i], old.Gaps[i].What)
		before[k] += n
	}
	for i := range r.Gaps {
		g := &r.Gaps[i]
		k, n := causeOf(g, then.What(g.What))
		if before[k] -= n; before[k] < 0 {
			g.Baseline = New
		} else {
			g.Baseline = Unchanged
		}
	}
}

// baselineOfGap is New where any gap of that name is new.
func (r *Result) baselineOfGap(scope inventory.Scope, what string) string {
	if slices.ContainsFunc(r.Gaps, func(g Gap) bool { return g.Scope == scope && g.What == what && g.Baseline == New }) {
		return New
	}
	return Unchanged
}

// readingOfChange is how much was read, where what the earlier state lacks as well does not count.
func (r *Result) readingOfChange() Reading {
	brings := slices.ContainsFunc(r.Gaps, func(g Gap) bool { return g.Baseline == New && g.Accepted == nil && g.Incomplete() }) ||
		slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.Baseline == New && f.Verdict == Unknown && f.Waived == nil && f.Resource.Origin != inventory.Declared
		})
	if brings {
		return r.Reading
	}
	return Whole
}
