package finding_test

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// then is an earlier state: twin tells what a resource was.
type then func(inventory.ID) (inventory.ID, bool)

func (t then) Twin(id inventory.ID) (inventory.ID, bool) { return t(id) }

// What knows of one file that was renamed.
func (t then) What(what string) string { return strings.Replace(what, "renamed.tf", "old.tf", 1) }

// HasPart knows of one part without a finding.
func (t then) HasPart(_ inventory.ID, at string) bool { return at == "#9" }

func unmoved(id inventory.ID) (inventory.ID, bool) { return id, true }

// parse makes a result of findings written as "ID MESSAGE", where a message of "?" is an unknown verdict, one with ! is of the highest
// severity and one with ~ is waived. After @ follows the part, with _ for a space, and after = a fact: a list with + between.
func parse(findings string) *finding.Result {
	r := &finding.Result{}
	for _, text := range strings.Split(findings, ", ") {
		id, message, ok := strings.Cut(text, " ")
		if !ok {
			continue
		}
		message, fact, _ := strings.Cut(message, "=")
		message, at, _ := strings.Cut(message, "@")
		f := finding.Finding{At: strings.ReplaceAll(at, "_", " "), Rule: "area/rule", Verdict: finding.Fail, Severity: finding.Medium, Message: strings.Trim(message, "!~"), Resource: &finding.Resource{ID: inventory.ID(id), Type: "aws.kms.key", Origin: inventory.Declared, Scope: "repo/x"}}
		if fact != "" {
			f.Facts = map[string]any{"actions": strings.Split(fact, "+")}
		}
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
		{"another inserted before it", "a x@#1", "a y@#1, a x@#2", "nu", 1, 1, 0},
		{"a step inserted", "a x@step_1=k", "a x@step_1=s, a x@step_2=k", "nu", 1, 1, 0},
		{"one inserted that is the same", "a x@#1", "a x@#1, a x@#2", "un", 1, 1, 0},
		{"one removed before it", "a x@#1=k, a x@#2=s", "a x@#1=s", "u", 0, 1, 1},
		{"two swapped", "a x@#1=k, a x@#2=s", "a x@#1=s, a x@#2=k", "uu", 0, 2, 0},
		{"other facts in the same place", "a x@#1=k", "a x@#1=s", "n", 1, 0, 0},
		{"other facts in another place", "a x@#1=k", "a x@#2=s", "n", 1, 0, 1},
		{"a part in the middle of a name", "a x@#1/sub", "a x@#2/sub", "u", 0, 1, 0},
		{"another name", "a x@VAULT_TOKEN", "a x@ARM_SECRET", "n", 1, 0, 1},
		{"a name with a number", "a x@TOKEN1", "a x@TOKEN2", "n", 1, 0, 1},
		{"inserted before it, and no longer waived", "a x~@#1", "a x@#2", "n", 1, 0, 0},
		{"more than before", "a x@Use=k", "a x@Use=k+s", "n", 1, 0, 0},
		{"less than before", "a x@Use=k+s", "a x@Use=s", "u", 0, 1, 0},
		{"another pattern", "a x=app:web-*", "a x=*:*", "n", 1, 0, 0},
		{"a narrower pattern", "a x=*:*", "a x=app:?-*", "u", 0, 1, 0},
		{"one character is no star", "a x=app:?", "a x=app:*", "n", 1, 0, 0},
		{"of two the one that is no worse", "a x@Use=k, a x@Use=k+s", "a x@Use=s, a x@Use=k", "uu", 0, 2, 0},
		{"given a name", "a x@#1=k", "a x@Use=k", "u", 0, 1, 0},
		{"a name, and worse", "a x@#1=k", "a x@Use=k+s", "n", 1, 0, 1},
		{"a name beside the old one", "a x@#1=k", "a x@#1=k, a x@Use=k", "un", 1, 1, 0},
		{"a name beside a part that is in order now", "a x@#9=k", "a x@Use=k", "n", 1, 0, 1},
		{"two get names", "a x@#1=k, a x@#2=k", "a x@One=k, a x@Two=k, a x@Three=k", "uun", 1, 2, 0},
		{"a step given a name", "a x@step_2/KEY=k", "a x@deploy/KEY=k", "u", 0, 1, 0},
		{"a step given a name, another variable", "a x@step_2/KEY=k", "a x@deploy/TOKEN=k", "n", 1, 0, 1},
		{"an action given a name", "a x@aws-actions/login/KEY=k", "a x@deploy/KEY=k", "u", 0, 1, 0},
		{"another action", "a x@aws-actions/login/KEY=k", "a x@other/login/KEY=k", "n", 1, 0, 1},
		{"an unlisted one", "unlisted:repo/x ?", "unlisted:repo/x ?", "u", 0, 0, 0},
	} {
		before, now := parse(c.then), parse(c.now)
		now.CompareChange(before, "main", then(func(id inventory.ID) (inventory.ID, bool) {
			if id == "new" {
				return "old", true
			}
			return id, true
		}))
		marks := ""
		for _, f := range now.Findings {
			marks += f.Baseline[:1]
		}
		if got, want := *now.Summary.Compared, (finding.Compared{With: "main", New: c.new, Unchanged: c.unchanged, Fixed: c.fixed, Reading: finding.Whole}); marks != c.marks || got != want {
			t.Errorf("%s: %s %+v, want %s %+v", c.name, marks, got, c.marks, want)
		}
		if now.Summarize(); now.Summary.Compared == nil {
			t.Errorf("%s: counting anew drops the comparison", c.name)
		}
	}
}

// Of the numbers among facts the limit tells which are better.
func TestNumbersOfAChange(t *testing.T) {
	type facts = map[string]any
	for _, c := range []struct {
		name      string
		then, now facts
		mark      string
	}{
		{"closer to the least", facts{"window_days": 7, "min_days": 30}, facts{"window_days": 20, "min_days": 30}, finding.Unchanged},
		{"further from the least", facts{"window_days": 20, "min_days": 30}, facts{"window_days": 7, "min_days": 30}, finding.New},
		{"closer to the most", facts{"valid_days": 400, "limit_days": 90}, facts{"valid_days": 200, "limit_days": 90}, finding.Unchanged},
		{"further from the most", facts{"valid_days": 200, "limit_days": 90}, facts{"valid_days": 400, "limit_days": 90}, finding.New},
		{"with max in its name", facts{"ttl": 5, "max_ttl": 3}, facts{"ttl": 6, "max_ttl": 3}, finding.New},
		{"what the resource sets is called max", facts{"max_versions": 2, "min_versions": 3}, facts{"max_versions": 1, "min_versions": 3}, finding.New},
		{"and more of it is better", facts{"max_versions": 1, "min_versions": 3}, facts{"max_versions": 2, "min_versions": 3}, finding.Unchanged},
		{"without a limit", facts{"period": 2}, facts{"period": 1}, finding.New},
		{"another limit", facts{"valid_days": 400, "limit_days": 90}, facts{"valid_days": 400, "limit_days": 100}, finding.New},
		{"limits of both kinds", facts{"n": 4, "limit_a": 1, "min_b": 1}, facts{"n": 3, "limit_a": 1, "min_b": 1}, finding.New},
		{"a fact more", facts{"valid_days": 400}, facts{"valid_days": 400, "limit_days": 90}, finding.New},
		{"a fact in the place of another", facts{"a": 1}, facts{"b": 1}, finding.New},
		{"no fact now", facts{"a": 1}, nil, finding.New},
		{"another word", facts{"device": "a"}, facts{"device": "b"}, finding.New},
		{"not known any more", facts{"actions": []string{"a"}}, facts{"actions": nil}, finding.New},
		{"an empty list", facts{"audiences": []string{"a"}}, facts{"audiences": []string{}}, finding.New},
	} {
		before, now := parse("a x"), parse("a x")
		before.Findings[0].Facts, now.Findings[0].Facts = c.then, c.now
		now.CompareChange(before, "main", then(unmoved))
		if got := now.Findings[0].Baseline; got != c.mark || now.Summary.Compared.Fixed != 0 {
			t.Errorf("%s: %s, want %s; %+v", c.name, got, c.mark, now.Summary.Compared)
		}
	}
}

// What was not there has no twin, whatever its ID: another credential in the place of an old one.
func TestChangeWithoutTwin(t *testing.T) {
	now := parse("a x")
	now.CompareChange(parse("a x"), "main", then(func(id inventory.ID) (inventory.ID, bool) { return id, false }))
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
		before, now := parse("a x"), parse("")
		before.Gaps, now.Gaps = c.then, c.now
		now.CompareChange(before, "main", then(unmoved))
		if got := now.Summary.Compared.Fixed; got != c.fixed {
			t.Errorf("then %v, now %v: %d are fixed, want %d", c.then, c.now, got, c.fixed)
		}
	}
}

// Gaps that the earlier state has as well are unchanged, however lines move and files are renamed, and do not make the reading
// partial; one more of a kind is new.
func TestGapsOfAChange(t *testing.T) {
	gap := func(what string, why inventory.Reason, err string) finding.Gap {
		return finding.Gap{Gap: inventory.Gap{Scope: "repo/x", What: what, Why: why, Err: err}}
	}
	broken := func(what, err string) finding.Gap { return gap(what, inventory.Unreadable, err) }
	open := func(err string) finding.Gap { return gap("a.tf", inventory.NotStated, err) }
	accepted := broken("b.tf", "broken")
	accepted.Accepted = &finding.Waived{By: "w"}
	for _, c := range []struct {
		name      string
		then, now []finding.Gap
		marks     string
		new       int
		reading   finding.Reading
	}{
		{"the same", []finding.Gap{broken("a.tf", "broken")}, []finding.Gap{broken("a.tf", "broken")}, "u", 0, finding.Whole},
		{"moved lines", []finding.Gap{broken("a.tf", "line 3: broken at 3,7-9")}, []finding.Gap{broken("a.tf", "line 30: broken at 30,1-12")}, "u", 0, finding.Whole},
		{"renamed", []finding.Gap{broken("old.tf", "broken")}, []finding.Gap{broken("renamed.tf", "broken")}, "u", 0, finding.Whole},
		{"another file", []finding.Gap{broken("a.tf", "broken")}, []finding.Gap{broken("b.tf", "broken")}, "n", 1, finding.Partial},
		{"another cause", []finding.Gap{broken("a.tf", "broken")}, []finding.Gap{broken("a.tf", "denied")}, "n", 1, finding.Partial},
		{"added", nil, []finding.Gap{broken("a.tf", "broken")}, "n", 1, finding.Partial},
		{"one more", []finding.Gap{open("line 1: x")}, []finding.Gap{open("line 1: x"), open("line 5: x")}, "un", 1, finding.Whole},
		{"one more of those counted", []finding.Gap{open("line 1: x (and 1 more like it in this file)")}, []finding.Gap{open("line 1: x (and 2 more like it in this file)")}, "n", 1, finding.Whole},
		{"one less of those counted", []finding.Gap{open("line 1: x (and 1 more like it in this file)")}, []finding.Gap{open("line 8: x")}, "u", 0, finding.Whole},
		{"accepted", nil, []finding.Gap{accepted}, "n", 0, finding.Whole},
	} {
		before, now := parse(""), parse("unlisted:repo/x ?")
		before.Gaps, now.Gaps, now.Reading = c.then, c.now, finding.Partial
		now.Findings[0].Resource.Scope, now.Findings[0].At = "repo/x", "b.tf"
		if c.name == "accepted" {
			now.Findings[0].Waived = accepted.Accepted
		}
		now.CompareChange(before, "main", then(unmoved))
		marks := ""
		for _, g := range now.Gaps {
			marks += g.Baseline[:1]
		}
		if got := now.Summary.Compared; marks != c.marks || got.NewGaps != c.new || got.Reading != c.reading || now.ReadingThatCounts() != c.reading {
			t.Errorf("%s: %s %+v", c.name, marks, got)
		}
		if unlisted, want := now.Findings[0].Baseline, map[bool]string{true: "new", false: "unchanged"}[c.now[0].What == "b.tf"]; unlisted != want {
			t.Errorf("%s: the verdict that stands for it is %s, want %s", c.name, unlisted, want)
		}
	}
}
