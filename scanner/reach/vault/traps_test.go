package vault_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A denial is undone on purpose, or not: what is meant the rule's settings say. The effects of both are told, each with a path.
func TestShadowsByKind(t *testing.T) {
	for name, c := range map[string]struct {
		one, other string // policies that a login has together
		want       []string
	}{
		"a carve-out below a denial":                 {rule("secret/*", "deny"), rule("secret/data/app/*", "read"), []string{"grants_denied secret/data/app/name"}},
		"a denial below a grant is no surprise":      {rule("secret/*", "read"), rule("secret/data/hr/*", "deny"), nil},
		"the same path is denied":                    {rule("secret/*", "deny"), rule("secret/*", "read"), nil},
		"a segment beats a prefix by its place":      {rule("secret/*", "deny"), rule("secret/data/+/app", "read"), []string{"grants_denied secret/data/name/app"}},
		"a narrower rule without capabilities":       {rule("secret/*", "read"), "path \"secret/data/app\" {\n  capabilities = []\n}\n", []string{"drops_granted secret/data/app"}},
		"a narrower rule that allows as much":        {rule("secret/*", "read"), rule("secret/data/app", "read", "update"), nil},
		"rules that have no path in common":          {rule("secret/data/a/*", "deny"), rule("secret/data/b/*", "read"), nil},
		"sudo alone gives nothing beside a denial":   {rule("secret/*", "deny"), rule("secret/data/app", "sudo"), nil},
		"both effects, what is allowed stands first": {rule("secret/*", "deny") + rule("kv/*", "read"), rule("secret/x", "read") + rule("kv/x", "update"), []string{"grants_denied secret/x", "drops_granted kv/x"}},
	} {
		t.Run(name, func(t *testing.T) {
			snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "one", "other")}, Policies: map[string]string{"one": c.one, "other": c.other}}})
			found := build(t, snap).Found(resource(t, snap, "auth/kubernetes/role/app"))
			var got []string
			for _, s := range found.Summary.Shadows {
				got = append(got, s.Effect+" "+s.Paths[0])
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if len(found.Unknown) > 0 {
				t.Errorf("unknown: %v", found.Unknown)
			}
		})
	}
}

// Tokens that never hold both policies never combine them: neither do duties in two logins, nor in two users.
func TestDutiesOfDifferentTokens(t *testing.T) {
	uses, runs := rule("transit/decrypt/app", "update"), rule("transit/keys/app/config", "update")
	users := vaultfake.Mount{Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "ada", Policies: []string{"uses"}}, {Name: "bob", Policies: []string{"runs"}}}}
	for name, c := range map[string]struct {
		more []string // policies of a third user
		want []string
	}{
		"each has one":             {[]string{"uses"}, []string{}},
		"somebody has both":        {[]string{"uses", "runs"}, []string{"auth/userpass/users/eve"}},
		"one that does not exist":  {[]string{"uses", "gone"}, []string{}},
		"one of a like name":       {[]string{"uses", "runs2"}, []string{}},
		"a denial of the same key": {[]string{"uses", "runs", "no"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			all := users
			all.Users = append(slices.Clone(users.Users), vaultfake.User{Name: "eve", Policies: c.more})
			snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{Mounts: kept(), Auth: []vaultfake.Mount{all}, Policies: map[string]string{
				"uses": uses, "runs": runs, "runs2": rule("transit/keys/other/config", "update"), "no": rule("transit/decrypt/app", "deny"),
			}}})
			got := []string{}
			for _, x := range build(t, snap).Found(resource(t, snap, "transit/keys/app")).Summary.Conflicts {
				got = append(got, x.Principal)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// An administrator of a namespace mints power in that namespace and administers keys there, not in the one above it.
func TestNamespacedAdministrators(t *testing.T) {
	admin := rule("sys/policies/acl/*", "create", "update") + rule("transit/keys/app/config", "update")
	estate := vaultfake.Estate{
		"root": &vaultfake.Namespace{Mounts: kept(), Policies: map[string]string{"admin": ""}},
		"team": &vaultfake.Namespace{Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "admin")}, Policies: map[string]string{"admin": admin}},
	}
	snap := collect(t, estate)
	e := build(t, snap)
	find := func(namespace, path string) access.Found {
		t.Helper()
		for i := range snap.Resources {
			if snap.Resources[i].ID == inventory.VaultID("eu", namespace, path) {
				return e.Found(&snap.Resources[i])
			}
		}
		t.Fatalf("no resource %q in namespace %q", path, namespace)
		return access.Found{}
	}
	if f := find("", "transit/keys/app"); len(f.Summary.SelfGrants) > 0 || f.Summary.Administrators.Certain+f.Summary.Administrators.Possible != 1 {
		t.Errorf("the key above: %+v", f.Summary) // of the holder of the root token
	}
	if f := find("team", "transit/keys/app"); len(f.Summary.SelfGrants) != 1 || f.Summary.Administrators.Certain != 2 {
		t.Errorf("the key in the namespace: %+v", f.Summary)
	}
	if f := find("team", "auth/kubernetes/role/app"); len(f.Summary.Mints) != 1 || f.Summary.Mints[0].At != "admin: sys/policies/acl/*" {
		t.Errorf("the role: %+v", f.Summary.Mints)
	}
}
