package report

import (
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// listed returns the findings that count and those that a waiver covers. Of a result that was compared with an earlier state, what
// that holds already is left out: people are shown what a change makes of it. JSON, SARIF and Code Quality have all.
func (v *view) listed() (live, waived []*finding.Finding) {
	live, waived = split(v.findings)
	if v.Summary.Compared == nil {
		return live, waived
	}
	var fresh []*finding.Finding
	for _, f := range live {
		if f.Baseline != finding.Unchanged {
			fresh = append(fresh, f)
		}
	}
	return fresh, waived
}

// listedGaps returns the gaps that count, and of a comparison those that the earlier state has as well.
func (v *view) listedGaps() (listed, unchanged []*finding.Gap) {
	for _, g := range v.gaps {
		if v.Summary.Compared != nil && g.Baseline == finding.Unchanged {
			unchanged = append(unchanged, g)
		} else {
			listed = append(listed, g)
		}
	}
	return listed, unchanged
}

// unchanged says how much is not listed.
func (p *page) unchanged(v *view, shown []*finding.Finding) {
	c := v.Summary.Compared
	if c == nil {
		return
	}
	all, _ := split(v.findings)
	fails := len(failing(all)) - len(failing(shown))
	unknowns := len(all) - len(shown) - fails
	_, gaps := v.listedGaps()
	if fails+unknowns+len(gaps) > 0 {
		p.heading("UNCHANGED", faint, fmt.Sprintf("Not listed, because %s holds as well: %s, %s, %s", c.With,
			plural(fails, "finding", "findings"), plural(unknowns, "unknown verdict", "unknown verdicts"), plural(len(gaps), "gap", "gaps")), "")
	}
}

// comparison has the rows of the summary about a change.
func comparison(c *finding.Compared) [][]cell {
	rows := [][]cell{
		{{text: "new"}, {text: count(c.New), right: true}, {text: "of the failing findings are not in " + c.With, style: faint}},
		{{text: "same"}, {text: count(c.Unchanged), right: true}, {text: "are there as well", style: faint}},
		{{text: "fixed"}, {text: count(c.Fixed), right: true}, {text: "are there and no longer here", style: faint}},
	}
	if c.NewGaps > 0 {
		rows = append(rows, []cell{{text: "gaps", style: unsure}, {text: count(c.NewGaps), right: true, style: unsure}, {text: "are not in " + c.With + ": not read, or left open", style: faint}})
	}
	return rows
}

// verdictOfTheChange sums a comparison up.
func verdictOfTheChange(c *finding.Compared) string {
	switch {
	case c.New > 0:
		return "The change makes it worse: " + plural(c.New, "finding is new.", "findings are new.")
	case c.NewGaps > 0:
		return "The change makes nothing worse as far as can be told, but leaves more open: " + plural(c.NewGaps, "gap is new.", "gaps are new.")
	case c.Fixed > 0:
		return "The change makes nothing worse, and fixes " + plural(c.Fixed, "finding.", "findings.")
	}
	return "The change makes nothing worse."
}
