package vault_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// rule is a path block with capabilities, separated by spaces, and further lines.
func rule(path, capabilities string, lines ...string) string {
	return "path \"" + path + "\" {\n  capabilities = " + quoted(strings.Fields(capabilities)) + "\n" + strings.Join(lines, "\n") + "\n}\n"
}

// policies are texts called p0, p1 ...
func policies(texts ...string) []vault.Policy {
	var out []vault.Policy
	for i, text := range texts {
		out = append(out, vault.Policy{Name: "p" + string(rune('0'+i)), Text: text})
	}
	return out
}

const docs = "Policies, in Vault's documentation: "

// ruleCases are policies. Each part of want is an operation and a path; those before "no" are allowed, those after it denied.
var ruleCases = map[string]struct {
	texts []string
	want  string
}{
	docs + "one path": {[]string{rule("secret/foo", "read")}, "read secret/foo, no, update secret/foo, delete secret/foo, read secret/food, read secret/foo/bar, read sys/mounts"},
	docs + "a broad grant and an exact denial": {
		[]string{rule("secret/*", "create read update patch delete list") + rule("secret/super-secret", "deny")},
		"read secret/a, delete secret/a/b, list secret/, read secret/super-secret/x, no, read secret/super-secret, list secret/super-secret/, read secret",
	},
	docs + "everything beneath":   {[]string{rule("secret/bar/*", "read")}, "read secret/bar/zip, read secret/bar/zip/zap, no, read secret/bars/zip, read secret/bar"},
	docs + "a prefix is of text":  {[]string{rule("secret/zip-*", "read")}, "read secret/zip-zap, read secret/zip-zap/zong, no, read secret/zip/zap"},
	docs + "one segment":          {[]string{rule("secret/+/teamb", "read")}, "read secret/foo/teamb, read secret//teamb, no, read secret/foo/bar/teamb, read secret/teamb, read secret/foo/teamb/"},
	docs + "two segments":         {[]string{rule("secret/+/+/teamb", "read")}, "read secret/foo/bar/teamb, read secret/bar/foo/teamb, no, read secret/foo/teamb"},
	docs + "no boundary":          {[]string{rule("secret/foo*", "read")}, "read secret/foobar, read secret/foo, read secret/foo/bar, no, read secret/fo"},
	docs + "fewer + go before":    {[]string{rule("secret/*", "read") + rule("secret/+/+/foo/*", "update")}, "read secret/a/b/foo/c, no, update secret/a/b/foo/c"},
	docs + "the same in policies": {[]string{rule("a/*", "read"), rule("a/*", "list")}, "read a/b, list a/b/, no, update a/b"},
	docs + "empty":                {[]string{""}, "no, read a, list a/"},
	docs + "one of two patterns":  {[]string{rule("a/*", "read"), rule("a/b*", "list")}, "read a/c, list a/b/, no, read a/b"},

	"observed: an earlier wildcard gives way":       {[]string{rule("a/+/c/d", "read") + rule("a/b/+/d", "update")}, "update a/b/c/d, no, read a/b/c/d"},
	"observed: one that ends in * gives way":        {[]string{rule("a/+/b*", "read") + rule("a/+/+", "update")}, "update a/x/b, read a/x/b/c, no, read a/x/b"},
	"observed: the longer one goes before":          {[]string{rule("a/+/b*", "read") + rule("a/+/bc*", "update")}, "update a/x/bcd, read a/x/bd, no, read a/x/bcd"},
	"observed: the later in the alphabet":           {[]string{rule("a/+/b/+", "read") + rule("a/+/+/c", "update")}, "read a/x/b/c, update a/x/y/c, no, update a/x/b/c"},
	"observed: + that is no segment is a character": {[]string{rule("a+b", "read") + rule("a/b+", "read") + rule("a/+b", "read")}, "read a+b, read a/b+, read a/+b, no, read axb, read a/b, read a/xb"},
	"observed: * within is a character":             {[]string{rule("a/*/b", "read")}, "read a/*/b, no, read a/x/b"},
	"observed: + may be empty, and stands first":    {[]string{rule("+/a", "read")}, "read x/a, no, read a, read x/y/a"},
	"observed: leading slash":                       {[]string{rule("/a", "read")}, "read a, read /a, no, read b"},

	"consequence: to deny is not global":        {[]string{rule("secret/*", "deny") + rule("secret/app", "read")}, "read secret/app, no, read secret/other, update secret/app"},
	"consequence: not from another policy":      {[]string{rule("secret/*", "deny"), rule("secret/app", "read")}, "read secret/app, no, read secret/other"},
	"consequence: a narrower rule replaces":     {[]string{rule("secret/*", "read") + rule("secret/a*", "update")}, "update secret/app, read secret/b, no, read secret/app"},
	"consequence: an empty list takes away":     {[]string{rule("secret/*", "read") + rule("secret/app", "")}, "read secret/b, no, read secret/app"},
	"consequence: LIST is of the directory":     {[]string{rule("secret/metadata/*", "list")}, "list secret/metadata/, list secret/metadata/a/, no, list secret/metadata"},
	"consequence: sudo alone allows nothing":    {[]string{rule("sys/*", "sudo")}, "no, read sys/audit, update sys/rotate, read sys/mounts"},
	"consequence: + matches nothing deeper":     {[]string{rule("foo/+/bar", "read")}, "read foo/x/bar, no, read foo/x/y/bar, read foo/x/bar/baz, read foo/bar"},
	"consequence: a denial wipes its own list":  {[]string{rule("a", "read deny sudo")}, "no, read a"},
	"consequence: a denial of the very pattern": {[]string{rule("a/*", "read"), rule("a/*", "deny"), rule("a/*", "read")}, "no, read a/b"},
	"consequence: a prefix is not of segments":  {[]string{rule("app*", "read")}, "read application/x, no, read ap"},

	"LIST takes the exact path without its slash": {[]string{rule("a/b", "list") + rule("a/*", "deny")}, "list a/b/, list a/b, no, list a/c/"},
	"LIST takes the exact path with it first":     {[]string{rule("a/b", "list") + rule("a/b/", "deny")}, "list a/b, no, list a/b/"},
	"LIST takes a prefix of the path without it":  {[]string{rule("a*", "list") + rule("a/*", "deny")}, "list a/, no, list a/b/"},
	"READ does not":                                {[]string{rule("a/b", "read")}, "read a/b, no, read a/b/"},
	"sudo besides, where Vault asks for it":        {[]string{rule("sys/auth/a", "read update sudo") + rule("sys/*", "read update") + rule("auth/*", "update list") + rule("pki/*", "delete")}, "update sys/auth/a, read sys/auth, read sys/mounts, update sys/rotate/x, update auth/token/create, no, update sys/auth/b, read sys/audit, update sys/rotate, update sys/seal, read sys/raw/x, update auth/token/revoke-orphan, list auth/token/accessors/, delete pki/root"},
	"old shorthands":                               {[]string{`path "r" { policy = "read" } path "w" { policy = "write" } path "s/*" { policy = "sudo" } path "d" { policy = "deny" }`}, "read r, list r, create w, read w, update w, delete w, list w, read s/x, no, update r, patch w, read d"},
	"capabilities of the same path come together":  {[]string{rule("a", "read") + rule("a", "update"), rule("a", "delete")}, "read a, update a, delete a, no, list a"},
	"root allows everything":                       {nil, "no, read a"},
	"exact goes before what would match otherwise": {[]string{rule("a/+", "read") + rule("a/b", "list") + rule("a/b*", "update")}, "read a/c, list a/b, update a/bc, no, read a/b, update a/b"},
}

func TestOneRuleDecides(t *testing.T) {
	for name, c := range ruleCases {
		t.Run(name, func(t *testing.T) {
			e := vault.New()
			want := access.Allowed
			for line := range strings.SplitSeq(c.want, ", ") {
				if line == "no" {
					want = access.Denied
					continue
				}
				operation, path, _ := strings.Cut(line, " ")
				if a := e.Decide(vault.Request{Policies: policies(c.texts...), Operation: operation, Path: path}); a.Decision != want {
					t.Errorf("%s is %s, want %s (%v %s)", line, a.Decision, want, a.Because, a.Error)
				}
			}
		})
	}
}

// What an answer rests on.
func TestAnswers(t *testing.T) {
	none, nothing := []access.Residual{}, []access.Because{}
	group := `control_group = { factor "f" { controlled_capabilities = ["read"] identity { group_names = ["g"] approvals = 1 } } }`
	for name, c := range map[string]struct {
		r    vault.Request
		want access.Answer
	}{
		"a grant names the policies that give it": {
			vault.Request{ID: "7", System: "vault", Policies: policies(rule("a/*", "read"), rule("a/*", "list"), rule("/a/*", "read update")), Operation: "read", Path: "a/b"},
			access.Answer{ID: "7", Decision: access.Allowed, Residual: none, Because: []access.Because{{Document: "policy p0", Statement: "a/*", Line: 1}, {Document: "policy p2", Statement: "a/*", Line: 1}}},
		},
		"no rule": {
			vault.Request{Policies: policies(rule("b", "read")), Operation: "read", Path: "a"},
			access.Answer{Decision: access.Denied, Residual: none, Because: nothing},
		},
		"a rule without the capability": {
			vault.Request{Policies: policies(rule("a", "read")), Operation: "update", Path: "a"},
			access.Answer{Decision: access.Denied, Residual: none, Because: []access.Because{{Document: "policy p0", Statement: "a", Line: 1}}},
		},
		"a denial is explicit, and named alone": {
			vault.Request{Policies: policies(rule("a", "read"), rule("a", "deny"), rule("a", "read")), Operation: "read", Path: "a"},
			access.Answer{Decision: access.Denied, Explicit: true, Residual: none, Because: []access.Because{{Document: "policy p1", Statement: "a", Line: 1}}},
		},
		"a denial that another rule goes before is not": {
			vault.Request{Policies: policies(rule("a*", "deny") + rule("a", "list")), Operation: "read", Path: "a"},
			access.Answer{Decision: access.Denied, Residual: none, Because: []access.Because{{Document: "policy p0", Statement: "a", Line: 5}}},
		},
		"root": {
			vault.Request{Policies: []vault.Policy{{Name: "root"}}, Operation: "delete", Path: "sys/audit/x"},
			access.Answer{Decision: access.Allowed, Residual: none, Because: []access.Because{{Document: "policy root"}}},
		},
		"root beside others": {
			vault.Request{Policies: []vault.Policy{{Name: "root"}, {Name: "b"}}, Operation: "read", Path: "a"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: "the policy root cannot stand beside others"},
		},
		"root of a namespace": {
			vault.Request{Namespace: "team", Policies: []vault.Policy{{Name: "root"}}, Operation: "read", Path: "a"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: "the policy root is one of the root namespace only"},
		},
		"what does not parse": {
			vault.Request{Policies: policies(rule("a", "read"), "path \"a\" {\n capabilities = [\"reed\"]\n}"), Operation: "read", Path: "a"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: `policy "p1": read Vault policy: line 1: a capability is none of create, read, update, patch, delete, list, sudo, deny, subscribe, recover`},
		},
		"MFA": {
			vault.Request{Policies: policies(rule("a", "read", `mfa_methods = ["m"]`)), Operation: "read", Path: "a"},
			access.Answer{Decision: access.Conditional, Residual: []access.Residual{{Class: access.When, Key: "mfa_methods", Statement: "a"}}, Because: []access.Because{{Document: "policy p0", Statement: "a", Line: 1}}},
		},
		"control group": {
			vault.Request{Policies: policies(rule("a", "read update", group)), Operation: "read", Path: "a"},
			access.Answer{Decision: access.Conditional, Residual: []access.Residual{{Class: access.Who, Key: "control_group", Statement: "a"}}, Because: []access.Because{{Document: "policy p0", Statement: "a", Line: 1}}},
		},
		"control group of another capability": {
			vault.Request{Policies: policies(rule("a", "read update", group)), Operation: "update", Path: "a"},
			access.Answer{Decision: access.Allowed, Residual: none, Because: []access.Because{{Document: "policy p0", Statement: "a", Line: 1}}},
		},
		"a path that may be of a namespace": {
			vault.Request{Policies: policies(rule("team/*", "read")), Operation: "read", Path: "team/sys/audit"},
			access.Answer{Decision: access.Conditional, Residual: []access.Residual{{Class: access.What, Key: "sudo", Statement: "team/*"}}, Because: []access.Because{{Document: "policy p0", Statement: "team/*", Line: 1}}},
		},
		"a pki engine by another name": {
			vault.Request{Policies: policies(rule("ca/*", "update sudo")), Operation: "update", Path: "ca/root/sign-self-issued"},
			access.Answer{Decision: access.Allowed, Residual: none, Because: []access.Because{{Document: "policy p0", Statement: "ca/*", Line: 1}}},
		},
		"an entity that is disabled": {
			vault.Request{Policies: policies(rule("a", "read")), Operation: "read", Path: "a", Identity: vault.Identity{Entity: &vault.Entity{Disabled: true}}},
			access.Answer{Decision: access.Denied, Residual: none, Because: nothing},
		},
		"no such operation": {
			vault.Request{Operation: "write"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: `operation "write" is none of create, read, update, delete, list and patch`},
		},
		"another system": {
			vault.Request{System: "aws", Operation: "read"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: `system "aws" is not vault`},
		},
		"no such duration": {
			vault.Request{Operation: "read", WrapTTL: "soon"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: `wrap_ttl "soon": it is not a duration, such as 90s, 1h or a number of seconds`},
		},
		"a negative duration": {
			vault.Request{Operation: "read", WrapTTL: "-1s"},
			access.Answer{Decision: access.Failed, Residual: none, Because: nothing, Error: "wrap_ttl is negative"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := vault.New()
			for range 2 { // from the policies, and from what was kept of them
				if d := cmp.Diff(c.want, e.Decide(c.r)); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// Policies and paths are those of a namespace; a path's kind is told with the namespace before it.
func TestNamespaces(t *testing.T) {
	for name, c := range map[string]struct {
		namespace, rule, path string
		want                  access.Decision
	}{
		"the same in one":                  {"team", "a/*", "a/b", access.Allowed},
		"slashes do not matter":            {"/team/", "/a/*", "/a/b", access.Allowed},
		"nested":                           {"team/sub", "a", "a", access.Allowed},
		"root by its name":                 {"root", "a", "a", access.Allowed},
		"the namespace is not of the path": {"team", "team/a", "a", access.Denied},
		"+ that begins a word, of root":    {"", "+b", "xb", access.Denied},
		"+ that begins a word":             {"team", "+b", "+b", access.Allowed},
		"of root, a path in another":       {"", "team/a", "team/a", access.Allowed},
	} {
		t.Run(name, func(t *testing.T) {
			a := vault.New().Decide(vault.Request{Namespace: c.namespace, Policies: policies(rule(c.rule, "read")), Operation: "read", Path: c.path})
			if a.Decision != c.want {
				t.Errorf("%+v, want %s", a, c.want)
			}
		})
	}
}
