package vaultpolicy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

func TestParse(t *testing.T) {
	type rule = vaultpolicy.Rule
	write := []string{"create", "delete", "list", "read", "update"}
	for name, c := range map[string]struct {
		text string
		want []rule
	}{
		"empty":               {"", []rule{}},
		"only a comment":      {"# nothing\n", []rule{}},
		"capabilities sorted": {"path \"secret/data/app\" {\n  capabilities = [\"update\", \"read\", \"read\"]\n}\n", []rule{{"secret/data/app", []string{"read", "update"}, nil, 1, 3}}},
		"deny ends the list":  {`path "a" { capabilities = ["deny", "unheard"] }`, []rule{{"a", []string{"deny"}, nil, 1, 1}}},
		"short deny":          {`path "a" { policy = "deny" capabilities = ["unheard"] max_wrapping_ttl = "x" }`, []rule{{"a", []string{"deny"}, nil, 1, 1}}},
		"none":                {`path "a" { capabilities = [] }`, []rule{{"a", []string{}, nil, 1, 1}}},
		"deny stands alone":   {`path "a" { capabilities = ["read", "deny", "sudo"] }`, []rule{{"a", []string{"deny"}, nil, 1, 1}}},
		"leading slash":       {`path "/sys/mounts" { capabilities = ["list"] }`, []rule{{"sys/mounts", []string{"list"}, nil, 1, 1}}},
		"wildcards":           {`path "+/data/*" { capabilities = ["read"] }`, []rule{{"+/data/*", []string{"read"}, nil, 1, 1}}},
		"shorthands":          {"path \"a\" { policy = \"read\" }\npath \"b\" { policy = \"write\" }", []rule{{"a", []string{"list", "read"}, nil, 1, 1}, {"b", write, nil, 2, 2}}},
		"shorthand and more":  {`path "a" { policy = "read" capabilities = ["sudo"] }`, []rule{{"a", []string{"list", "read", "sudo"}, nil, 1, 1}}},
		"limits": {
			"name = \"app\"\npath \"a\" {\n capabilities = [\"update\"]\n allowed_parameters = { \"x\" = [\"1\", \"2\"] \"*\" = [] }\n denied_parameters = { y = [] }\n" +
				" required_parameters = [\"z\"]\n min_wrapping_ttl = \"1s\"\n max_wrapping_ttl = 90\n comment = \"c\"\n control_group = { factor \"ops\" { identity { group_names = [\"x\"] approvals = 1 } } }\n}",
			[]rule{{"a", []string{"update"}, &vaultpolicy.Limits{
				Allowed: map[string][]any{"x": {"1", "2"}, "*": {}}, Denied: map[string][]any{"y": {}}, Required: []string{"z"},
				MinWrap: time.Second, MaxWrap: 90 * time.Second, ControlGroups: []vaultpolicy.Factor{{Name: "ops"}},
			}, 2, 11}},
		},
		"values by kind": {
			`path "a" { capabilities = ["update"] allowed_parameters = { "X" = [1, 2.5, true, "s", ["l"]] } }`,
			[]rule{{"a", []string{"update"}, &vaultpolicy.Limits{Allowed: map[string][]any{"x": {1, 2.5, true, "s", []any{"l"}}}}, 1, 1}},
		},
		"limits in JSON": {
			`{"path": {"a": {"capabilities": ["read"], "denied_parameters": {"x": []}, "mfa_methods": ["m"], "subscribe_event_types": ["kv*"], "max_wrapping_ttl": "1d"}}}`,
			[]rule{{"a", []string{"read"}, &vaultpolicy.Limits{Denied: map[string][]any{"x": {}}, MaxWrap: 24 * time.Hour, MFAMethods: []string{"m"}, SubscribeEventType: []string{"kv*"}}, 1, 1}},
		},
		"controlled capabilities": {
			`path "a" { capabilities = ["read", "update"] control_group = { ttl = "1h" factor "f" { controlled_capabilities = ["read"] identity { group_ids = ["g"] approvals = 2 } } } }`,
			[]rule{{"a", []string{"read", "update"}, &vaultpolicy.Limits{ControlGroups: []vaultpolicy.Factor{{Name: "f", Capabilities: []string{"read"}}}}, 1, 1}},
		},
		"limits of a denial": {`path "a" { capabilities = ["deny"] required_parameters = ["x"] }`, []rule{{"a", []string{"deny"}, nil, 1, 1}}},
		"templated":          {`path "secret/data/{{identity.entity.name}}/*" { capabilities = ["read"] }`, []rule{{"secret/data/{{identity.entity.name}}/*", []string{"read"}, nil, 1, 1}}},
		"JSON":               {"{\n \"path\": {\n  \"a/*\": {\"capabilities\": [\"read\"]},\n  \"b\": {\"policy\": \"deny\"}\n }\n}", []rule{{"a/*", []string{"read"}, nil, 2, 2}, {"b", []string{"deny"}, nil, 2, 2}}},
		"JSON list":          {`{"path": [{"a": {"capabilities": ["list"]}}, {"b": {"capabilities": ["read"]}}]}`, []rule{{"a", []string{"list"}, nil, 1, 1}, {"b", []string{"read"}, nil, 1, 1}}},
		"CRLF and BOM":       {"\uFEFFpath \"a\" {\r\n  capabilities = [\"read\"]\r\n}\r\n", []rule{{"a", []string{"read"}, nil, 1, 3}}},
		"same path twice":    {`path "a" { capabilities = ["read"] } path "a" { capabilities = ["list"] }`, []rule{{"a", []string{"read"}, nil, 1, 1}, {"a", []string{"list"}, nil, 1, 1}}},
		"without a label":    {`path { capabilities = ["read"] }`, []rule{{"path", []string{"read"}, nil, 1, 1}}},
		"old comment form":   {"// a\n/* b */ path \"a\" { capabilities = [\"read\"], }", []rule{{"a", []string{"read"}, nil, 2, 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := vaultpolicy.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

// What Vault refuses is refused, and no error shows what the policy says.
func TestParseErrors(t *testing.T) {
	const private = "s3cretpath"
	for name, c := range map[string]struct{ text, want string }{
		"syntax":               {"path \"" + private + "\" {\n capabilities = [\"read\"\n}", "line 3"},
		"unknown capability":   {"\npath \"" + private + "\" { capabilities = [\"" + private + "\"] }", "line 2: a capability is none of"},
		"letter case":          {`path "a" { capabilities = ["Read"] }`, "a capability is none of"},
		"unknown key":          {"path \"a\" {\n " + private + " = 1\n}", "line 2 says"},
		"unknown top":          {private + " \"a\" {}", "line 1: only paths"},
		"unknown shorthand":    {`path "a" { policy = "` + private + `" }`, "line 1"},
		"forbidden wildcard":   {`path "a/+*" { capabilities = ["read"] }`, `"+*"`},
		"no body":              {`path = "` + private + `"`, "braces"},
		"set twice":            {"path \"a\" {\n capabilities = [\"read\"]\n capabilities = [\"" + private + "\"]\n}", "line 3"},
		"objects as a list":    {`path "a" { capabilities = [{ b = "c" }] }`, "line 1"},
		"assigned, not a path": {`path = { "` + private + `" = { capabilities = ["read"] } }`, "line 1"},
		"capability alone":     {`path "a" { capabilities = "read" }`, "line 1"},
		"name of a list":       {`name = ["` + private + `"]`, "line 1: a name"},
		"unknown before deny":  {`path "a" { capabilities = ["` + private + `", "deny"] }`, "a capability is none of"},
		"half a template":      {`path "a/{{identity.entity.id" { capabilities = ["read"] }`, `"{{"`},
		"template in template": {`path "a/{{b{{c}}}}" { capabilities = ["read"] }`, `"{{"`},
		"no duration":          {"path \"a\" {\n min_wrapping_ttl = \"" + private + "\"\n}", "line 1: min_wrapping_ttl"},
		"too long":             {`path "a" { max_wrapping_ttl = "9999999999d" }`, "too long"},
		"TTLs the wrong way":   {`path "a" { min_wrapping_ttl = 2 max_wrapping_ttl = 1 }`, "less than"},
		"parameters of a list": {"path \"a\" {\n allowed_parameters = [\"" + private + "\"]\n}", "line 2 sets something to a value of another kind"},
		"values not in a list": {"path \"a\" {\n denied_parameters = { x = \"" + private + "\" }\n}", "line 2 sets"},
		"control without any":  {`path "a" { control_group = {} }`, "no factor"},
		"factor's odd name":    {`path "a" { control_group = { factor "x" { name = ["` + private + `"] } } }`, "line 1 sets"},
		"factor of nobody":     {`path "a" { control_group = { factor "x" { identity { approvals = 1 } } } }`, "groups and a number"},
		"factor beyond":        {`path "a" { capabilities = ["read"] control_group = { factor "x" { controlled_capabilities = ["list"] identity { group_ids = ["g"] approvals = 1 } } } }`, "not all the rule's own"},
		"bad JSON":             {`{"path": {"` + private + `": `, "not valid"},
		"deep":                 {strings.Repeat("a {", 1e6), "nested"},
		"deep lists":           {"a = " + strings.Repeat("[", 1e6), "nested"},
		"not text":             {"\xff\xfe\x00", "not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := vaultpolicy.Parse(c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), private) {
				t.Errorf("error %v, want one with %q and without %q", err, c.want, private)
			}
		})
	}
}

func TestStatements(t *testing.T) {
	got, err := vaultpolicy.Statements(`path "*" { capabilities = ["sudo"] } path "sys/raw" { policy = "deny" } path "/{{x}}" {}`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ path, effect, capabilities string }{{"*", "allow", "sudo"}, {"sys/raw", "deny", "deny"}, {"{{x}}", "allow", ""}} {
		if s := got[i]; s.Path != want.path || s.At != want.path || s.Effect != want.effect || strings.Join(s.Capabilities, " ") != want.capabilities || s.Capabilities == nil {
			t.Errorf("statement %d is %+v, want %+v", i, s, want)
		}
	}
}

// Ten megabytes of policy are read in good time; the point is that no step takes the square of it.
func TestParseLarge(t *testing.T) {
	one := "path \"secret/data/app\" {\n  capabilities = [\"read\"]\n}\n"
	n := 10_000_000 / len(one)
	rules, err := vaultpolicy.Parse(strings.Repeat(one, n))
	if err != nil || len(rules) != n || rules[n-1].Line != 3*n-2 {
		t.Errorf("%d rules and error %v, want %d", len(rules), err, n)
	}
}

// Whatever the text, Parse answers, and what it lists is what Vault knows.
func FuzzParseYieldsKnownCapabilities(f *testing.F) {
	for _, s := range []string{`path "a" { capabilities = ["read"] }`, `{"path": {"a": {"policy": "write"}}}`, "path <<E\nE\n", `path "\q" {}`, `path "a" { capabilities = [08] }`, `a = 9999999999999999999999`} {
		f.Add(s)
	}
	known := " create read update patch delete list sudo deny subscribe recover "
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := vaultpolicy.Parse(text)
		if err != nil && rules != nil {
			t.Error("rules beside an error")
		}
		for _, r := range rules {
			for _, c := range r.Capabilities {
				if !strings.Contains(known, " "+c+" ") {
					t.Errorf("capability %q", c)
				}
			}
			if r.Line < 1 || r.End < r.Line || strings.HasPrefix(r.Path, "/") && !strings.Contains(r.Path, "{{") && !strings.Contains(text, "//") && !strings.Contains(text, `\`) {
				t.Errorf("rule %+v", r)
			}
		}
	})
}
