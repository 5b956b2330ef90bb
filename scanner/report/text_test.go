package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var update = flag.Bool("update", false, "write golden files and the result schema anew")

func write(t testing.TB, format string, r *finding.Result, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-golden +got; after a change that is meant, run go test ./scanner/report -update):\n%s", file, diff)
	}
}

func TestGoldenReports(t *testing.T) {
	for name, c := range map[string]struct {
		format string
		result *finding.Result
		o      Options
	}{
		"nightly-80.txt":           {"text", nightly(), Options{Width: 80, MaxLines: 10}},
		"nightly-120.txt":          {"text", nightly(), Options{Width: 120, MaxLines: 10}},
		"nightly-file.txt":         {"text", nightly(), Options{}},
		"nightly-color.txt":        {"text", nightly(), Options{Width: 100, MaxLines: 3, Color: true}},
		"nothing-read.txt":         {"text", nothingRead(), Options{Width: 100}},
		"empty.txt":                {"text", &finding.Result{Verb: "scan", Tool: "v0.1.0", AsOf: night, TakenAt: night, Reading: finding.Whole}, Options{}},
		"clean.txt":                {"text", clearEstate(), Options{Width: 100}},
		"nightly.json":             {"json", nightly(), Options{}},
		"nightly.lines":            {"lines", nightly(), Options{}},
		"nightly.github":           {"github", nightly(), Options{}},
		"nightly.codequality.json": {"codequality", nightly(), Options{}},
		"nightly.sarif":            {"sarif", nightly(), Options{}},
		"nightly-full.sarif":       {"sarif", nightly(), Options{Suppressed: "include", Unknowns: true, Anchor: "SECURITY.md", Category: "nightly/aws"}},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, write(t, c.format, c.result, c.o)) })
	}
}

// TestNextStep: "nothing has to be done" is said only where nothing is in doubt.
func TestNextStep(t *testing.T) {
	const done = "nothing has to be done"
	gap := func(why inventory.Reason) *finding.Result {
		r := clearEstate()
		r.Gaps = []finding.Gap{{Gap: inventory.Gap{Scope: payRepo, What: `file "a.tf"`, Why: why, Err: "line 1: x"}}}
		return r
	}
	broken := gap(inventory.Unreadable)
	broken.Reading = finding.Partial
	for name, c := range map[string]struct {
		result *finding.Result
		want   string
	}{
		"clear": {clearEstate(), done}, "left open": {gap(inventory.NotStated), "it is not judged"}, "not asked": {gap(inventory.NotAsked), done},
		"not read": {broken, "nothing is known about what is there"},
	} {
		got := string(write(t, "text", c.result, Options{}))
		if !strings.Contains(got, "next: ") || !strings.Contains(got, c.want) || c.want != done && strings.Contains(got, done) {
			t.Errorf("%s: want %q in\n%s", name, c.want, got)
		}
	}
}

func nothingRead() *finding.Result {
	r := &finding.Result{
		Verb: "scan", Tool: "v0.1.0", AsOf: night, TakenAt: night.AddDate(0, 0, -2), Reading: finding.Nothing, Rules: rules(),
		Findings: unknowns()[6:7], Gaps: gaps()[:1], Coverage: []finding.Coverage{{Gaps: 1}},
	}
	r.Coverage[0].Scope = vaultEU
	r.Summarize()
	return r
}

func clearEstate() *finding.Result {
	r := &finding.Result{
		Verb: "check", Tool: "v0.1.0", AsOf: night, TakenAt: night, Reading: finding.Whole, Rules: rules(), Summary: finding.Summary{Resources: 1},
		Tallies: []finding.Tally{{Rule: "audit/vault-audit-off", Pass: 1}}, Coverage: []finding.Coverage{{Facts: 2}},
	}
	r.Coverage[0].Scope, r.Coverage[0].Resources = vaultEU, 1
	r.Summarize()
	return r
}

func TestFindingShowsEverythingKnown(t *testing.T) {
	r := nightly()
	for i, f := range r.Findings {
		if f.Resource.Name != "jwt" && f.Waived == nil && f.Deciding == nil {
			continue
		}
		var b bytes.Buffer
		if err := Finding(&b, r, f, Options{Width: 100}); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			golden(t, "finding.txt", b.Bytes())
		}
		for _, want := range []string{f.Fingerprint, f.Rule, string(f.Resource.ID), f.Message} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is missing from\n%s", f.Rule, want, b.String())
			}
		}
		for _, d := range f.Deciding {
			if !strings.Contains(b.String(), d.Hint) {
				t.Errorf("%s: hint %q is missing", f.Rule, d.Hint)
			}
		}
	}
}

// Facts that are open in files are no choice of a configuration; those of a back end are.
func TestClosingLineNamesAConfigurationForBackEndsOnly(t *testing.T) {
	for scope, want := range map[inventory.Scope]string{payRepo: "the files leave open", awsEU: "the configuration asks for"} {
		r := &finding.Result{Reading: finding.Whole, Summary: finding.Summary{Resources: 1, Pass: 1}, Coverage: []finding.Coverage{{ScopeRead: inventory.ScopeRead{Scope: scope}, Facts: 20, Unknown: 1}}}
		if got := verdictOfTheRun(newView(r)); !strings.Contains(got, want) {
			t.Errorf("%s: %s; want %q", scope, got, want)
		}
	}
}
