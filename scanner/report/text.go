package report

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// writeText writes a result for people. From top to bottom it gets calmer: what was judged, what fails (worst first), what
// could not be told and the permission that would tell it, what was accepted, how much was read. The summary and the next
// step stand last, where a terminal stops.
func writeText(w io.Writer, v *view, o Options) error {
	p := &page{w: w, color: o.Color, width: o.Width, max: o.MaxLines}
	p.header(v)
	live, waived := v.listed()
	p.fails(v, failing(live))
	p.unknowns(v, unknown(live))
	p.unchanged(v, live)
	p.gaps(v)
	p.diagnostics(v)
	p.waived(v, waived)
	p.coverage(v)
	p.summary(v, live)
	return p.err
}

// header says what was judged, when, and where a test server answered.
func (p *page) header(v *view) {
	p.line(0, span{"keyreeve " + cmp.Or(v.Verb, "report"), bold}, span{"  " + cmp.Or(v.Tool, "of unknown version"), faint})
	rules := 0
	for _, r := range v.rules {
		if !r.Meta {
			rules++
		}
	}
	when := "Read and judged as of " + clock(v.AsOf) + "."
	if !v.TakenAt.Equal(v.AsOf) {
		when = "Read at " + clock(v.TakenAt) + ", judged as of " + clock(v.AsOf) + "."
	}
	p.para(0, fmt.Sprintf("%s in %s, %s. %s", plural(v.Summary.Resources, "resource", "resources"), plural(len(v.coverage), "scope", "scopes"),
		plural(rules, "rule", "rules"), when), plain)
	if len(v.Off) > 0 {
		p.para(0, "Switched off by configuration: "+strings.Join(v.Off, ", "), unsure)
	}
	p.emulated(v)
	if v.Reading == finding.Nothing {
		p.line(0, span{"NOTHING WAS READ", unsure}, span{"  What follows says nothing about the estate.", plain})
	}
}

// emulated names the scopes that a test server answered for, so that nobody takes their verdicts for real ones.
func (p *page) emulated(v *view) {
	var scopes []string
	for _, c := range v.coverage {
		if c.Emulated {
			scopes = append(scopes, place(c.Scope))
		}
	}
	switch {
	case len(scopes) > 0:
		p.line(0, span{"EMULATED", unsure}, span{"  A test server answered, no real back end: " + listed(scopes, func(s string) string { return s }), plain})
	case v.Emulated:
		p.line(0, span{"EMULATED", unsure}, span{"  A test server answered, no real back end.", plain})
	}
}

// heading starts a section: a word in the left margin, what it is about, and a name at the right or below.
func (p *page) heading(word string, st style, about, name string) {
	p.blank()
	const margin = 10
	gap := strings.Repeat(" ", columnGap) // of a word that fills the margin
	if n := margin - text.StringWidth(word); n > 0 {
		gap = strings.Repeat(" ", n)
	}
	head := []span{{word, st}, {gap, plain}, {about, bold}}
	if name == "" {
		p.line(0, head...)
		return
	}
	if p.width > 0 && text.StringWidth(clean(word+gap+about+name))+columnGap > p.width {
		p.line(0, head...)
		p.line(margin, span{name, faint})
		return
	}
	p.line(0, append(head, span{"  " + name, faint})...)
}

// severityStyles are the colours of a fail.
var severityStyles = map[finding.Severity]style{
	finding.Critical: {text.FgHiWhite, text.BgRed, text.Bold}, finding.High: {text.FgRed, text.Bold}, finding.Medium: {text.FgYellow, text.Bold},
	finding.Low: {text.FgCyan}, finding.Info: {text.FgBlue},
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "a time not recorded"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// place writes a scope for people: parts that are not known are left out.
func place(s inventory.Scope) string {
	return s.Short()
}

// where says where a resource is: file and line in a repository, the scope of a live one.
func where(r *finding.Resource) string {
	s := place(r.Scope)
	if r.Location != nil {
		s = fmt.Sprintf("%s:%d", r.Location.Path, r.Location.StartLine)
	}
	if r.Emulated {
		s += " (emulated)"
	}
	return s
}

// called is what a person calls a resource and the part of it that a finding is about. Where it stands is not repeated.
func called(f *finding.Finding) string {
	name := cmp.Or(f.Resource.Name, string(f.Resource.ID))
	switch l := f.Resource.Location; {
	case l == nil:
	case name == l.Path && f.Resource.Type != "": // the file itself, such as the image of a Dockerfile
		name = path.Base(name)
	case strings.HasPrefix(name, l.Path):
		name = strings.Trim(strings.TrimPrefix(name, l.Path), ":# ")
		if name == fmt.Sprint(l.StartLine) {
			name = ""
		}
	}
	if f.At != "" && name == string(f.Resource.Scope) { // a scope, and what could not be listed in it
		return f.At
	}
	return withPart(name, f.At)
}

func withPart(name, at string) string {
	if at == "" {
		return name
	}
	return strings.TrimSpace(name + " [" + at + "]")
}

func owner(r *finding.Resource) string {
	if r.Owner == "" && r.Name != string(r.Scope) { // a scope is nobody's
		return "no owner"
	}
	return r.Owner
}

// short is as much of a fingerprint as "keyreeve explain" needs.
func short(fingerprint string) string { return fingerprint[:min(8, len(fingerprint))] }

func split(findings []*finding.Finding) (live, waived []*finding.Finding) {
	for _, f := range findings {
		if f.Waived != nil {
			waived = append(waived, f)
		} else {
			live = append(live, f)
		}
	}
	return live, waived
}

func failing(findings []*finding.Finding) (out []*finding.Finding) {
	for _, f := range findings {
		if f.Verdict == finding.Fail {
			out = append(out, f)
		}
	}
	return out
}

// unknown returns what is no fail: a verdict that this version does not know is shown, and never as something good.
func unknown(findings []*finding.Finding) (out []*finding.Finding) {
	for _, f := range findings {
		if f.Verdict != finding.Fail {
			out = append(out, f)
		}
	}
	return out
}
