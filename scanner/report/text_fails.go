package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A group is what one rule says, in one severity, for one cause.
type group struct {
	severity finding.Severity
	rule     string
	message  string
}

// fails lists findings by severity and rule, then by cause, a line each.
func (p *page) fails(v *view, findings []*finding.Finding) {
	causes := map[group][]*finding.Finding{}
	for _, f := range findings {
		g := group{f.Severity, f.Rule, f.Message}
		causes[g] = append(causes[g], f)
	}
	order := slices.SortedFunc(maps.Keys(causes), func(a, b group) int {
		return cmp.Or(cmp.Compare(b.severity.Rank(), a.severity.Rank()), cmp.Compare(a.rule, b.rule),
			cmp.Compare(len(causes[b]), len(causes[a])), cmp.Compare(a.message, b.message), cmp.Compare(a.severity, b.severity))
	})
	var last group
	for i, g := range order {
		if i == 0 || g.rule != last.rule || g.severity != last.severity {
			p.heading(strings.ToUpper(string(g.severity)), severityStyles[g.severity], cmp.Or(v.rule(g.rule).Title, g.rule), g.rule)
		}
		last = g
		p.cause(g.message, causes[g])
	}
}

// cause lists the findings that share a message, the ones longest overdue first. What their facts have in common is said once.
func (p *page) cause(message string, findings []*finding.Finding) {
	if len(findings) > 1 {
		message += " (" + count(len(findings)) + ")"
	}
	facts := make([]map[string]any, len(findings))
	slices.SortStableFunc(findings, func(a, b *finding.Finding) int { return cmp.Or(cmp.Compare(age(b), age(a)), comparePlaces(a, b)) })
	for i, f := range findings {
		facts[i] = unnamed(f)
	}
	common, own := shared(facts)
	switch inCommon := factLines(common)[0]; {
	case inCommon == "":
		p.para(2, message, plain)
	case p.width > 0 && 2+text.StringWidth(clean(message+"  "+inCommon)) > p.width:
		p.para(2, message, plain)
		p.para(4, inCommon, faint)
	default:
		p.line(2, span{message, plain}, span{"  " + inCommon, faint})
	}
	p.list(4, len(findings), func(shown int) { p.table(4, findingRows(findings[:shown], own)) })
}

// unnamed returns the facts without those that the name of the row says already, such as the detector of a credential.
func unnamed(f *finding.Finding) map[string]any {
	facts := map[string]any{}
	for k, v := range f.Facts {
		if v != called(f) {
			facts[k] = v
		}
	}
	return facts
}

func comparePlaces(a, b *finding.Finding) int {
	if la, lb := a.Resource.Location, b.Resource.Location; la != nil && lb != nil {
		return cmp.Or(cmp.Compare(la.Path, lb.Path), cmp.Compare(la.StartLine, lb.StartLine))
	}
	return 0
}

func age(f *finding.Finding) float64 {
	s, _ := number(f.Facts["age_days"])
	days, _ := strconv.ParseFloat(s, 64)
	return days
}

// findingRows has for each finding: fingerprint, name, place, owner, whether it is new, and its own facts.
func findingRows(findings []*finding.Finding, facts []map[string]any) [][]cell {
	twins := map[string]int{} // names that say too little
	for _, f := range findings {
		twins[called(f)+"\x00"+where(f.Resource)]++
	}
	lines := factLines(facts[:len(findings)]...)
	rows := make([][]cell, len(findings))
	for i, f := range findings {
		name := called(f)
		if f.Resource.Location == nil && twins[name+"\x00"+where(f.Resource)] > 1 {
			name = withPart(string(f.Resource.ID), f.At)
		}
		state := ""
		if f.Baseline == "new" {
			state = "new"
		}
		rows[i] = []cell{
			{text: short(f.Fingerprint), style: faint},
			{text: name, style: bold, flex: true},
			{text: where(f.Resource), flex: true},
			{text: owner(f.Resource), flex: true},
			{text: state, style: unsure},
			{text: lines[i], below: true},
		}
	}
	return rows
}

// diagnostics lists what concerns the run rather than a resource.
func (p *page) diagnostics(v *view) {
	live, _ := split(v.diagnostics)
	if len(live) == 0 {
		return
	}
	p.heading("THIS RUN", bold, "Waivers, coverage and configuration", "")
	for i := 0; i < len(live); {
		rule, end := live[i].Rule, i
		for end < len(live) && live[end].Rule == rule {
			end++
		}
		p.diagnostic(v, live[i:end])
		i = end
	}
}

func (p *page) diagnostic(v *view, findings []*finding.Finding) {
	rule := v.rule(findings[0].Rule)
	p.line(2, span{cmp.Or(rule.Title, rule.ID), plain}, span{"  " + rule.ID, faint})
	p.list(4, len(findings), func(shown int) {
		var rows [][]cell
		for _, f := range findings[:shown] {
			name := called(f)
			if scope, ok := strings.CutPrefix(name, "scope:"); ok {
				name = place(inventory.Scope(scope))
			}
			rows = append(rows, []cell{{text: short(f.Fingerprint), style: faint}, {text: name, flex: true}, {text: factLines(f.Facts)[0], below: true}})
		}
		p.table(4, rows)
	})
}
