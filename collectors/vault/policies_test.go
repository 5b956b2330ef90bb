package vault

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A policy is what its text says; one that cannot be understood is unknown, and its text is in no message.
func TestPolicies(t *testing.T) {
	texts := map[string]string{
		"team/app": `path "secret/data/app" { capabilities = ["read"] }
path "secret/data/app/admin" { capabilities = ["deny"] }`,
		"broken": `path "secret/data/canary" { capabilities = ["reed"] }`,
		"empty":  "",
	}
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Policies: texts}), vaultfake.Options{}), Config{})
	for name, text := range texts {
		if res := got.resources[inventory.ID("vault:eu/root/sys/policies/acl/"+name)]; res.Document != text || res.Policy.Document != inventory.DocumentHash(text) {
			t.Errorf("the policy %s has the document %q, hash %s", name, res.Document, res.Policy.Document)
		}
	}
	app := got.resources["vault:eu/root/sys/policies/acl/team/app"]
	want := &inventory.Policy{Builtin: ref(false), Document: inventory.DocumentHash(texts["team/app"]), Statements: []inventory.Statement{
		{At: "secret/data/app", Effect: "allow", Path: "secret/data/app", Capabilities: []string{"read"}},
		{At: "secret/data/app/admin", Effect: "deny", Path: "secret/data/app/admin", Capabilities: []string{"deny"}},
	}}
	if diff := cmp.Diff(want, app.Policy); diff != "" || app.Unknown != nil {
		t.Errorf("the policy differs (-want +got), unknown %v:\n%s", app.Unknown, diff)
	}
	broken := got.resources["vault:eu/root/sys/policies/acl/broken"]
	if u := broken.Unread("policy.statements"); u == nil || u.Why != inventory.Unreadable || u.Hint != "write the policy anew: read Vault policy: line 1: a capability is none of create, read, update, patch, delete, list, sudo, deny, subscribe, recover" {
		t.Errorf("the broken policy has unknown %v", broken.Unknown)
	}
	if empty := got.resources["vault:eu/root/sys/policies/acl/empty"]; empty.Policy == nil || empty.Policy.Statements == nil || empty.Unknown != nil {
		t.Errorf("the empty policy is %+v", empty)
	}
	if root := got.resources["vault:eu/root/sys/policies/acl/root"]; root.Unknown != nil || root.Policy.Statements != nil || root.Policy.Document != "" {
		t.Errorf("the policy root is %+v", root)
	}
}

// A claim is bound when it is not held to anything.
func TestJWTRoles(t *testing.T) {
	roles := []vaultfake.JWTRole{
		{Name: "words", Claims: map[string]any{"a": "*", "b": []any{"x", "*"}}},
		{Name: "patterns", Glob: true, Claims: map[string]any{"a": "*", "b": []any{"x", "**"}, "c": "x*", "d": true, "e": []any{}, "f": ""}},
		{Name: "none", Audiences: []string{""}},
		{Name: "heard", Audiences: []string{"vault"}, Subject: "s", Policies: []string{"p"}},
	}
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Auth: []vaultfake.Mount{
		{Path: "gitlab/", Type: "jwt", JWTRoles: roles}, {Path: "people/", Type: "oidc", JWTRoles: roles[3:]},
	}}), vaultfake.Options{}), Config{})
	role := func(path string) *inventory.Trust {
		res, ok := got.resources[inventory.ID("vault:eu/root/auth/"+path)]
		if !ok || len(res.Unknown) > 0 {
			t.Fatalf("%s is %+v", path, res)
		}
		return res.Trust
	}
	for name, want := range map[string][]string{"words": {"a", "b"}, "patterns": {"c", "d", "e", "f"}, "none": {}} {
		if r := role("gitlab/role/" + name); !slices.Equal(r.BoundClaims, want) || len(r.BoundAudiences) > 0 || r.BoundSubject != "" {
			t.Errorf("%s binds %q, audiences %q, subject %q; want the claims %q", name, r.BoundClaims, r.BoundAudiences, r.BoundSubject, want)
		}
	}
	for _, mount := range []string{"gitlab", "people"} {
		if r := role(mount + "/role/heard"); r.BoundSubject != "s" || !slices.Equal(r.BoundAudiences, []string{"vault"}) || r.Mount != "auth/"+mount || !slices.Equal(r.Policies, []string{"p"}) {
			t.Errorf("the role of %s is %+v", mount, r)
		}
	}
}
