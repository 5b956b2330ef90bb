package finding_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// signed is what every waiver has to say.
const signed = "\n  reason: r\n  owner: o\n  approver: a\n"

func waivers(t testing.TB, text string) (*finding.Waivers, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "w.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return finding.ReadWaivers(file)
}

func TestApplyMarksAndKeeps(t *testing.T) {
	w, err := waivers(t, `# what we live with
- rule: area/rule
  resource: {type: vault.transit.key, name: "k00?"}
  reason: The partner rotates in March.
  owner: payments
  approver: security@example.test
  until: 2026-03-31
  ticket: SEC-123
- gap: {scope: vault/eu/root, what: list of tokens}
  reason: Not allowed here.
  owner: platform
  approver: security@example.test
  until: 2026-03-31
`)
	if err != nil {
		t.Fatal(err)
	}
	r := result(12)
	hidden := finding.Finding{Rule: "area/other", Verdict: finding.Unknown, At: "list of tokens", Resource: &finding.Resource{ID: finding.Unlisted + "vault/eu/root", Scope: "vault/eu/root"}}
	r.Findings = append(r.Findings, hidden)
	allowed := &finding.Waived{By: "a comment"}
	for i := range r.Findings {
		if r.Findings[i].Resource.Name == "k001" {
			r.Findings[i].Waived = allowed
		}
	}
	if troubles := w.Apply(r, clock); len(troubles) > 0 {
		t.Errorf("troubles: %+v", troubles)
	}
	want := &finding.Waived{By: "w.yaml#1", Reason: "The partner rotates in March.", Owner: "payments", Approver: "security@example.test", Until: time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), Ticket: "SEC-123"}
	if len(r.Findings) != 13 {
		t.Fatalf("%d findings are left of 13", len(r.Findings))
	}
	for _, f := range r.Findings {
		switch {
		case f.Resource.Name == "k001":
			if f.Waived != allowed {
				t.Errorf("what the repository accepts is marked %+v", f.Waived)
			}
		case strings.HasPrefix(string(f.Resource.ID), finding.Unlisted):
			if f.Waived == nil || f.Waived.By != "w.yaml#2" {
				t.Errorf("the unknown that stands for the accepted gap is marked %+v", f.Waived)
			}
		case strings.HasPrefix(f.Resource.Name, "k00"):
			if d := cmp.Diff(want, f.Waived); d != "" {
				t.Errorf("%s: %s", f.Resource.Name, d)
			}
		default:
			if f.Waived != nil {
				t.Errorf("%s is waived", f.Resource.Name)
			}
		}
	}
	if a := r.Gaps[0].Accepted; a == nil || a.By != "w.yaml#2" {
		t.Errorf("the gap is accepted by %+v", a)
	}
}

// Of two gaps with one name in two scopes, one accepted, the unknowns that stand for the other count on.
func TestUnlistedIsAcceptedWithItsGap(t *testing.T) {
	w, err := waivers(t, "- gap: {scope: vault/eu/root}"+signed+"  until: 2026-02-01\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range [][2]inventory.Scope{{"vault/eu/root", "vault/us/root"}, {"vault/us/root", "vault/eu/root"}} {
		r := result(0)
		r.Gaps = nil
		for _, s := range order {
			r.Gaps = append(r.Gaps, finding.Gap{Gap: inventory.Gap{Scope: s, What: "list"}})
			r.Findings = append(r.Findings, finding.Finding{At: "list", Resource: &finding.Resource{ID: inventory.ID(finding.Unlisted + s), Scope: s}})
		}
		w.Apply(r, clock)
		for _, f := range r.Findings {
			if (f.Waived != nil) != (f.Resource.Scope == "vault/eu/root") {
				t.Errorf("%s: waived %+v", f.Resource.Scope, f.Waived)
			}
		}
	}
}

func TestWaiverSelects(t *testing.T) {
	f := finding.Finding{Rule: "area/rule", At: "Sid1", Resource: &finding.Resource{ID: "vault:eu/root/transit/keys/jwt", Type: "vault.transit.key", Name: "jwt", Scope: "vault/eu/root"}}
	for _, c := range []struct {
		waiver string
		covers bool
	}{
		{"rule: area/rule, resource: {id: 'vault:eu/root/transit/keys/jwt'}", true},
		{"rule: area/rule, resource: {id: 'vault:eu/root/*'}", true},
		{"rule: area/rule, resource: {id: 'vault:eu/root'}", false},
		{"rule: area/rule, resource: {name: jwt, type: vault.*, scope: vault/*/root}", true},
		{"rule: area/rule, resource: {name: jwt, type: aws.*}", false},
		{"rule: area/rule, resource: {name: JWT}", false},
		{"rule: area/rule, resource: {scope: vault/eu}", false},
		{"rule: area/rule, resource: {name: jwt}, at: Sid1", true},
		{"rule: area/rule, resource: {name: jwt}, at: Sid2", false},
		{"rule: area/other, resource: {name: jwt}", false},
		{"rule: area/*, resource: {name: jwt}", true},
		{"gap: {scope: vault/eu/root}", false},
	} {
		w, err := waivers(t, "- {"+c.waiver+", reason: r, owner: o, approver: a, until: 2026-02-01}\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := w.List()[0].Covers(&f); got != c.covers {
			t.Errorf("{%s} covers: %t, want %t", c.waiver, got, c.covers)
		}
	}
}

// troubled lists the diagnostics about a waiver as lines.
func troubled(list []finding.Trouble) string {
	var lines []string
	for _, t := range list {
		lines = append(lines, fmt.Sprintf("%s %s: %s %v", t.Rule, t.Place, t.Message, t.Facts))
	}
	return strings.Join(lines, "\n")
}

func TestTroubles(t *testing.T) {
	const expired, unmatched, broad = "meta/waiver-expired w.yaml#1: ", "meta/waiver-unmatched w.yaml#1: ", "meta/waiver-too-broad w.yaml#1: "
	const nothing = unmatched + "the waiver matches nothing map[]"
	for _, c := range []struct {
		name, waiver, until, want string
		waived                    int
	}{
		{"holds", "rule: area/rule, resource: {name: k001}", "2026-02-01", "", 1},
		{"holds on its last day", "rule: area/rule, resource: {name: k001}", "2026-01-01", "", 1},
		{"has expired", "rule: area/rule, resource: {name: k001}", "2025-12-31", expired + "the waiver has expired; what it covered counts again map[until:2025-12-31]", 0},
		{"ends 366 days ahead", "rule: area/rule, resource: {name: k001}", "2027-01-02", "", 1},
		{"ends later", "rule: area/rule, resource: {name: k001}", "2027-01-03", broad + "the waiver ends more than a year ahead, so it does not hold map[until:2027-01-03]", 0},
		{"many resources", "rule: area/rule, resource: {name: 'k0*'}", "2026-02-01", broad + "the waiver covers many resources map[many:50 resources:60]", 60},
		{"any rule", "rule: 'area/*', resource: {name: k001}", "2026-02-01", broad + "the waiver covers more than one rule map[rule:area/*]", 1},
		{"any resource", "rule: area/rule, resource: {name: '*'}", "2026-02-01", broad + "the waiver covers everything, so it does not hold map[]", 0},
		{"any gap", "gap: {scope: '*'}", "2026-02-01", broad + "the waiver covers everything, so it does not hold map[]", 0},
		{"no such resource", "rule: area/rule, resource: {name: k999}", "2026-02-01", nothing, 0},
		{"no such rule", "rule: area/rul, resource: {name: k001}", "2026-02-01", unmatched + "the waiver names a rule that was not loaded map[nearest:area/rule rule:area/rul]", 0},
		{"no such gap", "gap: {scope: vault/eu/root, what: x}", "2026-02-01", nothing, 0},
		{"a gap of a scope that was not read", "gap: {scope: vault/us/root}", "2026-02-01", "", 0},
		{"no such resource, by ID", "rule: area/rule, resource: {id: 'vault:eu/root/transit/keys/x'}", "2026-02-01", nothing, 0},
		{"an ID of another cluster", "rule: area/rule, resource: {id: 'vault:us/root/transit/keys/x'}", "2026-02-01", "", 0},
		{"an ID of another back end", "rule: area/rule, resource: {id: 'arn:aws:kms:eu-west-1:1:key/x'}", "2026-02-01", "", 0},
		{"an ID of any cluster", "rule: area/rule, resource: {id: 'vault:*/x'}", "2026-02-01", nothing, 0},
		{"a scope that was not read", "rule: area/rule, resource: {scope: vault/us/root}", "2026-02-01", "", 0},
		{"a type that was not read", "rule: area/rule, resource: {type: aws.kms.key, name: x}", "2026-02-01", "", 0},
		{"a rule about what was not read", "rule: area/other, resource: {name: x}", "2026-02-01", "", 0},
		{"a type that a gap hides", "rule: area/tokens, resource: {name: x}", "2026-02-01", "", 0},
		{"any type, one of which a gap hides", "rule: area/any, resource: {name: x}", "2026-02-01", "", 0},
	} {
		w, err := waivers(t, "- {"+c.waiver+", reason: r, owner: o, approver: a, until: "+c.until+"}\n")
		if err != nil {
			t.Fatal(err)
		}
		r := result(60)
		r.Rules = append(r.Rules, finding.Rule{ID: "area/tokens", AppliesTo: []string{"vault.token"}}, finding.Rule{ID: "area/any", AppliesTo: []string{"vault.*"}})
		if got := troubled(w.Apply(r, clock)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		r.Summarize()
		if r.Summary.Waived != c.waived {
			t.Errorf("%s: %d findings are waived, want %d", c.name, r.Summary.Waived, c.waived)
		}
	}
}

// The last day ends at midnight, in UTC.
func TestWaiverEndsAtMidnight(t *testing.T) {
	w, err := waivers(t, "- rule: area/rule\n  resource: {name: k000}"+signed+"  until: 2026-01-31\n")
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for at, holds := range map[time.Time]bool{midnight.Add(-time.Second): true, midnight: false} {
		r := result(1)
		w.Apply(r, at)
		if got := r.Findings[0].Waived != nil; got != holds {
			t.Errorf("at %s it holds: %t, want %t", at, got, holds)
		}
	}
}

// A gap hides what lies in its own scope, and nothing of another.
func TestGapElsewhereHidesNothing(t *testing.T) {
	w, err := waivers(t, "- rule: area/rule\n  resource: {name: x}"+signed+"  until: 2026-01-31\n")
	if err != nil {
		t.Fatal(err)
	}
	for scope, reported := range map[inventory.Scope]bool{"vault/us/root": true, "vault/eu/root": false, "vault/eu": false} {
		r := result(0)
		r.Gaps = []finding.Gap{{Gap: inventory.Gap{Scope: scope, What: "x"}}}
		if got := len(w.Apply(r, clock)) > 0; got != reported {
			t.Errorf("with a gap in %s the waiver is unmatched: %t, want %t", scope, got, reported)
		}
	}
}

func TestUnmatchedByARN(t *testing.T) {
	r := result(0)
	r.Gaps = nil
	r.Coverage = []finding.Coverage{{ScopeRead: inventory.ScopeRead{Scope: "aws/-/111122223333/eu-west-1", Report: inventory.Report{Types: []string{"aws.kms.key"}}}}}
	for id, read := range map[string]bool{
		"arn:aws:kms:eu-west-1:111122223333:key/x": true,
		"arn:aws:kms:us-east-1:111122223333:key/x": false,
		"arn:aws:kms:eu-west-1:444455556666:key/x": false,
		"arn:aws:kms:*:444455556666:key/x":         true, // the star may stand for more than the Region
		"arn:aws:kms:*":                            true,
		"arn:aws:kms:us-east-1:*":                  false,
		"repo:pay#*":                               false,
		"*":                                        true,
	} {
		w, err := waivers(t, "- {rule: area/rule, resource: {id: '"+id+"', name: x}, reason: r, owner: o, approver: a, until: 2026-02-01}\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(w.Apply(r, clock)) > 0; got != read {
			t.Errorf("%s: reported as unmatched: %t, want %t", id, got, read)
		}
	}
}

func TestReadWaiversErrors(t *testing.T) {
	const day = "  until: 2026-02-01\n"
	const fine = "- rule: a/b\n  resource: {name: x}" + signed + day
	for _, c := range []struct{ in, want string }{
		{fine + "- rule: a/b\n  resouce: {name: x}\n", `line 8: unknown key "resouce", did you mean "resource"?`},
		{fine + "- rule: a/b\n  resource: {nam: x}\n", `line 8: unknown key "nam", did you mean "name"?`},
		{fine + "\n- rule: a/b\n  resource: {name: x}\n  reason: r\n  owner: o\n" + day, `line 8: waiver 2: approver is missing`},
		{"- rule: a/b\n  resource: {name: x}\n  owner: o\n  approver: a\n" + day, `line 1: waiver 1: reason is missing`},
		{"- rule: a/b\n  resource: {name: x}\n  reason: ' '\n  owner: o\n  approver: a\n" + day, `line 1: waiver 1: reason is missing`},
		{"- rule: a/b\n  resource: {name: x}\n  reason: r\n  approver: a\n" + day, `line 1: waiver 1: owner is missing`},
		{"- rule: a/b\n  resource: {name: x}" + signed, `line 1: waiver 1: until is missing`},
		{"- rule: a/b\n  resource: {name: x}" + signed + "  until: soon\n", `line 1: waiver 1: until "soon" is no day such as 2026-12-31`},
		{"- rule: a/b\n  resource: {name: x}" + signed + "  until: 2026-02-30\n", `line 1: waiver 1: until "2026-02-30" is no day such as 2026-12-31`},
		{"- rule: a/b" + signed + day, `line 1: waiver 1: it names no resource; give id, name, type or scope`},
		{"- resource: {name: x}" + signed + day, `line 1: waiver 1: it names neither a rule nor a gap`},
		{"- gap: {what: x}" + signed + day, `line 1: waiver 1: gap has no scope`},
		{"- gap: {scope: x}\n  rule: a/b" + signed + day, `line 1: waiver 1: it accepts a gap, so it cannot name a rule or a resource as well; write two`},
		{"rule: a/b\n", `line 1: mapping was used where sequence is expected`},
	} {
		_, err := waivers(t, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read ") || !strings.Contains(err.Error(), "w.yaml") {
			t.Errorf("%q:\n got %v\nwant %s", c.in, err, c.want)
		}
	}
	if _, err := finding.ReadWaivers(filepath.Join(t.TempDir(), "none")); err == nil || !strings.HasPrefix(err.Error(), "read waivers: ") {
		t.Errorf("a path that is not there: %v", err)
	}
}

func TestReadWaiversOfFolders(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[waivers]") // a name that a pattern would misread
	for _, folder := range []string{"old", "folder.yaml"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	one := func(name string) string {
		return "- rule: a/b\n  resource: {name: " + name + "}" + signed + "  until: 2026-02-01\n"
	}
	for file, text := range map[string]string{"b.yaml": one("b1") + one("b2"), "a.yml": one("a"), "c.txt": "not ours", "old/d.yaml": one("d"), "empty.yaml": "# nothing\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Dir(dir))
	for paths, want := range map[string]string{
		dir:                                     "[waivers]/a.yml#1 a, [waivers]/b.yaml#1 b1, [waivers]/b.yaml#2 b2",
		"[waivers]":                             "[waivers]/a.yml#1 a, [waivers]/b.yaml#1 b1, [waivers]/b.yaml#2 b2",
		"./[waivers]/b.yaml":                    "[waivers]/b.yaml#1 b1, [waivers]/b.yaml#2 b2",
		filepath.Join(dir, "a.yml"):             "a.yml#1 a",
		"[waivers]/a.yml " + dir + " [waivers]": "[waivers]/a.yml#1 a, [waivers]/b.yaml#1 b1, [waivers]/b.yaml#2 b2",
	} {
		w, err := finding.ReadWaivers(strings.Fields(paths)...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range w.List() {
			got = append(got, v.Place+" "+v.Resource.Name)
		}
		if g := strings.Join(got, ", "); g != want {
			t.Errorf("%s:\n got %s\nwant %s", paths, g, want)
		}
	}
}

// No waiver file, however odd, makes a finding vanish, changes a verdict or brings the parser down.
func FuzzWaiversHideNothing(f *testing.F) {
	f.Add("- rule: area/rule\n  resource: {name: 'k*'}" + signed + "  until: 2026-02-01\n")
	f.Add("- gap: {scope: '*'}" + signed + "  until: 2026-02-01\n")
	f.Add("- &a {rule: '*', resource: {id: '*'}, reason: r, owner: o, approver: a, until: 2026-02-01}\n- *a\n")
	f.Add("- rule: [\n")
	f.Add("!\rk") // the YAML library panics
	dir := f.TempDir()
	want := result(9)
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(dir, fmt.Sprintf("w%d.yaml", os.Getpid()))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		w, err := finding.ReadWaivers(file)
		if err != nil {
			return
		}
		r := result(9)
		w.Apply(r, clock)
		for i := range r.Findings {
			r.Findings[i].Waived = nil
		}
		for i := range r.Gaps {
			r.Gaps[i].Accepted = nil
		}
		if d := cmp.Diff(want, r); d != "" {
			t.Errorf("waivers changed more than marks:\n%s", d)
		}
	})
}
