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

// unchanged says how much is not listed.
func (p *page) unchanged(v *view, shown []*finding.Finding) {
	c := v.Summary.Compared
	if c == nil {
		return
	}
	all, _ := split(v.findings)
	fails := len(failing(all)) - len(failing(shown))
	unknowns := len(all) - len(shown) - fails
	if fails+unknowns > 0 {
		p.heading("UNCHANGED", faint, fmt.Sprintf("Not listed, because %s holds as well: %s, %s", c.With,
			plural(fails, "finding", "findings"), plural(unknowns, "unknown verdict", "unknown verdicts")), "")
	}
}

// comparison has the rows of the summary about a change.
func comparison(c *finding.Compared) [][]cell {
	return [][]cell{
		{{text: "new"}, {text: count(c.New), right: true}, {text: "of the failing findings are not in " + c.With, style: faint}},
		{{text: "same"}, {text: count(c.Unchanged), right: true}, {text: "are there as well", style: faint}},
		{{text: "fixed"}, {text: count(c.Fixed), right: true}, {text: "are there and no longer here", style: faint}},
	}
}

// verdictOfTheChange sums a comparison up.
func verdictOfTheChange(c *finding.Compared) string {
	switch {
	case c.New > 0:
		return "The change makes it worse: " + plural(c.New, "finding is new.", "findings are new.")
	case c.Fixed > 0:
		return "The change makes nothing worse, and fixes " + plural(c.Fixed, "finding.", "findings.")
	}
	return "The change makes nothing worse."
}
