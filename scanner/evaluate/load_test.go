package evaluate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner/finding"
)

var ownRules = os.DirFS("testdata/policies")

// ruleText is a good rule; the tests below spoil it in one place each.
const ruleText = `# METADATA
# title: Key is exportable
# description: It may leave. Make a new one.
# custom:
#   severity: high
#   applies_to: [key]
#   settings: {limit: {default: 3, about: a number}}
package keyreeve.lifecycle["exportable"]

applies if input.resource.key.state == "enabled"

deny contains {"message": "may leave", "facts": {"limit": input.settings.limit}} if input.resource.key.exportable
`

// writePolicies writes files into a folder of rules of one's own.
func writePolicies(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadMistakes(t *testing.T) {
	const file = "lifecycle/exportable/rule.rego"
	spoil := func(old, with string) map[string]string {
		if !strings.Contains(ruleText, old) {
			t.Fatalf("the rule does not hold %q", old)
		}
		return map[string]string{file: strings.Replace(ruleText, old, with, 1)}
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string // parts of the error
	}{
		{"a header key", spoil("title:", "titel:"), []string{file, "line 2", `unknown key "titel", did you mean "title"?`}},
		{"a custom key", spoil("applies_to", "aplies_to"), []string{"line 6", `"aplies_to", did you mean "applies_to"?`}},
		{"no title", spoil("# title: Key is exportable\n", ""), []string{"lacks a title"}},
		{"no description", spoil("# description: It may leave. Make a new one.\n", ""), []string{"lacks a description"}},
		{"no severity", spoil("#   severity: high\n", ""), []string{"lacks custom.severity"}},
		{"an unknown severity", spoil("severity: high", "severity: hihg"), []string{`unknown severity "hihg", did you mean "high"?`}},
		{"a severity for an unknown tier", spoil("severity: high", "severity: {prodution: high, default: low}"), []string{`unknown tier "prodution", did you mean "production"?`}},
		{"a severity without default", spoil("severity: high", "severity: {production: high}"), []string{`lacks "default"`}},
		{"no applies_to", spoil("#   applies_to: [key]\n", ""), []string{"lacks custom.applies_to"}},
		{"an unknown kind", spoil("applies_to: [key]", "applies_to: [kye]"), []string{`unknown kind or type "kye", did you mean "key"?`}},
		{"a prefix of no type", spoil("applies_to: [key]", `applies_to: ["vaul.*"]`), []string{`unknown kind or type "vaul.*"`}},
		{"a setting without default", spoil("default: 3, ", ""), []string{`setting "limit" lacks a default`}},
		{"a setting without words", spoil(", about: a number", ""), []string{`setting "limit" lacks "about"`}},
		{"a tier value of another type", spoil("about: a number", "about: a number, tiers: {staging: many}"), []string{`setting "limit" for staging is a text, not a whole number`}},
		{"no header", map[string]string{file: ruleText[strings.Index(ruleText, "package"):]}, []string{"there is no header"}},
		{"another package", spoil(`lifecycle["exportable"]`, `lifecycle["exportabel"]`), []string{"line 8", `its package is keyreeve.lifecycle.exportabel; by its folder it is keyreeve.lifecycle.exportable`}},
		{"no deny", spoil("deny contains", "denies contains"), []string{"there is no deny"}},
		{"deny as a value", map[string]string{file: strings.Replace(ruleText, `deny contains {"message": "may leave", "facts": {"limit": input.settings.limit}} if`, "deny if", 1)}, []string{"line 12", "deny is not written as a set"}},
		{"a message that varies", spoil(`"may leave"`, `sprintf("may leave %d", [input.settings.limit])`), []string{"not a constant text"}},
		{"an unknown part of deny", spoil(`"facts":`, `"fact":`), []string{`unknown key "fact", did you mean "facts"?`}},
		{"applies as a value", spoil("applies if", "applies := false if"), []string{"line 10", "applies is not written as a condition"}},
		{"Rego that does not parse", spoil("if input.resource.key.exportable", "if input.resource.key.exportable ]"), []string{file, "line 12"}},
		{"a misspelt field", spoil("key.exportable", "key.exportabel"), []string{file, "line 12", `unknown field "exportabel", did you mean "exportable"?`}},
		{"a misspelt field behind a name", spoil("if input.resource.key.exportable", "if { k := input.resource.key; k.exportabel }"), []string{"line 12", `did you mean "exportable"?`}},
		{"a misspelt setting", spoil("input.settings.limit", "input.settings.limt"), []string{"line 12", `unknown field "limt", did you mean "limit"?`}},
		{"a built-in that reaches outside", spoil("if input.resource.key.exportable", `if http.send({"url": "https://example.com"}).status_code == 200`), []string{"line 12", "http.send"}},
		{"a built-in that asks the clock", spoil("if input.resource.key.exportable", `if time.now_ns() > 0`), []string{"line 12", "time.now_ns"}},
		{"a whole object compared", spoil("if input.resource.key.exportable", `if input.resource.key.rotation == input.resource.secret.rotation`), []string{"line 12", "as a whole"}},
		{"a comparison with another type", spoil("if input.resource.key.exportable", `if input.resource.key.exportable = "yes"`), []string{"line 12", "never equal"}},
		{"a field like none", spoil("key.exportable", "key.zzz"), []string{"line 12", `unknown field "zzz"; there are age_days, algorithm`}},
		{"a rule outside any folder", map[string]string{"rule.rego": ruleText}, []string{"lies in no rule's folder"}},
		{"a rule in an area", map[string]string{"lifecycle/rule.rego": ruleText}, []string{"lies in an area"}},
		{"a folder with examples only", map[string]string{"lifecycle/x/examples.yaml": "examples: []"}, []string{"holds no rule"}},
		{"a lib of another package", map[string]string{file: ruleText, "lib/x.rego": "package x\n\na := 1"}, []string{"lib/x.rego", "begins with lib."}},
		{"a rule to replace that does not exist", spoil("applies_to: [key]", "applies_to: [key]\n#   replaces: [lifecycle/exportabel]"), []string{`unknown rule "lifecycle/exportabel", did you mean "lifecycle/exportable"?`}},
		{"an override of nothing", spoil("applies_to: [key]", "applies_to: [key]\n#   override: true"), []string{"no rule \"lifecycle/exportable\" to replace"}},
		{"two headers", map[string]string{file: ruleText, "lifecycle/exportable/b.rego": ruleText}, []string{"a second header"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Options{Policies: []string{writePolicies(t, tt.files)}})
			if err == nil {
				t.Fatal("it loads")
			}
			for _, part := range tt.want {
				if !strings.Contains(filepath.ToSlash(err.Error()), part) {
					t.Errorf("the error does not say %q:\n%v", part, err)
				}
			}
			if strings.Contains(err.Error(), "__local") {
				t.Errorf("the error shows names of the compiler:\n%v", err)
			}
		})
	}
	if _, err := Load(Options{Policies: []string{writePolicies(t, map[string]string{file: ruleText})}}); err != nil {
		t.Errorf("the rule as it is does not load: %v", err)
	}
	if _, err := Load(Options{Policies: []string{filepath.Join(t.TempDir(), "none")}}); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Errorf("a folder that is missing gives %v", err)
	}
}

func TestOverride(t *testing.T) {
	builtin := fstest.MapFS{"lifecycle/exportable/rule.rego": {Data: []byte(ruleText)}}
	again := map[string]string{"lifecycle/exportable/rule.rego": strings.Replace(ruleText, "severity: high", "severity: low", 1)}
	_, err := Load(Options{Builtin: builtin, Policies: []string{writePolicies(t, again)}})
	if err == nil || !strings.Contains(err.Error(), "override: true") {
		t.Errorf("a rule of the same name gives %v", err)
	}
	again["lifecycle/exportable/rule.rego"] = strings.Replace(again["lifecycle/exportable/rule.rego"], "applies_to", "override: true\n#   applies_to", 1)
	e, err := Load(Options{Builtin: builtin, Policies: []string{writePolicies(t, again)}})
	if err != nil {
		t.Fatal(err)
	}
	if r := e.Rules()[0]; r.Severity != finding.Low || !r.Custom || len(e.Rules()) != 1 {
		t.Errorf("the rule is not replaced: %+v", e.Rules())
	}
}

func TestLibOfAnotherFolder(t *testing.T) {
	dir := writePolicies(t, map[string]string{"lib/service.rego": "package lib.service\n\nserves(_) := false"})
	_, err := Load(Options{Builtin: ownRules, Policies: []string{dir}})
	if err == nil || !strings.Contains(err.Error(), "the package lib.service is another folder's") {
		t.Errorf("a lib that would change the built-in rules gives %v", err)
	}
}

func TestHeaderBecomesRule(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, r := range e.Rules() {
		ids = append(ids, r.ID)
	}
	if want := []string{"access/root-token", "rotation/old-key", "rotation/very-old-key"}; !slices.Equal(ids, want) {
		t.Fatalf("rules are %v, want %v", ids, want)
	}
	r := e.Rules()[1]
	if r.Title != "Key is old" || r.Severity != finding.High || r.SeverityFor("staging") != finding.Low || r.Settings["max_age_days"] != (finding.Setting{Default: 90, About: "days a key may serve"}) ||
		r.References[0].Ref != "https://example.com/keys" || r.Controls["nist-800-53-r5"][0] != "SC-12" || r.Remedy != "rotate" || r.Tags[0] != "cwe-324" || r.Custom {
		t.Errorf("the header is lost: %+v", r)
	}
}

// TestBuiltinRules: the built-in rules pass what rules of one's own have to pass when they are loaded, and their tests and examples.
func TestBuiltinRules(t *testing.T) {
	r, err := Test(t.Context(), TestOptions{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Failures {
		t.Error(f)
	}
	if r.Rules == 0 || r.Tests < r.Rules || r.Examples < 3*r.Rules {
		t.Errorf("%d rules have %d tests and %d examples", r.Rules, r.Tests, r.Examples)
	}
	problems, err := Lint(LintOptions{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
}
