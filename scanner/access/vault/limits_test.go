package vault_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// parameterCases are rules for one path, of a policy each, by their lines. Each part of want is the data of a request; those before "no" are
// allowed, those after it denied.
var parameterCases = map[string]struct {
	rules []string
	want  string
}{
	docs + "required":                     {[]string{`required_parameters = ["bar", "baz"]`}, `{"bar": 1, "baz": 2}; {"bar": "", "baz": null, "x": 1}; no; {}; {"bar": 1}; {"baz": 1}`},
	docs + "one parameter, any value":     {[]string{`allowed_parameters = { "bar" = [] }`}, `{}; {"bar": 1}; {"BAR": {"a": 1}}; no; {"x": 1}; {"bar": 1, "x": 1}`},
	docs + "one parameter, two values":    {[]string{`allowed_parameters = { "bar" = ["zip", "zap"] }`}, `{}; {"bar": "zip"}; no; {"bar": "zop"}; {"bar": "zip", "x": 1}; {"bar": "Zip"}`},
	docs + "and any others":               {[]string{`allowed_parameters = { "bar" = ["zip", "zap"] "*" = [] }`}, `{"bar": "zap", "x": 1}; {"x": 1}; no; {"bar": "zop"}`},
	docs + "denied for any value":         {[]string{`denied_parameters = { "bar" = [] }`}, `{}; {"x": 1}; no; {"bar": "zip"}; {"Bar": 1}`},
	docs + "denied for two values":        {[]string{`denied_parameters = { "bar" = ["zip", "zap"] }`}, `{"bar": "zop"}; {"x": "zip"}; no; {"bar": "zip"}`},
	docs + "all denied":                   {[]string{`denied_parameters = { "*" = [] }`}, `{}; no; {"x": 1}`},
	docs + "denied goes before allowed":   {[]string{`denied_parameters = { "bar" = ["zip"] } ` + "\n" + ` allowed_parameters = { "bar" = ["zip", "zap"] }`}, `{"bar": "zap"}; no; {"bar": "zip"}; {"x": 1}`},
	docs + "value by its beginning":       {[]string{`allowed_parameters = { "bar" = ["foo-*"] }`}, `{"bar": "foo-"}; {"bar": "foo-x"}; no; {"bar": "foo"}; {"bar": "x-foo-"}`},
	docs + "the rest of a text is passed": {[]string{`allowed_parameters = { "bar" = ["baz/*"] }`}, `{"bar": "baz/quux"}; {"bar": "baz/quux,wibble,wobble"}; no; {"bar": "wibble,baz/quux"}`},

	"observed: value by its end, and within":        {[]string{`allowed_parameters = { "bar" = ["*y", "*z*"] }`}, `{"bar": "xy"}; {"bar": "azb"}; no; {"bar": "yx"}`},
	"observed: * alone is a value":                  {[]string{`allowed_parameters = { "bar" = ["*"] }`}, `{"bar": "*"}; no; {"bar": "x"}`},
	"observed: ** is any text":                      {[]string{`allowed_parameters = { "bar" = ["**"] }`}, `{"bar": "x"}; no; {"bar": 1}`},
	"observed: values of * are not looked at":       {[]string{`allowed_parameters = { "*" = ["x"] }`}, `{"a": "y"}`},
	"observed: values of a denied * neither":        {[]string{`denied_parameters = { "*" = ["x"] }`}, `no; {"a": "y"}`},
	"observed: members of a list, all allowed":      {[]string{`allowed_parameters = { "bar" = ["a", "b"] }`}, `{"bar": ["a", "b"]}; {"bar": "b, a"}; {"bar": []}; {"bar": ""}; no; {"bar": ["a", "c"]}; {"bar": "a,c"}; {"bar": [["a"]]}`},
	"observed: members of a list, one denied":       {[]string{`denied_parameters = { "bar" = ["a"] }`}, `{"bar": ["b"]}; {"bar": []}; {"bar": ""}; no; {"bar": ["b", "a"]}; {"bar": "b,a"}`},
	"observed: a list is one value too":             {[]string{`allowed_parameters = { "bar" = [["a", "b"]] }`}, `{"bar": ["a", "b"]}; {"bar": []}; no; {"bar": ["b", "a"]}; {"bar": "a"}`},
	"observed: truth values":                        {[]string{`allowed_parameters = { "bar" = [true] }`}, `{"bar": true}; no; {"bar": false}; {"bar": "true"}`},
	"observed: numbers never fit":                   {[]string{`allowed_parameters = { "bar" = [5, 2.5, "7"] }`}, `{"bar": "7"}; no; {"bar": 5}; {"bar": 2.5}; {"bar": 7}; {"bar": "5"}`},
	"observed: required only in lower case":         {[]string{`required_parameters = ["Bar"]`}, `{"bar": 1}; no; {"Bar": 1}`},
	"observed: allowed in any case":                 {[]string{`allowed_parameters = { "Bar" = ["x"] }`}, `{"BAR": "x"}; no; {"bar": "y"}`},
	"merged: required of both":                      {[]string{`required_parameters = ["a"]`, `required_parameters = ["b", "a"]`}, `{"a": 1, "b": 1}; no; {"a": 1}; {"b": 1}`},
	"merged: values of both":                        {[]string{`allowed_parameters = { "a" = ["x"] }`, `allowed_parameters = { "a" = ["y"] "b" = ["z"] }`}, `{"a": "x"}; {"a": "y", "b": "z"}; no; {"a": "z"}; {"b": "x"}`},
	"merged: an empty list wins":                    {[]string{`allowed_parameters = { "a" = [] }`, `allowed_parameters = { "a" = ["y"] }`}, `{"a": "x"}; no; {"b": 1}`},
	"merged: an empty list wins that comes second":  {[]string{`denied_parameters = { "a" = ["x"] }`, `denied_parameters = { "a" = [] }`}, `{"b": 1}; no; {"a": "z"}`},
	"merged: one without does not lift the other's": {[]string{`allowed_parameters = { "a" = ["x"] }`, ``}, `{"a": "x"}; no; {"b": 1}`},
	"merged: one that comes first neither":          {[]string{``, `denied_parameters = { "a" = [] }`}, `{"b": 1}; no; {"a": 1}`},
}

func TestParameters(t *testing.T) {
	for name, c := range parameterCases {
		t.Run(name, func(t *testing.T) {
			var texts []string
			for _, lines := range c.rules {
				texts = append(texts, rule("a", "create read update patch delete list", lines))
			}
			e := vault.New()
			want := access.Allowed
			for line := range strings.SplitSeq(c.want, "; ") {
				if line == "no" {
					want = access.Denied
					continue
				}
				text, _ := json.Marshal(policies(texts...))
				for _, operation := range operations {
					want := want
					if operation == "delete" || operation == "list" { // these hold no parameters, as far as policies go
						want = access.Allowed
					}
					a := e.DecideJSON([]byte(`{"policies": ` + string(text) + `, "operation": "` + operation + `", "path": "a", "data": ` + line + `}`))
					if a.Decision != want {
						t.Errorf("%s of %s is %s, want %s %s", operation, line, a.Decision, want, a.Error)
					}
				}
			}
		})
	}
}

// wrappingCases are rules for one path, of a policy each, by their lines. Each word of allow and deny is a wrapping TTL, "none" for none.
// A read there is sure or possible.
var wrappingCases = map[string]struct {
	rules          []string
	allow, deny    string
	sure, possible bool
}{
	docs + "between two":          {[]string{"min_wrapping_ttl = \"1s\"\nmax_wrapping_ttl = \"90s\""}, "1 1s 90 90s 1m", "none 0 91 2m 1d", false, true},
	docs + "a number is seconds":  {[]string{"max_wrapping_ttl = 60"}, "60 1 0", "none 61", false, true},
	"at least":                    {[]string{"min_wrapping_ttl = \"1m\""}, "60 1h 2d", "none 59s 0", false, true},
	docs + "the smallest of each": {[]string{"max_wrapping_ttl = 60\nmin_wrapping_ttl = 20", "max_wrapping_ttl = 90\nmin_wrapping_ttl = 10"}, "10 60", "none 9 61", false, true},
	"merged: none suits both":     {[]string{"max_wrapping_ttl = 60", "min_wrapping_ttl = 90"}, "", "none 60 90 75", false, false},
	"no limits":                   {[]string{""}, "none 0 1h", "", true, true},
}

func TestWrapping(t *testing.T) {
	for name, c := range wrappingCases {
		t.Run(name, func(t *testing.T) {
			var texts []string
			for _, lines := range c.rules {
				texts = append(texts, rule("a", "create read update patch delete list", lines))
			}
			e := vault.New()
			ask := func(ttls string, want access.Decision) {
				for ttl := range strings.FieldsSeq(ttls) {
					for _, operation := range operations {
						r := vault.Request{Policies: policies(texts...), Operation: operation, Path: "a", WrapTTL: strings.TrimPrefix(ttl, "none")}
						if a := e.Decide(r); a.Decision != want {
							t.Errorf("%s wrapped for %q is %s, want %s %s", operation, r.WrapTTL, a.Decision, want, a.Error)
						}
					}
				}
			}
			ask(c.allow, access.Allowed)
			ask(c.deny, access.Denied)
			acl, err := e.ACL("", policies(texts...), vault.Identity{})
			if err != nil {
				t.Fatal(err)
			}
			if got := acl.Capabilities("a"); (got.Sure&vault.Read != 0) != c.sure || (got.Possible&vault.Read != 0) != c.possible {
				t.Errorf("sure %s and possible %s, want %v and %v", got.Sure, got.Possible, c.sure, c.possible)
			}
		})
	}
}

// What the documentation calls templated policies: paths that are completed for the caller, and are nobody's where that cannot be done.
func TestTemplates(t *testing.T) {
	const identity = `{"entity": {"id": "e-1", "name": "ada", "metadata": {"team": "red", "none": "", "star": "*", "slash": "/x"},
		"aliases": {"auth_kubernetes_1": {"id": "a-1", "name": "pod", "metadata": {"service_account_namespace": "prod"}, "custom_metadata": {"k": "v"}}}},
		"groups": [{"id": "g-1", "name": "ops", "metadata": {"site": "north"}}, {"id": "g-2", "name": "dev"}]}`
	// As Vault's API answers for an entity; keys that no template names do not matter.
	const api = `{"entity": {"id": "e-1", "name": "ada", "metadata": {"team": "red", "none": "", "star": "*", "slash": "/x"}, "creation_time": "2024-01-01T00:00:00Z",
		"aliases": [{"mount_accessor": "auth_kubernetes_1", "mount_type": "kubernetes", "id": "a-1", "name": "pod", "metadata": {"service_account_namespace": "prod"}, "custom_metadata": {"k": "v"}},
			{"mount_accessor": "auth_kubernetes_1", "name": "later"}]},
		"groups": [{"id": "g-1", "name": "ops", "metadata": {"site": "north"}, "type": "internal"}, {"id": "g-2", "name": "dev", "metadata": null}]}`
	for _, c := range []struct{ path, becomes string }{ // "" where nothing becomes of it
		{"secret/data/{{identity.entity.id}}/*", "secret/data/e-1/x"},
		{"secret/{{identity.entity.name}}", "secret/ada"},
		{"secret/{{ identity.entity.name }}/{{identity.entity.id}}", "secret/ada/e-1"},
		{"secret/{{identity.entity.metadata.team}}", "secret/red"},
		{"secret/data/{{identity.entity.aliases.auth_kubernetes_1.metadata.service_account_namespace}}/*", "secret/data/prod/x"},
		{"a/{{identity.entity.aliases.auth_kubernetes_1.custom_metadata.k}}", "a/v"},
		{"a/{{identity.entity.aliases.auth_kubernetes_1.name}}", "a/pod"},
		{"a/{{identity.entity.aliases.auth_kubernetes_1.id}}", "a/a-1"},
		{"secret/data/groups/{{identity.groups.ids.g-1.name}}/*", "secret/data/groups/ops/x"},
		{"a/{{identity.groups.names.ops.id}}", "a/g-1"},
		{"a/{{identity.groups.ids.g-1.metadata.site}}", "a/north"},
		{"a/{{identity.groups.names.ops.metadata.site}}", "a/north"},

		{"a{{identity.entity.metadata.none}}", "a"},             // observed: an empty value is one
		{"{{identity.entity.metadata.slash}}", "x"},             // observed: the "/" at the beginning goes afterwards
		{"a/{{identity.entity.metadata.unheard}}", ""},          // no such key
		{"a/{{identity.entity.metadata}}", ""},                  // not one value
		{"a/{{identity.entity.groups.names}}", ""},              // not one value
		{"a/{{identity.entity.aliases.other.name}}", ""},        // no such alias
		{"a/{{identity.entity.aliases.auth_kubernetes_1}}", ""}, // nothing of the alias
		{"a/{{identity.groups.names.unheard.id}}", ""},          // not of that group
		{"a/{{identity.groups.names.ops}}", ""},                 // nothing of the group
		{"a/{{identity.groups.other.ops.id}}", ""},              // no such way to name one
		{"a/{{identity.entity}}", ""},
		{"a/{{}}", ""},
		{"a/{{other}}", ""},
	} {
		for _, id := range []string{identity, api} {
			text, _ := json.Marshal(policies(rule(c.path, "read") + rule("a/*", "list")))
			e := vault.New()
			ask := func(path, identity string) access.Decision {
				a := e.DecideJSON([]byte(`{"policies": ` + string(text) + `, "operation": "read", "path": "` + path + `", "identity": ` + identity + `}`))
				return a.Decision
			}
			path := c.becomes
			if path == "" {
				path = c.path
			}
			if got := ask(path, id); (got == access.Allowed) != (c.becomes != "") {
				t.Errorf("%s: %s is %s", c.path, path, got)
			}
			for _, other := range []string{`{}`, `null`, `{"entity": {}, "groups": []}`} {
				if got := ask(path, other); got != access.Denied {
					t.Errorf("%s without an identity: %s is %s", c.path, path, got)
				}
			}
		}
	}
}

// A denial with a template is nobody's either where the template cannot be completed; what cannot be told is an error.
func TestTemplateErrors(t *testing.T) {
	star := vault.Identity{Entity: &vault.Entity{Metadata: map[string]string{"star": "*"}}}
	for _, c := range []struct {
		text     string
		identity vault.Identity
		want     access.Answer
	}{
		{rule("a/*", "read") + rule("a/{{identity.entity.id}}", "deny"), vault.Identity{}, access.Answer{Decision: access.Allowed, Because: []access.Because{{Document: "policy p0", Statement: "a/*", Line: 1}}}},
		{"\n" + rule("a/{{time.now}}", "deny"), star, access.Answer{Decision: access.Failed, Error: `policy "p0": line 2: its template asks for the time, which a request does not hold`}},
		{rule("a/+{{identity.entity.metadata.star}}", "deny"), star, access.Answer{Decision: access.Failed, Error: `policy "p0": line 1: its template comes to a path with "+*", so Vault refuses every request`}},
		{rule("a/{{identity.entity.id", "read"), star, access.Answer{Decision: access.Failed, Error: `policy "p0": read Vault policy: line 1: a path has "{{" or "}}" without the other`}},
	} {
		c.want.Residual = []access.Residual{}
		if c.want.Because == nil {
			c.want.Because = []access.Because{}
		}
		got := vault.New().Decide(vault.Request{Policies: policies(c.text), Operation: "read", Path: "a/any", Identity: c.identity})
		if d := cmp.Diff(c.want, got); d != "" {
			t.Error(d)
		}
	}
}
