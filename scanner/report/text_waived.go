package report

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// waived lists findings that a waiver covers, by waiver, apart from those that count.
func (p *page) waived(v *view, findings []*finding.Finding) {
	_, diagnostics := split(v.diagnostics)
	findings = append(findings, diagnostics...)
	if len(findings) == 0 {
		return
	}
	p.heading("WAIVED", faint, plural(len(findings), "finding", "findings")+" that somebody accepted; not counted above", "")
	p.waiverList(len(findings), func(i int) *finding.Waived { return findings[i].Waived }, func(i int) []cell {
		f := findings[i]
		verdict := ""
		if f.Verdict != finding.Fail {
			verdict = string(f.Verdict)
		}
		return []cell{
			{text: short(f.Fingerprint), style: faint}, {text: f.Rule, flex: true}, {text: called(f), style: bold, flex: true}, {text: where(f.Resource), flex: true}, {text: verdict, style: unsure},
		}
	})
}

// waiverList lists n things by the waiver that covers each, in the order in which the waivers first occur.
func (p *page) waiverList(n int, waiver func(int) *finding.Waived, row func(int) []cell) {
	var order []finding.Waived
	covered := map[finding.Waived][]int{}
	for i := range n {
		w := *waiver(i)
		w.Until = w.Until.UTC() // equal moments are equal values
		if covered[w] == nil {
			order = append(order, w)
		}
		covered[w] = append(covered[w], i)
	}
	for _, w := range order {
		p.para(2, terms(w), plain)
		if w.Reason != "" {
			p.para(4, "reason: "+w.Reason, plain)
		}
		items := covered[w]
		p.list(4, len(items), func(shown int) {
			var rows [][]cell
			for _, i := range items[:shown] {
				rows = append(rows, row(i))
			}
			p.table(4, rows)
		})
	}
}

// terms says who accepted something, and until when.
func terms(w finding.Waived) string {
	s := w.By
	if s == "" {
		s = "a waiver that is not named"
	}
	var more []string
	if !w.Until.IsZero() {
		more = append(more, "until "+w.Until.UTC().Format("2006-01-02"))
	}
	if w.Owner != "" {
		more = append(more, "owner "+w.Owner)
	}
	if w.Approver != "" {
		more = append(more, "approved by "+w.Approver)
	}
	if w.Ticket != "" {
		more = append(more, w.Ticket)
	}
	if len(more) == 0 {
		return s
	}
	return s + ": " + strings.Join(more, ", ")
}
