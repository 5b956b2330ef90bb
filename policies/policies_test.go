package policies_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

func load(t *testing.T) *evaluate.Engine {
	t.Helper()
	e, err := evaluate.Load(evaluate.Options{Builtin: policies.FS})
	if err != nil {
		t.Fatalf("load the built-in rules: %v", err)
	}
	return e
}

// A folder that holds anything and yields no rule was meant to be one.
func TestEveryFolderIsARule(t *testing.T) {
	var loaded []string
	for _, r := range load(t).Rules() {
		loaded = append(loaded, r.ID)
	}
	folders, err := fs.Glob(os.DirFS("."), "*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		area := path.Dir(f)
		if info, err := os.Stat(f); err != nil || !info.IsDir() || area == "internal" {
			continue
		}
		if !slices.Contains(loaded, f) {
			t.Errorf("policies/%s is a folder, but no rule %q was loaded", f, f)
		}
	}
	if len(loaded) == 0 {
		t.Error("no rule was loaded")
	}
}

func TestLint(t *testing.T) {
	problems, err := evaluate.Lint(evaluate.LintOptions{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}

// Lint asks for an example that fails, so a rule whose examples come out right fires in one of them.
func TestRulesAndExamples(t *testing.T) {
	report, err := evaluate.Test(t.Context(), evaluate.TestOptions{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Failures {
		t.Error(f)
	}
	if report.Rules != len(load(t).Rules()) || report.Tests < report.Rules || report.Examples < 3*report.Rules {
		t.Errorf("ran %d Rego tests and %d examples of %d rules; want at least one and three of each of %d rules", report.Tests, report.Examples, report.Rules, len(load(t).Rules()))
	}
}

func TestPagesAreUpToDate(t *testing.T) {
	e := load(t)
	for _, r := range e.Rules() {
		want, err := e.Page(r.ID)
		if err != nil {
			t.Fatalf("page of %s: %v", r.ID, err)
		}
		if got, err := os.ReadFile(path.Join(r.ID, "README.md")); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the page of %s is out of date; run go generate ./policies", r.ID)
		}
	}
}

// A framework is one entry of controls.yaml.
type framework struct {
	Framework    string            `yaml:"framework"` // the key in headers of rules: "pci-dss-4.0.1"
	Name         string            `yaml:"name"`
	Version      string            `yaml:"version"`
	Source       string            `yaml:"source"`
	Verified     string            `yaml:"verified"`
	Requirements map[string]string `yaml:"requirements"` // id to title
}

func TestControlsAreKnown(t *testing.T) {
	data, err := fs.ReadFile(policies.FS, "controls.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []framework
	if err := strictyaml.Decode("controls.yaml", data, &list); err != nil {
		t.Fatal(err)
	}
	unused := map[string]map[string]string{}
	for _, f := range list {
		if unused[f.Framework] != nil {
			t.Errorf("controls.yaml: two entries of %q", f.Framework)
		}
		if f.Name == "" || f.Version == "" || !strings.HasPrefix(f.Source, "https://") {
			t.Errorf("controls.yaml: %q lacks a name, a version or an https source", f.Framework)
		}
		if _, err := time.Parse(time.DateOnly, f.Verified); err != nil {
			t.Errorf("controls.yaml: %q: verified: %v", f.Framework, err)
		}
		unused[f.Framework] = maps.Clone(f.Requirements)
	}
	for _, r := range load(t).Rules() {
		for name, ids := range r.Controls {
			for _, id := range ids {
				if controlTitle(list, name, id) == "" {
					t.Errorf("rule %s names %s %q, which controls.yaml has not", r.ID, name, id)
				}
				delete(unused[name], id)
			}
		}
	}
	for name, ids := range unused {
		for id := range ids {
			t.Errorf("controls.yaml: no rule names %s %q", name, id)
		}
	}
}

func controlTitle(list []framework, name, id string) string {
	for _, f := range list {
		if f.Framework == name {
			return f.Requirements[id]
		}
	}
	return ""
}

// What consumers key on must not break: SARIF allows twenty tags a rule, of which reports need most for themselves.
func TestHeaders(t *testing.T) {
	remedies := []string{"rotate", "configure", "remove", "investigate", "replace", "revoke", "rewrap", "classify"}
	for _, r := range load(t).Rules() {
		if len(r.Tags) > 5 {
			t.Errorf("rule %s has %d tags; at most 5", r.ID, len(r.Tags))
		}
		for _, tag := range r.Tags {
			if !strings.HasPrefix(tag, "cwe-") {
				t.Errorf("rule %s has the tag %q; tags name weaknesses: cwe-NUMBER", r.ID, tag)
			}
		}
		if !slices.Contains(remedies, r.Remedy) {
			t.Errorf("rule %s has the remedy %q; one of %s", r.ID, r.Remedy, strings.Join(remedies, ", "))
		}
		if len(r.Controls) == 0 {
			t.Errorf("rule %s answers no requirement of any framework", r.ID)
		}
		for _, ref := range r.References {
			if !strings.HasPrefix(ref.Ref, "https://") || ref.Description == "" {
				t.Errorf("rule %s has a reference that is no https address, or lacks a description: %q", r.ID, ref.Ref)
			}
		}
		if r.ByTier != nil && r.SeverityFor("production") != r.Severity {
			t.Errorf("rule %s ranks %s at worst, but %s in production", r.ID, r.Severity, r.SeverityFor("production"))
		}
	}
}
