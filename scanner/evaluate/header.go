package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// header is the METADATA comment above the package of a rule. It is strict: a key that no rule has is an error.
//
//	# METADATA
//	# title: Signing key is past its rotation period
//	# description: Why it matters; then what to do.
//	# related_resources: [{ref: "https://...", description: "..."}]
//	# custom:
//	#   severity: {production: critical, default: high}    # or one word
//	#   applies_to: [key, "vault.*"]                       # kinds, types, or the start of a type with a star
//	#   settings: {max_age_days: {default: 90, about: "days ...", tiers: {staging: 30}}}
//	#   settings_from: {signing: rotation/signing-key-overdue}
//	#   controls: {pci-dss-4.0.1: ["3.7.4"]}
//	#   remedy: rotate
//	#   tags: [cwe-324]
//	#   replaces: [rotation/signing-key-overdue]
//	#   override: true
type header struct {
	Title       string          `yaml:"title"`
	Description string          `yaml:"description"`
	Related     []reference     `yaml:"related_resources"`
	Custom      customHeader    `yaml:"custom"`
	line        int             // of the METADATA comment
	severity    severitySetting // of Custom.Severity
}

type reference struct {
	Ref         string `yaml:"ref"`
	Description string `yaml:"description"`
}

type customHeader struct {
	Severity     any                      `yaml:"severity"`
	AppliesTo    []string                 `yaml:"applies_to"`
	Settings     map[string]settingHeader `yaml:"settings"`
	SettingsFrom map[string]string        `yaml:"settings_from"` // alias to the rule whose settings appear under it
	Controls     map[string][]string      `yaml:"controls"`
	Remedy       string                   `yaml:"remedy"`
	Tags         []string                 `yaml:"tags"`
	Replaces     []string                 `yaml:"replaces"` // rules that do not apply where this one fails
	Override     bool                     `yaml:"override"` // replaces a rule of the same name
}

type settingHeader struct {
	Default any            `yaml:"default"`
	About   string         `yaml:"about"`
	Tiers   map[string]any `yaml:"tiers"`
}

// parseHeader reads the METADATA comment that stands directly above the package clause. ok is false when there is none.
func parseHeader(file, text string) (h *header, ok bool, err error) {
	lines := strings.Split(text, "\n")
	pkg := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "package ") })
	if pkg < 0 {
		return nil, false, nil
	}
	first := pkg
	for first > 0 && strings.HasPrefix(lines[first-1], "#") {
		first--
	}
	block := lines[first:pkg]
	at := slices.IndexFunc(block, func(l string) bool { return strings.TrimSpace(strings.TrimPrefix(l, "#")) == "METADATA" })
	if at < 0 {
		return nil, false, nil
	}
	var doc strings.Builder
	for _, l := range block[at+1:] {
		doc.WriteString(strings.TrimPrefix(strings.TrimPrefix(l, "#"), " "))
		doc.WriteByte('\n')
	}
	h = &header{line: first + at + 1}
	if err := strictyaml.Decode(file, []byte(doc.String()), h); err != nil {
		m := &mistake{file: file, line: h.line, text: err.Error()}
		if e, ok := err.(*strictyaml.Error); ok {
			m.text = e.Text
			if e.Line > 0 {
				m.line += e.Line
			}
		}
		return nil, true, m
	}
	return h, true, nil
}

// check finds what a header lacks or spells wrongly.
func (h *header) check(file string) error {
	wrong := func(format string, args ...any) error {
		return &mistake{file: file, line: h.line, text: fmt.Sprintf(format, args...)}
	}
	c := &h.Custom
	switch {
	case strings.TrimSpace(h.Title) == "":
		return wrong("the header lacks a title; add \"# title: what is wrong, in a few words\"")
	case strings.TrimSpace(h.Description) == "":
		return wrong("the header lacks a description; say why it matters, then what to do")
	case c.Severity == nil:
		return wrong("the header lacks custom.severity; use one of %s", severityWords())
	case len(c.AppliesTo) == 0:
		return wrong("the header lacks custom.applies_to; name kinds or types of resource, such as [key] or [vault.token]")
	}
	sev, err := parseSeverity(c.Severity)
	if err != nil {
		return wrong("custom.severity: %v", err)
	}
	h.severity = sev
	for _, a := range c.AppliesTo {
		if err := checkTarget(a); err != nil {
			return wrong("custom.applies_to: %v", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		s := c.Settings[name]
		if s.Default == nil {
			return wrong("setting %q lacks a default", name)
		}
		if s.About == "" {
			return wrong("setting %q lacks \"about\"; say what it is, with its unit", name)
		}
		if !isValue(s.Default) {
			return wrong("setting %q has a default that is no number, text, true or false, or list of these", name)
		}
		if slices.Contains(ruleKeys, name) {
			return wrong("setting %q has a name with a meaning of its own in the configuration; choose another", name)
		}
		for _, tier := range slices.Sorted(maps.Keys(s.Tiers)) {
			if !slices.Contains(tiers, tier) {
				return wrong("setting %q: %s", name, unknown("tier", tier, tiers))
			}
			if _, err := sameType(s.Tiers[tier], s.Default); err != nil {
				return wrong("setting %q for %s %v", name, tier, err)
			}
		}
	}
	for _, alias := range slices.Sorted(maps.Keys(c.SettingsFrom)) {
		if _, taken := c.Settings[alias]; taken {
			return wrong("settings_from: %q is also the name of a setting", alias)
		}
	}
	return nil
}

func checkTarget(target string) error {
	if slices.Contains(kinds(), target) {
		return nil
	}
	probe := finding.Rule{AppliesTo: []string{target}}
	for _, t := range inventory.Types {
		if probe.Matches(t.Type, t.Kind) {
			return nil
		}
	}
	return errors.New(unknown("kind or type", target, append(kinds(), resourceTypes()...)))
}

// rule is what the header says, for everyone outside this package.
func (h *header) rule(id string, custom bool) finding.Rule {
	r := finding.Rule{
		ID: id, Title: strings.TrimSpace(h.Title), Description: strings.TrimSpace(h.Description),
		Severity: h.severity.worst(), ByTier: h.severity.byTier,
		AppliesTo: h.Custom.AppliesTo, Controls: h.Custom.Controls, Remedy: h.Custom.Remedy, Tags: h.Custom.Tags, Custom: custom,
	}
	for _, ref := range h.Related {
		r.References = append(r.References, finding.Reference(ref))
	}
	for name, s := range h.Custom.Settings {
		if r.Settings == nil {
			r.Settings = map[string]finding.Setting{}
		}
		r.Settings[name] = finding.Setting{Default: plainValue(s.Default), About: s.About}
	}
	return r
}
