package finding_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var now = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// lint is a result of two resources, each of which fails area/rule: a on lines 3 to 5 of main.tf and b on line 7.
func lint(comments ...inventory.Comment) *finding.Result {
	const scope = "repo/payments"
	r := &finding.Result{
		Rules:    []finding.Rule{{ID: "area/rule", AppliesTo: []string{"key"}}, {ID: "area/other", AppliesTo: []string{"key"}}},
		Coverage: []finding.Coverage{{ScopeRead: inventory.ScopeRead{Scope: scope, Report: inventory.Report{Types: []string{"aws.kms.key"}, Comments: comments}}}},
	}
	for id, at := range map[inventory.ID]inventory.Location{"a": {Path: "main.tf", StartLine: 3, EndLine: 5}, "b": {Path: "main.tf", StartLine: 7}} {
		r.Findings = append(r.Findings, finding.Finding{Rule: "area/rule", Verdict: finding.Fail, Severity: finding.High, Resource: &finding.Resource{ID: id, Scope: scope, Location: &at}})
	}
	return r
}

func TestComments(t *testing.T) {
	const good = `area/rule until=2026-02-01 reason="of age"`
	const unmatched, expired, broad = finding.WaiverUnmatched + ": ", finding.WaiverExpired + ": ", finding.WaiverTooBroad + ": "
	at := func(line, about int, text string) inventory.Comment {
		return inventory.Comment{Path: "main.tf", Line: line, For: about, Text: text}
	}
	for _, c := range []struct {
		name    string
		comment inventory.Comment
		waived  string // IDs
		want    string
	}{
		{"above the block", at(2, 3, good), "a", ""},
		{"further above", at(1, 2, good), "", unmatched + "the waiver matches nothing map[]"},
		{"on its first line", at(3, 3, good), "a", ""},
		{"alone on its last line but one", at(4, 5, good), "a", ""},
		{"on its last line", at(5, 5, good), "a", ""},
		{"above the block of its line", inventory.Comment{Path: "main.tf", Line: 1, For: 2, To: 9, Text: good}, "a b", ""},
		{"above another block", inventory.Comment{Path: "main.tf", Line: 8, For: 9, To: 12, Text: good}, "", unmatched + "the waiver matches nothing map[]"},
		{"below", at(6, 7, good), "b", ""},
		{"on a block of one line", at(7, 7, good), "b", ""},
		{"after everything", at(8, 9, good), "", unmatched + "the waiver matches nothing map[]"},
		{"another file", inventory.Comment{Path: "a/main.tf", Line: 3, For: 3, Text: good}, "", unmatched + "the waiver matches nothing map[]"},
		{"another rule", at(3, 3, `area/other until=2026-02-01 reason=x`), "", unmatched + "the waiver matches nothing map[]"},
		{"no such rule", at(3, 3, `area/rul until=2026-02-01 reason=x`), "", unmatched + "the waiver names a rule that was not loaded map[nearest:area/rule rule:area/rul]"},
		{"the last day", at(3, 3, `area/rule until=2026-01-15 reason=x`), "a", ""},
		{"the day after", at(3, 3, `area/rule until=2026-01-14 reason=x`), "", expired + "the waiver has expired; what it covered counts again map[until:2026-01-14]"},
		{"a year ahead", at(3, 3, `area/rule until=2027-01-15 reason=x`), "a", ""},
		{"more than a year ahead", at(3, 3, `area/rule until=2027-01-18 reason=x`), "", broad + "the waiver ends more than a year ahead, so it does not hold map[until:2027-01-18]"},
		{"of the change itself", inventory.Comment{Path: "main.tf", Line: 3, For: 3, Text: good, Except: []inventory.ID{"a"}}, "", unmatched + "the waiver does not count for what the change waives with it map[findings:1 why:this change brings it]"},
		{"of the change itself, for another", inventory.Comment{Path: "main.tf", Line: 3, For: 3, Text: good, Except: []inventory.ID{"b"}}, "a", ""},
		{"without reason", at(3, 3, `area/rule until=2026-02-01`), "", unmatched + "the comment waives nothing map[why:reason is missing]"},
		{"with an empty reason", at(3, 3, `area/rule reason=" " until=2026-02-01`), "", unmatched + "the comment waives nothing map[why:reason is missing]"},
		{"without end", at(3, 3, `area/rule reason=x`), "", unmatched + "the comment waives nothing map[why:until is missing]"},
		{"with a bad end", at(3, 3, `area/rule reason=x until=soon`), "", unmatched + `the comment waives nothing map[why:until "soon" is no day such as 2026-12-31]`},
		{"nothing", at(3, 3, ``), "", unmatched + `the comment waives nothing map[why:it does not begin with one rule's ID]`},
		{"any rule", at(3, 3, `area/* until=2026-02-01 reason=x`), "", unmatched + `the comment waives nothing map[why:it does not begin with one rule's ID]`},
		{"no rule", at(3, 3, `until=2026-02-01 reason=a/b`), "", unmatched + `the comment waives nothing map[why:it does not begin with one rule's ID]`},
		{"words", at(3, 3, `area/rule until=2026-02-01 reason=two words`), "", unmatched + `the comment waives nothing map[why:not all after the rule is KEY=VALUE]`},
		{"an open quotation", at(3, 3, `area/rule until=2026-02-01 reason="x`), "", unmatched + `the comment waives nothing map[why:not all after the rule is KEY=VALUE]`},
		{"an unknown key", at(3, 3, `area/rule untill=2026-02-01 reason=x`), "", unmatched + `the comment waives nothing map[why:unknown key "untill", did you mean "until"?]`},
		{"twice", at(3, 3, `area/rule until=2026-02-01 reason=x until=2026-03-01`), "", unmatched + `the comment waives nothing map[why:it states until twice]`},
		{"endless", at(3, 3, good+strings.Repeat(" ", 1000)), "", unmatched + `the comment waives nothing map[why:it is longer than 1000 bytes]`},
	} {
		r := lint(c.comment)
		got := troubled(finding.ApplyComments(r, now))
		if got = strings.Replace(got, fmt.Sprintf(" inline %s:%d", c.comment.Path, c.comment.Line), "", 1); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		var waived []string
		for _, f := range r.Findings {
			if f.Waived != nil {
				waived = append(waived, string(f.Resource.ID))
				if want := fmt.Sprintf("inline main.tf:%d", c.comment.Line); f.Waived.By != want {
					t.Errorf("%s: waived by %q, want %q", c.name, f.Waived.By, want)
				}
			}
		}
		slices.Sort(waived)
		if got := strings.Join(waived, " "); got != c.waived {
			t.Errorf("%s: %q is waived, want %q", c.name, got, c.waived)
		}
	}
}

func TestCommentTerms(t *testing.T) {
	r := lint(inventory.Comment{Path: "main.tf", Line: 7, For: 7, Text: `area/rule ticket=SEC-1 owner='team a' approver=sec@example.test reason="it's of age" until=2026-02-01`})
	finding.ApplyComments(r, now)
	for _, f := range r.Findings {
		if f.Resource.ID == "b" {
			want := &finding.Waived{By: "inline main.tf:7", Reason: "it's of age", Owner: "team a", Approver: "sec@example.test", Until: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Ticket: "SEC-1"}
			if d := cmp.Diff(want, f.Waived); d != "" {
				t.Error(d)
			}
		}
	}
}

// A comment about what was not read, or not looked at, does not match nothing.
func TestCommentsAboutWhatWasNotRead(t *testing.T) {
	comment := inventory.Comment{Path: "other.tf", Line: 7, For: 7, Text: `area/rule until=2026-02-01 reason=x`}
	for name, change := range map[string]func(r *finding.Result){
		"a gap": func(r *finding.Result) {
			r.Gaps = []finding.Gap{{Gap: inventory.Gap{Scope: "repo/payments", What: `file "other.tf"`}}}
		},
		"a part": func(r *finding.Result) { r.Coverage[0].Part = true },
	} {
		r := lint(comment)
		change(r)
		if got := finding.ApplyComments(r, now); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if r = lint(comment); len(finding.ApplyComments(r, now)) != 1 {
			t.Error("without it the comment is not reported")
		}
	}
}

// In a repository a waiver that names a live resource matches nothing without a word; one that names the repository does not.
func TestUnmatchedInARepository(t *testing.T) {
	for selector, reported := range map[string]bool{
		"name: x":                           false,
		"type: aws.kms.key, name: x":        false,
		"scope: repo/payments, name: x":     true,
		"scope: 'repo/*', name: x":          true,
		"scope: repo/other, name: x":        false,
		"id: 'terraform:payments/infra#x'":  true,
		"id: 'terraform:payments#x'":        true,
		"id: 'terraform:other/infra#x'":     false,
		"id: 'terraform:*#x'":               true,
		"id: 'arn:aws:kms:eu-west-1:1:key'": false,
		"id: 'vault:payments/transit/x'":    false,
		"id: '*x'":                          true,
	} {
		w, err := waivers(t, "- {rule: area/rule, resource: {"+selector+"}, reason: r, owner: o, approver: a, until: 2026-02-01}\n")
		if err != nil {
			t.Fatal(err)
		}
		r := lint()
		if got := len(w.Apply(r, clock)) > 0; got != reported {
			t.Errorf("%s: reported as unmatched: %t, want %t", selector, got, reported)
		}
		if r.Coverage[0].Part = true; len(w.Apply(r, clock)) > 0 {
			t.Errorf("%s: reported although only a part was looked at", selector)
		}
	}
}
