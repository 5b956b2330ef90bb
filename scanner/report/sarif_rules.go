package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// Limits of GitHub and GitLab on texts and tags; they drop or refuse what is longer.
const (
	maxShort   = 1024
	maxMessage = 1000
	maxTags    = 10
)

// sarifRules are the descriptions of rules in the order in which results refer to them by index.
type sarifRules struct {
	descriptors   []*sarif.ReportingDescriptor
	notifications []*sarif.ReportingDescriptor // diagnostics, and what only SARIF tells
	index         map[string]uint
}

// newSARIFRules describes every rule that was loaded, whether or not it found something, and those that results name besides.
func newSARIFRules(v *view, results []chosen) *sarifRules {
	described := map[string]*finding.Rule{}
	s := &sarifRules{descriptors: []*sarif.ReportingDescriptor{}, index: map[string]uint{}}
	for _, r := range v.rules {
		if !r.Meta {
			described[r.ID] = r
		}
	}
	for _, c := range results {
		if described[c.first.Rule] == nil {
			described[c.first.Rule] = v.rule(c.first.Rule)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(described)) {
		s.index[id] = uint(len(s.descriptors))
		s.descriptors = append(s.descriptors, descriptor(described[id]))
	}
	about := map[string]*finding.Rule{}
	for i := range notices {
		about[notices[i].ID] = &notices[i]
	}
	for _, r := range v.rules {
		if r.Meta {
			about[r.ID] = r
		}
	}
	for _, f := range v.diagnostics {
		if about[f.Rule] == nil {
			about[f.Rule] = v.rule(f.Rule)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(about)) {
		s.notifications = append(s.notifications, descriptor(about[id]))
	}
	return s
}

func descriptor(r *finding.Rule) *sarif.ReportingDescriptor {
	title := cmp.Or(r.Title, r.ID)
	about := cmp.Or(r.Description, title)
	help := ruleHelp(r)
	d := &sarif.ReportingDescriptor{
		ID: r.ID, Name: ptr(cut(pascal(r.ID), 255)),
		ShortDescription:     prose(cut(title, maxShort)),
		FullDescription:      prose(cut(about, maxShort)),
		DefaultConfiguration: &sarif.ReportingConfiguration{Level: level(r.Severity)},
		Help:                 &sarif.MultiformatMessageString{Text: ptr(help.text()), Markdown: ptr(help.markdown())},
	}
	d.Properties = sarif.Properties{"tags": tags(r), "severity": string(r.Severity)}
	if s := securitySeverity[r.Severity]; s != "" {
		d.Properties["security-severity"] = s
	}
	if len(r.Controls) > 0 {
		d.Properties["controls"] = r.Controls
	}
	if r.Remedy != "" {
		d.Properties["remedy"] = r.Remedy
	}
	return d
}

// securitySeverity is the middle of each of GitHub's ranges; critical begins above 9.0. Info has none: 0.0 means "none" there.
var securitySeverity = map[finding.Severity]string{
	finding.Critical: "9.5", finding.High: "8.0", finding.Medium: "5.5", finding.Low: "2.5",
}

// tags has at most ten: GitHub refuses a rule with more than twenty and both GitHub and GitLab keep ten. A weakness is tagged
// as GitHub writes it and as GitLab does.
func tags(r *finding.Rule) []string {
	all := []string{"security"}
	if area := r.Area(); area != "" {
		all = append(all, area)
	}
	for _, t := range r.Tags {
		if n, ok := strings.CutPrefix(strings.ToLower(t), "cwe-"); ok {
			all = append(all, "external/cwe/cwe-"+n, "cwe-"+n)
		} else {
			all = append(all, t)
		}
	}
	var out []string
	for _, t := range all {
		if t != "" && !slices.Contains(out, t) && len(out) < maxTags {
			out = append(out, t)
		}
	}
	return out
}

// pascal is a rule's ID as one word, which Azure DevOps wants as a name: RotationSigningKeyOverdue.
func pascal(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(r rune) bool { return r == '/' || r == '-' || r == '_' }) {
		first, size := utf8.DecodeRuneInString(word)
		b.WriteString(string(unicode.ToUpper(first)) + word[size:])
	}
	return cmp.Or(b.String(), "Rule")
}

// A help is the page of a rule as code scanning shows it: a paragraph, then headings with lists.
type help struct {
	about    string
	sections []helpSection
}

type helpSection struct {
	title string
	lines []string
}

func ruleHelp(r *finding.Rule) help {
	h := help{about: cmp.Or(r.Description, r.Title, r.ID)}
	add := func(title string, lines []string) {
		if len(lines) > 0 {
			h.sections = append(h.sections, helpSection{title, lines})
		}
	}
	if r.Remedy != "" {
		add("Remedy", []string{r.Remedy})
	}
	var settings, controls, references []string
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		s := r.Settings[name]
		settings = append(settings, fmt.Sprintf("%s (default %s): %s", name, factValue("", s.Default), s.About))
	}
	for _, framework := range slices.Sorted(maps.Keys(r.Controls)) {
		controls = append(controls, framework+": "+strings.Join(r.Controls[framework], ", "))
	}
	for _, ref := range r.References {
		references = append(references, strings.TrimPrefix(ref.Description+": "+ref.Ref, ": "))
	}
	add("Settings", settings)
	add("Controls", controls)
	add("References", references)
	return h
}

func (h help) text() string {
	var b strings.Builder
	b.WriteString(h.about)
	for _, s := range h.sections {
		b.WriteString("\n\n" + s.title + ":")
		for _, l := range s.lines {
			b.WriteString("\n- " + l)
		}
	}
	return b.String()
}

func (h help) markdown() string {
	var b strings.Builder
	b.WriteString(h.about)
	for _, s := range h.sections {
		b.WriteString("\n\n## " + s.title + "\n")
		for _, l := range s.lines {
			b.WriteString("\n- " + l)
		}
	}
	return b.String() + "\n"
}
