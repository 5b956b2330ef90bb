package report

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// Finding writes everything that is known of one finding of a result, for people.
func Finding(w io.Writer, r *finding.Result, f finding.Finding, o Options) error {
	p := &page{w: w, color: o.Color, width: o.Width, max: o.MaxLines}
	rule := newView(r).rule(f.Rule)
	word, st := strings.ToUpper(string(f.Severity)), severityStyles[f.Severity]
	if f.Verdict != finding.Fail {
		word, st = strings.ToUpper(string(f.Verdict)), unsure
	}
	p.line(0, span{cmp.Or(word, "FINDING"), st}, span{"  " + cmp.Or(rule.Title, f.Rule), bold})
	p.line(2, span{f.Message, plain})
	p.blank()
	p.table(2, describe(r, f))
	for _, d := range f.Deciding {
		p.blank()
		w := want{d.Why, d.Call, d.Hint}
		p.line(2, span{"not read: ", unsure}, span{d.Fact, bold}, span{"  " + w.String(), plain})
		if d.Hint != "" {
			p.line(4, span{"hint: ", faint}, span{w.step(), bold})
		}
	}
	if f.Waived != nil {
		p.blank()
		p.line(2, span{"waived by ", plain}, span{terms(*f.Waived), plain})
		if f.Waived.Reason != "" {
			p.para(4, "reason: "+f.Waived.Reason, plain)
		}
	}
	if rule.Description != "" {
		p.blank()
		p.para(2, rule.Description, plain)
	}
	return p.err
}

// describe has a row for each thing known: its name and its value. What is not known has no row.
func describe(r *finding.Result, f finding.Finding) [][]cell {
	var rows [][]cell
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []cell{{text: name, style: faint}, {text: value}})
		}
	}
	res := f.Resource
	add("finding", f.Fingerprint)
	add("rule", f.Rule)
	add("resource", string(res.ID))
	add("name", res.Name)
	add("type", res.Type)
	add("part", f.At)
	add("scope", place(res.Scope))
	if w := where(res); w != place(res.Scope) {
		add("where", w)
	}
	add("owner", owner(res))
	add("purpose", res.Purpose)
	add("environment", res.Environment)
	add("tier", res.Tier)
	for _, k := range slices.Sorted(maps.Keys(f.Facts)) {
		add(factName(k), factValue(k, f.Facts[k]))
	}
	add("error", f.Error)
	add("baseline", f.Baseline)
	add("as of", clock(r.AsOf))
	return rows
}
