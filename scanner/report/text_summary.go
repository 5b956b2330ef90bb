package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// summary counts verdicts and says what to do next.
func (p *page) summary(v *view, live []*finding.Finding) {
	p.heading("SUMMARY", bold, verdictOfTheRun(v), "")
	s := v.Summary
	fail, unknown := plain, plain
	if s.Fail > 0 {
		fail = severityStyles[finding.High]
	}
	if s.Unknown > 0 {
		unknown = unsure
	}
	pass := plain
	if s.Pass > 0 && v.Reading == finding.Whole {
		pass = good
	}
	rows := [][]cell{
		{{text: "fail", style: fail}, {text: count(s.Fail), right: true, style: fail}, {text: severities(s)}},
		{{text: "unknown", style: unknown}, {text: count(s.Unknown), right: true, style: unknown}, {text: "could not be told; not a pass", style: faint}},
		{{text: "waived"}, {text: count(s.Waived), right: true}, {text: "accepted for a time; counted nowhere else", style: faint}},
		{{text: "pass", style: pass}, {text: count(s.Pass), right: true, style: pass}, {}},
		{{text: "n/a"}, {text: count(s.NotApplicable), right: true}, {text: "the rule does not apply", style: faint}},
	}
	if s.Compared != nil {
		rows = append(rows, comparison(s.Compared)...)
	} else if fresh := fresh(live); fresh >= 0 {
		rows = append(rows, []cell{{text: "new"}, {text: count(fresh), right: true}, {text: "not in the baseline", style: faint}})
	}
	p.table(2, rows)
	p.blank()
	for _, step := range nextSteps(v, live) {
		p.line(2, span{"next: ", faint}, span{step, plain})
	}
	if p.cut {
		p.line(2, span{"Long lists were cut; --max-lines 0 shows all.", faint})
	}
}

func verdictOfTheRun(v *view) string {
	s, reading := v.Summary, v.ReadingThatCounts()
	switch {
	case reading == finding.Nothing:
		return "Nothing was read. That is not all-clear: nothing is known."
	case s.Compared != nil && (s.Compared.New > 0 || reading == finding.Whole):
		return verdictOfTheChange(s.Compared)
	case s.Compared != nil:
		return "Nothing that was read is worse, but the change brings " + plural(s.Compared.NewGaps, "gap.", "gaps.")
	case s.Resources == 0 && len(v.gaps) > 0:
		return "No resource was read, and there are gaps: little is known."
	case s.Resources == 0 && v.Verb == "lint" && reading == finding.Whole && !acceptedGaps(v): // the usual end of a good day: no credential was found
		if passedOver(v) {
			return "Nothing was found in what was looked at; what was left out is counted above."
		}
		return "Everything was read, and nothing was found."
	case s.Resources == 0:
		return "No resource was found, so there was nothing to judge."
	case s.Fail > 0 && s.Unknown > 0:
		return plural(s.Fail, "finding fails", "findings fail") + ", and " + plural(s.Unknown, "verdict is", "verdicts are") + " unknown."
	case s.Fail > 0:
		return plural(s.Fail, "finding fails.", "findings fail.")
	case s.Unknown > 0:
		return "Nothing fails as far as can be told, but " + plural(s.Unknown, "verdict is", "verdicts are") + " unknown."
	case reading != finding.Whole:
		return "Nothing fails in what was read, but not everything was read."
	case s.Waived > 0:
		return "Nothing fails but what is waived: " + plural(s.Waived, "verdict.", "verdicts.")
	case acceptedGaps(v):
		return "Nothing fails in what was read. What was not read is accepted."
	case s.Pass == 0:
		return "Nothing fails, but no rule had anything to say."
	case slices.ContainsFunc(v.gaps, leftOpen):
		return "Nothing fails in what was judged; what is left open, above, was not."
	case unreadFacts(v, isLive):
		return "Nothing fails in what was read, which is as much as the configuration asks for."
	case unreadFacts(v, nil):
		return "Nothing fails, whatever the facts are that the files leave open."
	}
	if passedOver(v) {
		return "Nothing fails in what was looked at; what was left out is counted above."
	}
	return "Everything was read, and nothing fails."
}

// passedOver reports whether files were passed over, or sought in by other rules than ours.
func passedOver(v *view) bool {
	return slices.ContainsFunc(v.coverage, func(c *finding.Coverage) bool { return len(c.LeftOut)+len(c.Notes) > 0 })
}

// acceptedGaps reports whether something was not read that was to be.
func acceptedGaps(v *view) bool {
	return slices.ContainsFunc(v.gaps, func(g *finding.Gap) bool { return g.Incomplete() })
}

// leftOpen reports whether a gap is something declared in a way that is not resolved, which nobody accepted.
func leftOpen(g *finding.Gap) bool { return g.Accepted == nil && g.Why == inventory.NotStated }

// unreadFacts reports whether facts were not read, none of which decided, in scopes of the kind asked for; nil is any.
func unreadFacts(v *view, of func(inventory.Scope) bool) bool {
	return slices.ContainsFunc(v.coverage, func(c *finding.Coverage) bool { return c.Unknown > 0 && (of == nil || of(c.Scope)) })
}

// isLive reports whether a scope is one of a back end, of which configuration says what is read, and no repository.
func isLive(s inventory.Scope) bool { return s.Backend() != "repo" }

// severities counts the fails by severity, worst first: "1 critical, 2 high".
func severities(s finding.Summary) string {
	var parts []string
	all := finding.Severities()
	slices.Reverse(all)
	for _, severity := range all {
		if n := s.BySeverity[severity]; n > 0 {
			parts = append(parts, count(n)+" "+string(severity))
		}
	}
	return strings.Join(parts, ", ")
}

// fresh counts the failing findings that a baseline does not hold; -1: there was no baseline.
func fresh(live []*finding.Finding) int {
	n, compared := 0, false
	for _, f := range live {
		compared = compared || f.Baseline != ""
		if f.Verdict == finding.Fail && f.Baseline == "new" {
			n++
		}
	}
	if !compared {
		return -1
	}
	return n
}

// nextSteps says what would help most, the most urgent first.
func nextSteps(v *view, live []*finding.Finding) []string {
	var steps []string
	reading := v.ReadingThatCounts()
	gaps, _ := v.listedGaps()
	if reading == finding.Nothing || v.Summary.Resources == 0 && (reading != finding.Whole || v.Verb != "lint") {
		for _, g := range gaps {
			if g.Hint != "" && g.Accepted == nil {
				return append(steps, fmt.Sprintf("%s (%s of %s), then read again", want{g.Why, g.Call, g.Hint}.step(), g.What, place(g.Scope)))
			}
		}
		return append(steps, "look at what the configuration names, then read again")
	}
	if f := failing(live); len(f) > 0 {
		steps = append(steps, "keyreeve explain "+f[0].Rule+" says why the worst matters and what to do")
	}
	if u := unknown(live); len(u) > 0 {
		for _, q := range questions(u) {
			for _, w := range q.wants {
				if w.why == inventory.NotStated {
					return append(steps, "settle what the files leave open ("+w.hint+"): a default, a .tfvars file, or a plan by terraform show -json beside the code")
				}
				if w.hint != "" {
					return append(steps, fmt.Sprintf("%s, then read again: %s", w.step(), plural(len(q.findings), "verdict hangs on it", "verdicts hang on it")))
				}
			}
		}
	}
	for _, g := range gaps {
		if g.Hint != "" && g.Accepted == nil && g.Incomplete() {
			return append(steps, fmt.Sprintf("%s, to read the %s of %s", want{g.Why, g.Call, g.Hint}.step(), g.What, cmp.Or(place(g.Scope), "the estate")))
		}
	}
	switch {
	case len(steps) > 0:
	case reading != finding.Whole:
		steps = append(steps, "look at what could not be read, above; nothing is known about what is there")
	case slices.ContainsFunc(gaps, leftOpen):
		steps = append(steps, "look at what is left open, above; it is not judged")
	default:
		steps = append(steps, "nothing has to be done")
	}
	return steps
}
