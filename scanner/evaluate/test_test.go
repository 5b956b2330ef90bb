package evaluate

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTestRunsTestsAndExamples(t *testing.T) {
	r, err := Test(t.Context(), TestOptions{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Failures) > 0 || r.Rules != 3 || r.Tests != 4 || r.Examples != 14 {
		t.Errorf("got %+v", r)
	}
}

// TestSkeleton walks the way of a new rule: written, it loads, lints and passes, and only it is tested.
func TestSkeleton(t *testing.T) {
	for _, id := range []string{"rotation/our-own", "our_area/x"} {
		files, err := Skeleton(id)
		if err != nil {
			t.Fatal(err)
		}
		placed := map[string]string{}
		for name, text := range files {
			placed[id+"/"+name] = text
		}
		dir := writePolicies(t, placed)
		r, err := Test(t.Context(), TestOptions{Builtin: ownRules, Policies: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Failures) > 0 || r.Rules != 1 || r.Tests != 2 || r.Examples != 4 {
			t.Errorf("%s: %+v", id, r)
		}
		if ps, err := Lint(LintOptions{Builtin: ownRules, Policies: []string{dir}}); err != nil || len(ps) > 0 {
			t.Errorf("%s: lint finds %v %v", id, ps, err)
		}
	}
	for _, id := range []string{"", "x", "Rotation/x", "a/b/c", "../x", "lib/x", "meta/x", "a/-b"} {
		if _, err := Skeleton(id); err == nil {
			t.Errorf("%q is a name for a rule", id)
		}
	}
}

func TestTestReportsFailures(t *testing.T) {
	const id = "rotation/our-own"
	for _, tt := range []struct {
		name, file, old, with string
		want                  []string
	}{
		{"a Rego test that fails", "rule_test.rego", "count(rule.deny) == 1", "count(rule.deny) == 2", []string{"rule_test.rego:8", "test_denies_a_key_past_its_limit fails", "count(rule.deny) == 2"}},
		{"a verdict", "examples.yaml", "verdict: fail\n    findings: [{message: the newest version has served longer than its limit, facts: {age_days: 184, limit_days: 180}}]", "verdict: pass", []string{"examples.yaml:12", "is fail, not pass", "the newest version has served"}},
		{"a fact", "examples.yaml", "age_days: 184", "age_days: 185", []string{`"age_days":184`, `"age_days":185`}},
		{"a message", "examples.yaml", "message: the newest", "message: the oldest", []string{"does not find \"the oldest", "which it does not expect"}},
		{"a deciding fact", "examples.yaml", "deciding: [key.rotated_at]", "deciding: [key.state]", []string{"hangs on [key.rotated_at], not on [key.state]"}},
		{"an unknown that passes", "examples.yaml", "verdict: pass", "verdict: unknown", []string{"is pass, not unknown"}},
		{"a pass that is unknown", "examples.yaml", "verdict: unknown\n    deciding: [key.rotated_at]", "verdict: pass", []string{"is unknown, not pass; it hangs on [key.rotated_at]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, err := Skeleton(id)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(files[tt.file], tt.old) {
				t.Fatalf("%s does not hold %q", tt.file, tt.old)
			}
			placed := map[string]string{}
			for name, text := range files {
				if name == tt.file {
					text = strings.Replace(text, tt.old, tt.with, 1)
				}
				placed[id+"/"+name] = text
			}
			r, err := Test(t.Context(), TestOptions{Policies: []string{writePolicies(t, placed)}})
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, f := range r.Failures {
				all = append(all, filepath.ToSlash(f.String()))
			}
			for _, want := range tt.want {
				if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, want) }) {
					t.Errorf("got %q, want %q", all, want)
				}
			}
		})
	}
}

func TestExampleMistakes(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"an unknown key", "examples:\n  - nmae: x\n", `line 2: unknown key "nmae", did you mean "name"?`},
		{"no name", "examples:\n  - verdict: pass\n", "example 1 has no name"},
		{"no verdict", "examples:\n  - name: x\n    resource: {type: vault.token}\n", `line 2: example "x": unknown verdict ""`},
		{"an unknown type", "examples:\n  - name: x\n    verdict: pass\n    resource: {type: vault.tokens}\n", `unknown type "vault.tokens", did you mean "vault.token"?`},
		{"an unknown fact", "examples:\n  - name: x\n    verdict: pass\n    resource: {type: vault.token, credential: {polices: []}}\n", `unknown fact "credential.polices", did you mean "credential.policies"?`},
		{"a fact of another type", "examples:\n  - name: x\n    verdict: pass\n    resource: {type: vault.token, credential: {policies: root}}\n", `example "x": its resource:`},
		{"an unknown base", "bases: {key: {type: vault.token}}\nexamples:\n  - name: x\n    verdict: pass\n    resource: {base: kye}\n", `unknown base "kye", did you mean "key"?`},
		{"another kind", "examples:\n  - name: x\n    verdict: pass\n    resource: {type: vault.token, kind: key}\n", "is of kind credential, not key"},
		{"two of one name", "examples:\n  - {name: x, verdict: pass, resource: {type: vault.token}}\n  - {name: x, verdict: pass, resource: {type: vault.token}}\n", "there are two of this name"},
		{"findings of a pass", "examples:\n  - name: x\n    verdict: pass\n    resource: {type: vault.token}\n    findings: [{message: m}]\n", "its verdict is pass, not fail"},
		{"deciding facts of a fail", "examples:\n  - name: x\n    verdict: fail\n    resource: {type: vault.token}\n    deciding: [a]\n", "its verdict is fail, not unknown"},
		{"an unknown purpose", "examples:\n  - name: x\n    verdict: fail\n    resource: {type: vault.token}\n    labels: {purpose: signing}\n", `unknown purpose "signing"`},
		{"an unknown tier", "examples:\n  - name: x\n    verdict: fail\n    resource: {type: vault.token}\n    tier_candidates: [stagin]\n", `unknown tier "stagin", did you mean "staging"?`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseExamples("examples.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), `read "examples.yaml":`) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// FuzzParseExamplesNeverPanics: whatever the text is, reading examples gives examples with subjects or an error.
func FuzzParseExamplesNeverPanics(f *testing.F) {
	f.Add("examples:\n  - name: x\n    verdict: pass\n    resource: {type: vault.token, unknown: [{fact: tags.a.b, why: denied}]}\n")
	f.Add("bases: {k: {type: aws.kms.key, key: {rotated_at: 2025-01-01T00:00:00Z}}}\nexamples:\n  - {name: x, verdict: fail, resource: {base: k, key: null}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseExamples("examples.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, x := range list {
			if x.subject == nil || x.Name == "" {
				t.Errorf("%q gives an example without subject or name", text)
			}
		}
	})
}

// FuzzParseHeaderNeverPanics: whatever the text is, a header is read and checked or refused, and what passes makes a rule.
func FuzzParseHeaderNeverPanics(f *testing.F) {
	f.Add(ruleText)
	f.Add("# METADATA\n# title: x\npackage a")
	f.Fuzz(func(t *testing.T, text string) {
		h, ok, err := parseHeader("rule.rego", text)
		if err != nil || !ok || h.check("rule.rego") != nil {
			return
		}
		if r := h.rule("a/b", true); r.Title == "" || r.Severity.Rank() < 0 || len(r.AppliesTo) == 0 {
			t.Errorf("%q passes and makes %+v", text, r)
		}
	})
}
