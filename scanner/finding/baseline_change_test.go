package finding_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// parse makes a result of findings written as "ID MESSAGE", where a message of "?" is an unknown verdict, one with ! is of the highest
// severity and one with ~ is waived.
func parse(findings string) *finding.Result {
	r := &finding.Result{}
	for _, text := range strings.Split(findings, ", ") {
		id, message, ok := strings.Cut(text, " ")
		if !ok {
			continue
		}
		f := finding.Finding{Rule: "area/rule", Verdict: finding.Fail, Severity: finding.Medium, Message: strings.Trim(message, "!~"), Resource: &finding.Resource{ID: inventory.ID(id), Type: "aws.kms.key", Scope: "repo/x"}}
		if message == "?" {
			f.Verdict = finding.Unknown
		}
		if strings.Contains(message, "!") {
			f.Severity = finding.Critical
		}
		if strings.Contains(message, "~") {
			f.Waived = &finding.Waived{By: "x"}
		}
		f.Fingerprint = finding.Fingerprint(f.Rule, f.Resource.ID, f.At)
		r.Findings = append(r.Findings, f)
	}
	return r
}

func TestCompareChange(t *testing.T) {
	for _, c := range []struct {
		name, then, now, marks string // marks: n for new, u for unchanged
		new, unchanged, fixed  int
	}{
		{"nothing", "", "", "", 0, 0, 0},
		{"the same", "a x", "a x", "u", 0, 1, 0},
		{"added", "", "a x", "n", 1, 0, 0},
		{"fixed", "a x", "", "", 0, 0, 1},
		{"another resource", "a x", "b x", "n", 1, 0, 1},
		{"moved", "old x", "new x", "u", 0, 1, 0},
		{"a second violation", "a x", "a x, a y", "un", 1, 1, 0},
		{"the same violation a second time", "a x", "a x, a x", "un", 1, 1, 0},
		{"another violation", "a x", "a y", "n", 1, 0, 1},
		{"more severe", "a x", "a x!", "n", 1, 0, 0},
		{"less severe", "a x!", "a x", "u", 0, 1, 0},
		{"told by now", "a ?", "a x", "n", 1, 0, 0},
		{"no longer told", "a x", "a ?", "u", 0, 0, 0},
		{"unknown as before", "a ?", "a ?", "u", 0, 0, 0},
		{"unknown and new", "", "a ?", "n", 0, 0, 0},
		{"waived as before", "a x~", "a x~", "u", 0, 0, 0},
		{"no longer waived", "a x~", "a x", "n", 1, 0, 0},
		{"waived by now", "a x", "a x~", "u", 0, 0, 0},
		{"a waived one is gone", "a x~", "", "", 0, 0, 0},
		{"an unlisted one", "unlisted:repo/x ?", "unlisted:repo/x ?", "u", 0, 0, 0},
	} {
		then, now := parse(c.then), parse(c.now)
		now.CompareChange(then, "main", func(id inventory.ID) (inventory.ID, bool) {
			if id == "new" {
				return "old", true
			}
			return id, true
		})
		marks := ""
		for _, f := range now.Findings {
			marks += f.Baseline[:1]
		}
		if got, want := *now.Summary.Compared, (finding.Compared{With: "main", New: c.new, Unchanged: c.unchanged, Fixed: c.fixed}); marks != c.marks || got != want {
			t.Errorf("%s: %s %+v, want %s %+v", c.name, marks, got, c.marks, want)
		}
		if now.Summarize(); now.Summary.Compared == nil {
			t.Errorf("%s: counting anew drops the comparison", c.name)
		}
	}
}

// What was not there has no twin, whatever its ID: another credential in the place of an old one.
func TestChangeWithoutTwin(t *testing.T) {
	now := parse("a x")
	now.CompareChange(parse("a x"), "main", func(id inventory.ID) (inventory.ID, bool) { return id, false })
	if got := *now.Summary.Compared; got.New != 1 || got.Fixed != 1 {
		t.Errorf("%+v", got)
	}
}

// What a gap may hide is not fixed, unless the gap was there before.
func TestHiddenIsNotFixed(t *testing.T) {
	gap := func(what string) []finding.Gap {
		return []finding.Gap{{Gap: inventory.Gap{Scope: "repo/x", Types: []string{"aws.kms.key"}, What: what}}}
	}
	for _, c := range []struct {
		then, now []finding.Gap
		fixed     int
	}{
		{nil, nil, 1},
		{nil, gap("a"), 0},
		{gap("a"), gap("a"), 1},
		{gap("b"), gap("a"), 0},
		{gap("a"), nil, 1},
	} {
		then, now := parse("a x"), parse("")
		then.Gaps, now.Gaps = c.then, c.now
		now.CompareChange(then, "main", func(id inventory.ID) (inventory.ID, bool) { return id, true })
		if got := now.Summary.Compared.Fixed; got != c.fixed {
			t.Errorf("then %v, now %v: %d are fixed, want %d", c.then, c.now, got, c.fixed)
		}
	}
}
