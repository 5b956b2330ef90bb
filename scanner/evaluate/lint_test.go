package evaluate

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lintBody lints one rule about keys, with a helper beside it.
func lintBody(t *testing.T, body string) []Problem {
	t.Helper()
	lib, err := readAll(corpusFS([]struct{ name, body string }{{"rule", body}}), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := lib.configure(nil)
	if err != nil {
		t.Fatal(err)
	}
	return forbidden(rules, lib.libs())
}

func TestLintRego(t *testing.T) {
	const deny = `deny contains {"message": "m"} if `
	for _, tt := range []struct {
		name, body, want string // want "": clean; "warning: ..." a warning
	}{
		{"plain", deny + `input.resource.key.age_days > 90`, ""},
		{"a severity", `deny contains {"message": "m", "severity": "low"} if input.resource.key.exportable`, ""},
		{"a severity that hangs on facts", "old := \"low\" if input.resource.key.age_days < 90\nold := \"low\" if input.resource.key.exportable\n" + `deny contains {"message": "m", "severity": old} if input.resource.key.exportable`, ""},
		{"a severity of a function", "old(n) := \"info\" if n < 90\n" + `deny contains {"message": "m", "severity": old(input.resource.key.age_days)} if input.resource.key.exportable`, ""},
		{"a severity above the rule's", `deny contains {"message": "m", "severity": "medium"} if input.resource.key.exportable`, "a finding is never above its rule, so ask for low or less"},
		{"a severity above the rule's, now and then", "old := \"critical\" if input.resource.key.age_days > 90\nold := \"low\" if input.resource.key.age_days < 9\n" + `deny contains {"message": "m", "severity": old} if input.resource.key.exportable`, "a finding is never above its rule"},
		{"a severity that is none", `deny contains {"message": "m", "severity": "lwo"} if input.resource.key.exportable`, `did you mean "low"?`},
		{"a severity out of a fact", `deny contains {"message": "m", "severity": input.resource.name} if input.resource.key.exportable`, "neither a constant nor a rule of this folder"},
		{"a severity that is computed", "old := input.resource.name\n" + `deny contains {"message": "m", "severity": old} if input.resource.key.exportable`, "neither a constant nor a rule of this folder"},
		{"walk", deny + `{ walk(input.resource.key, [_, v]); v == 1 }`, "walk:"},
		{"with", "old if input.resource.key.age_days > input.settings.max\n" + deny + `old with input.settings.max as 3`, "with:"},
		{"else on input", "l := 1 if input.resource.key.exportable\nelse := 2\n" + deny + `l == 2`, "warning: else:"},
		{"object.get", deny + `object.get(input.resource.key, "state", "") == ""`, "warning: object.get:"},
		{"iterating fields", deny + `{ some k, v in input.resource.key; k == "bits"; v > 1 }`, "iterates over the fields of input.resource.key"},
		{"iterating fields behind a name", deny + `{ k := input.resource.key; some v in k.rotation; v == true }`, "iterates over the fields of input.resource.key.rotation"},
		{"indexing fields", deny + `{ some f; input.resource.key[f] == true }`, "iterates over the fields of input.resource.key"},
		{"every field", deny + `every v in input.resource.key.versions { v > 1 }`, "iterates over the fields of input.resource.key.versions"},
		{"keys of an object with fixed fields", deny + `"bits" in object.keys(input.resource.key)`, "iterates over the fields"},
		{"iterating tags", deny + `{ some k, v in input.resource.tags; v == "x"; k != "y" }`, ""},
		{"keys of tags", deny + `"x" in object.keys(input.resource.tags)`, ""},
		{"a whole object", deny + `input.resource.key.rotation == input.resource.secret.rotation`, "as a whole"},
		{"an object written out", deny + `{ some e in input.resource.edges; e == {"type": "x"} }`, "compares with a whole object"},
		{"a whole object among others", deny + `input.resource.series in input.resource.edges`, "asks for a whole object"},
		{"some of a list", deny + `{ some e in input.resource.edges; e.end == "absent" }`, ""},
		{"a value that no fact has", deny + `input.resource.key.state == "enabledd"`, `input.resource.key.state is never "enabledd", did you mean "enabled"?`},
		{"the other way round", deny + `"Enabled" != input.resource.key.state`, `is never "Enabled"`},
		{"behind a name", deny + `{ k := input.resource.key; k.rotation.automatic; k.state == "on" }`, `is never "on"`},
		{"in a set", deny + `input.resource.key.algorithm in {"rsa", "dsa"}`, `is never "dsa"`},
		{"in a list of facts", deny + `"signs" in input.resource.key.usages`, `is never "signs"`},
		{"an unknown type", deny + `input.resource.type == "aws.kms.keys"`, `is never "aws.kms.keys"`},
		{"an unknown purpose", deny + `input.resource.purpose == "signing"`, `is never "signing"`},
		{"an unknown tier", deny + `input.resource.tier == "prod"`, `is never "prod"`},
		{"an open text", deny + `input.resource.key.spec == "anything"`, ""},
		{"conversion of what was not checked", deny + `to_number(input.resource.name) > 3`, "to_number fails on some values of input.resource.name"},
		{"conversion after a check", deny + "{ regex.match(`^[0-9]+$`, input.resource.name); to_number(input.resource.name) > 3 }", ""},
		{"blocks that were not checked", deny + `"::/0" in net.cidr_merge([b | some b in input.resource.credential.bound_cidrs])`, "check it before with net.cidr_is_valid"},
		{"blocks of which each was", deny + `"::/0" in net.cidr_merge({b | some b in input.resource.credential.bound_cidrs; net.cidr_is_valid(b)})`, ""},
		{"blocks of which others were", deny + `"::/0" in net.cidr_merge([b | some b in input.resource.credential.bound_cidrs; not net.cidr_is_valid(b)])`, "check it before with net.cidr_is_valid"},
		{"a number and a text", deny + `input.resource.key.age_days > "180"`, `input.resource.key.age_days is a number and "180" is a text`},
		{"a time and a number", deny + `input.resource.key.rotated_at > 180`, "input.resource.key.rotated_at is a text and 180 is a number"},
		{"a tag and a number", deny + `input.resource.tags.age >= 180`, "input.resource.tags.age is a text and 180 is a number"},
		{"a number and a list, behind a name, as a function", deny + `{ k := input.resource.key; lt(k.age_days, [3]) }`, "is in no order"},
		{"two texts", deny + `input.resource.key.rotated_at < "2026"`, ""},
		{"a number and a setting", deny + `input.resource.key.age_days <= input.settings.max`, ""},
		{"a text and a setting", deny + `input.resource.name <= input.settings.max`, "is a text and input.settings.max is a number"},
		{"a pattern that varies", deny + `regex.match(input.resource.name, "x")`, "use a constant"},
		{"a divisor that may be 0", deny + `10 / input.resource.key.bits > 3`, "greater than 0"},
		{"a divisor that was checked", deny + `{ input.resource.key.bits > 0; 10 / input.resource.key.bits > 3 }`, ""},
		{"a constant divisor", deny + `input.resource.key.bits / 8 > 3`, ""},
		{"definitions that may conflict", "f := 1 if input.resource.key.exportable\nf := 2 if input.resource.key.derived\n" + deny + `f == 2`, "two definitions could hold at once"},
		{"functions that may conflict", "f(x) := 1 if x.exportable\nf(x) := 2 if x.derived\n" + deny + `f(input.resource.key) == 2`, "two definitions could hold at once"},
		{"definitions of the same value", "f if input.resource.key.exportable\nf if input.resource.key.derived\n" + deny + `f`, ""},
		{"functions told apart by an argument", "f(\"a\") := 1\nf(\"b\") := 2\n" + deny + `f(input.resource.name) == 2`, ""},
		{"definitions told apart by a fact", "f := input.resource.key.bits if input.resource.kind == \"key\"\nf := 2 if input.resource.kind == \"secret\"\n" + deny + `f == 2`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ps := lintBody(t, tt.body)
			if tt.want == "" {
				if len(ps) > 0 {
					t.Errorf("got %v, want nothing", ps)
				}
				return
			}
			if !slices.ContainsFunc(ps, func(p Problem) bool {
				text := p.String()
				return strings.Contains(text, tt.want) && p.Line >= 12 && p.Warning == strings.HasPrefix(tt.want, "warning")
			}) {
				t.Errorf("got %v, want %s", ps, tt.want)
			}
		})
	}
}

func TestLintFolder(t *testing.T) {
	good, err := Skeleton("lifecycle/ours")
	if err != nil {
		t.Fatal(err)
	}
	lint := func(change func(files map[string]string)) []Problem {
		files := map[string]string{}
		for name, text := range good {
			files["lifecycle/ours/"+name] = text
		}
		change(files)
		ps, err := Lint(LintOptions{Builtin: ownRules, Policies: []string{writePolicies(t, files)}})
		if err != nil {
			t.Fatal(err)
		}
		return ps
	}
	const rule, tests, examples = "lifecycle/ours/rule.rego", "lifecycle/ours/rule_test.rego", "lifecycle/ours/examples.yaml"
	replace := func(file, old, with string) func(map[string]string) {
		return func(files map[string]string) {
			if !strings.Contains(files[file], old) {
				t.Fatalf("%s does not hold %q", file, old)
			}
			files[file] = strings.ReplaceAll(files[file], old, with)
		}
	}
	for _, tt := range []struct {
		name   string
		change func(map[string]string)
		file   string
		want   string
	}{
		{"as it is", func(map[string]string) {}, "", ""},
		{"no Rego test", func(f map[string]string) { delete(f, tests) }, tests, "the rule has no Rego test"},
		{"a Rego file without a test", replace(tests, "test_", "tset_"), tests, "the rule has no Rego test"},
		{"no examples", func(f map[string]string) { delete(f, examples) }, examples, "the rule has no examples"},
		{"no example that cannot be told", replace(examples, "verdict: unknown\n    deciding: [key.rotated_at]", "verdict: pass"), examples, "no example is unknown"},
		{"a mistake in an example", replace(examples, "verdict: pass", "verdict: passes"), examples, `unknown verdict "passes", did you mean "pass"?`},
		{"a setting that is not used", replace(rule, "  remedy: rotate", "  settings_from: {old: rotation/old-key}\n#   remedy: rotate"), rule, `the setting "old" is used nowhere`},
		{"a mistake in the header", replace(rule, "title:", "titel:"), rule, `unknown key "titel"`},
		{"a misspelt field", replace(rule, "key.age_days", "key.aeg_days"), rule, `did you mean "age_days"?`},
		{"a forbidden construct", replace(rule, "input.resource.key.age_days >", "object.get(input.resource.key, \"age_days\", 0) >"), rule, "object.get"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ps := lint(tt.change)
			if tt.want == "" {
				if len(ps) > 0 {
					t.Errorf("got %v, want nothing", ps)
				}
				return
			}
			if !slices.ContainsFunc(ps, func(p Problem) bool {
				return strings.HasSuffix(filepath.ToSlash(p.File), tt.file) && strings.Contains(p.Text, tt.want)
			}) {
				t.Errorf("got %v, want %s: %s", ps, tt.file, tt.want)
			}
		})
	}
}
