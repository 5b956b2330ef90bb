package vault_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	collector "github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach/vault"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// all is of those who matter where everybody does.
func all(string) bool { return true }

// collect reads an estate with the collector. Each has a token that may do everything.
func collect(t testing.TB, estate vaultfake.Estate) *inventory.Snapshot {
	t.Helper()
	if estate["root"] == nil {
		estate["root"] = &vaultfake.Namespace{}
	}
	for _, ns := range estate {
		ns.Tokens = append(ns.Tokens, vaultfake.Token{ID: "root-token", Accessor: "own", DisplayName: "own", Policies: []string{"root"}, Created: noon, Path: "auth/token/root", Root: true})
	}
	server := httptest.NewServer(vaultfake.New(estate, vaultfake.Options{Now: func() time.Time { return noon }}))
	t.Cleanup(server.Close)
	sources, err := collector.Open(context.Background(), collector.Config{
		Name: "eu", Address: server.URL, Namespaces: []string{"*"}, Tokens: collector.Tokens{List: true}, Budget: collector.Budget{RPS: 1e6},
	}, collector.Options{Env: func(string) string { return "root-token" }, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := scanner.Collect(context.Background(), sources, scanner.CollectOptions{Now: noon, Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func build(t testing.TB, snap *inventory.Snapshot) *vault.Estate {
	t.Helper()
	e, err := vault.New(snap)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// kept is the engines of the tests: a key of each kind that matters, and two secrets.
func kept() []vaultfake.Mount {
	key := func(name, typ string) vaultfake.TransitKey {
		return vaultfake.TransitKey{Name: name, Type: typ, Versions: []time.Time{noon}}
	}
	secret := func(path string) vaultfake.Secret {
		return vaultfake.Secret{Path: path, Versions: []vaultfake.SecretVersion{{Created: noon}}}
	}
	return []vaultfake.Mount{
		{Path: "transit/", Type: "transit", Keys: []vaultfake.TransitKey{key("app", "aes256-gcm96"), key("jwt", "ed25519"), {Name: "open", Type: "aes256-gcm96", Versions: []time.Time{noon}, Exportable: true, PlainBackup: true, Deletable: true}}},
		{Path: "secret/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{secret("app"), secret("payments/stripe")}},
	}
}

func rule(path string, capabilities ...string) string {
	return fmt.Sprintf("path %q {\n  capabilities = [\"%s\"]\n}\n", path, strings.Join(capabilities, `", "`))
}

func kubernetes(name string, policies ...string) vaultfake.Mount {
	return vaultfake.Mount{Path: "kubernetes/", Type: "kubernetes", KubernetesRoles: []vaultfake.KubernetesRole{
		{Name: name, Policies: policies, Accounts: []string{name}, Namespaces: []string{"prod"}, Audience: "vault"},
	}}
}

// told is holders in a few words each: "auth/kubernetes/role/app", with "?" where it hangs on something and "!" where something was not read.
func told(h access.Holders) []string {
	out := []string{}
	for _, one := range h.Holders {
		text := one.Principal
		if one.Decision == access.Conditional {
			text += "?"
		}
		if len(one.Unread) > 0 {
			text += "!"
		}
		if one.Principal != "auth/token/accessors/"+ownDigest {
			out = append(out, text)
		}
	}
	return out
}

// ownDigest is what the token that reads is called by.
const ownDigest = "5b3975651c3cab92d044c096"

func who(t *testing.T, e *vault.Estate, action, key string) access.Holders {
	t.Helper()
	ids := e.Find(key)
	if len(ids) != 1 {
		t.Fatalf("%q means %v", key, ids)
	}
	h, err := e.Who(action, ids[0])
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWho(t *testing.T) {
	app := "auth/kubernetes/role/app"
	for name, c := range map[string]struct {
		ns          vaultfake.Namespace
		action, key string
		want        []string
	}{
		"a denial is not global": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a", "b")}, Policies: map[string]string{"a": rule("transit/*", "deny"), "b": rule("transit/decrypt/app", "update")}},
			"decrypt", "transit/app",
			[]string{app},
		},
		"a narrower rule takes away": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("secret/*", "read") + rule("secret/data/a*", "update")}},
			"read", "secret/app",
			[]string{},
		},
		"an empty list on a narrower path takes away": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("secret/*", "read") + "path \"secret/data/app\" { capabilities = [] }\n"}},
			"read", "secret/app",
			[]string{},
		},
		"a prefix is none of segments": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("secret/data/pay*", "read")}},
			"read", "secret/payments/stripe",
			[]string{app},
		},
		"a + is one segment": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("secret/data/+", "read")}},
			"read", "secret/payments/stripe",
			[]string{},
		},
		"sudo alone allows nothing": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("transit/decrypt/app", "sudo")}},
			"decrypt", "transit/app",
			[]string{},
		},
		"create does not write what exists": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("transit/encrypt/*", "create")}},
			"encrypt", "transit/app",
			[]string{},
		},
		"a path with the hash": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("transit/sign/jwt/sha2-256", "update")}},
			"sign", "transit/jwt",
			[]string{app},
		},
		"parameters are conditions": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": "path \"transit/decrypt/app\" {\n capabilities = [\"update\"]\n required_parameters = [\"context\"]\n}"}},
			"decrypt", "transit/app",
			[]string{app + "?"},
		},
		"a policy that does not exist gives nothing": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "gone")}}, "decrypt", "transit/app", []string{},
		},
		"names of policies are in any letter case": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "A")}, Policies: map[string]string{"a": rule("transit/decrypt/app", "update")}},
			"decrypt", "transit/app",
			[]string{app},
		},
		"the policy default": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app")}}, "read auth/token/lookup-self", "transit/app", []string{app},
		},
		"a login whose tokens lack the policy default": {
			vaultfake.Namespace{
				Auth:     []vaultfake.Mount{{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{Name: "bare", NoDefault: true}, {Name: "ci"}}}},
				Policies: map[string]string{"default": rule("transit/decrypt/app", "update")},
			},
			"decrypt", "transit/app",
			[]string{"auth/approle/role/ci"},
		},
		"one that takes away by it what its policy gives": {
			vaultfake.Namespace{
				Auth:     []vaultfake.Mount{{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{Name: "bare", Policies: []string{"a"}, NoDefault: true}, {Name: "ci", Policies: []string{"a"}}}}},
				Policies: map[string]string{"a": rule("transit/*", "update"), "default": rule("transit/decrypt/app", "deny")},
			},
			"decrypt", "transit/app",
			[]string{"auth/approle/role/bare"},
		},
		"a token role whose tokens lack the policy default": {
			vaultfake.Namespace{
				Policies:   map[string]string{"a": "", "default": rule("transit/decrypt/app", "update")},
				TokenRoles: []vaultfake.TokenRole{{Name: "bare", Policies: []string{"a"}, NoDefault: true}, {Name: "ci", Policies: []string{"a"}}},
			},
			"decrypt", "transit/app",
			[]string{"auth/token/roles/ci"},
		},
		"a template is completed for the entity, and for a login perhaps": {
			vaultfake.Namespace{
				Auth:     []vaultfake.Mount{kubernetes("app", "own")},
				Policies: map[string]string{"own": rule("secret/data/{{identity.entity.name}}", "read")},
				Entities: []vaultfake.Entity{{ID: "e1", Name: "app", Policies: []string{"own"}}, {ID: "e2", Name: "other", Policies: []string{"own"}}},
			},
			"read", "secret/app",
			[]string{"identity/entity/name/app", app + "?"},
		},
		"groups of groups": {
			vaultfake.Namespace{
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Entities: []vaultfake.Entity{{ID: "e1", Name: "ada"}, {ID: "e2", Name: "off", Disabled: true}},
				Groups:   []vaultfake.Group{{ID: "g1", Name: "inner", Members: []string{"e1", "e2"}}, {ID: "g2", Name: "outer", Groups: []string{"g1"}, Policies: []string{"a"}}},
			},
			"decrypt", "transit/app",
			[]string{"identity/entity/name/ada"},
		},
		"a user is its entity": {
			vaultfake.Namespace{
				Auth:     []vaultfake.Mount{{Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "ada"}, {Name: "bob"}}}},
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Entities: []vaultfake.Entity{{ID: "e1", Name: "ada", Policies: []string{"a"}, Aliases: []vaultfake.Alias{{ID: "x", Name: "ada", Accessor: "u", Mount: "userpass/", Type: "userpass"}}}},
			},
			"decrypt", "transit/app",
			[]string{"auth/userpass/users/ada", "identity/entity/name/ada"},
		},
		"an AppRole that was made anew, whose old entity is disabled": {
			vaultfake.Namespace{
				Auth:     []vaultfake.Mount{{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{Name: "ci", Policies: []string{"a"}}}}},
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Entities: []vaultfake.Entity{
					{ID: "e1", Name: "new", Aliases: []vaultfake.Alias{{ID: "x", Name: "r2", Accessor: "a", Mount: "approle/", Type: "approle", Metadata: map[string]string{"role_name": "ci"}}}},
					{ID: "e2", Name: "old", Disabled: true, Aliases: []vaultfake.Alias{{ID: "y", Name: "r1", Accessor: "a", Mount: "approle/", Type: "approle", Metadata: map[string]string{"role_name": "ci"}}}},
				},
			},
			"decrypt", "transit/app",
			[]string{"auth/approle/role/ci"},
		},
		"a login may be of an entity": {
			vaultfake.Namespace{
				Auth: []vaultfake.Mount{
					{Path: "jwt/", Type: "jwt", JWTRoles: []vaultfake.JWTRole{{Name: "ci", Audiences: []string{"vault"}}}},
				},
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Entities: []vaultfake.Entity{{ID: "e1", Name: "ada", Policies: []string{"a"}, Aliases: []vaultfake.Alias{{ID: "x", Name: "ada@example.org", Accessor: "u", Mount: "jwt/", Type: "jwt"}}}},
			},
			"decrypt", "transit/app",
			[]string{"identity/entity/name/ada", "auth/jwt/role/ci?"},
		},
		"an external group may be that of a login": {
			vaultfake.Namespace{
				Auth:     []vaultfake.Mount{{Path: "jwt/", Type: "jwt", JWTRoles: []vaultfake.JWTRole{{Name: "ci", Audiences: []string{"vault"}}}}},
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Groups:   []vaultfake.Group{{ID: "g", Name: "admins", Policies: []string{"a"}, Alias: &vaultfake.Alias{ID: "x", Name: "admins", Accessor: "j", Mount: "jwt/", Type: "jwt"}}},
			},
			"decrypt", "transit/app",
			[]string{"auth/jwt/role/ci?"},
		},
		"a token role that names no policy but those that it denies": {
			vaultfake.Namespace{
				Policies:   map[string]string{"a": rule("transit/decrypt/app", "update"), "b": rule("transit/decrypt/jwt", "update")},
				TokenRoles: []vaultfake.TokenRole{{Name: "open", Denied: []string{"b"}}, {Name: "shut", Denied: []string{"a"}}, {Name: "parent"}},
			},
			"decrypt", "transit/app",
			[]string{"auth/token/roles/open"},
		},
		"a token role of which one policy takes away what another gives": {
			vaultfake.Namespace{
				Policies:   map[string]string{"app-a": rule("transit/decrypt/*", "update"), "app-b": rule("transit/decrypt/app", "deny")},
				TokenRoles: []vaultfake.TokenRole{{Name: "r", Patterns: []string{"app-*"}}},
			},
			"decrypt", "transit/app",
			[]string{"auth/token/roles/r"},
		},
		"a token role that makes tokens of an entity": {
			vaultfake.Namespace{
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Entities: []vaultfake.Entity{
					{ID: "e1", Name: "bot", Policies: []string{"a"}, Aliases: []vaultfake.Alias{{ID: "x", Name: "CI-bot", Accessor: "t", Mount: "token/", Type: "token"}}},
				},
				TokenRoles: []vaultfake.TokenRole{{Name: "all", EntityAliases: []string{"ci-*"}}, {Name: "one", EntityAliases: []string{"other"}}, {Name: "none"}},
			},
			"decrypt", "transit/app",
			[]string{"auth/token/roles/all", "identity/entity/name/bot"},
		},
		"a token role for an entity of another auth method, or one that is disabled": {
			vaultfake.Namespace{
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Entities: []vaultfake.Entity{
					{ID: "e1", Name: "bot", Policies: []string{"a"}, Aliases: []vaultfake.Alias{{ID: "x", Name: "ci", Accessor: "t", Mount: "jwt/", Type: "jwt"}}},
					{ID: "e2", Name: "off", Policies: []string{"a"}, Disabled: true, Aliases: []vaultfake.Alias{{ID: "y", Name: "ci", Accessor: "t", Mount: "token/", Type: "token"}}},
				},
				TokenRoles: []vaultfake.TokenRole{{Name: "all", EntityAliases: []string{"ci"}}},
			},
			"decrypt", "transit/app",
			[]string{"identity/entity/name/bot"},
		},
		"a token": {
			vaultfake.Namespace{
				Policies: map[string]string{"a": rule("transit/decrypt/app", "update")},
				Tokens:   []vaultfake.Token{{Accessor: "x", DisplayName: "token", Policies: []string{"a"}, Created: noon}, {Accessor: "y", DisplayName: "token", Policies: []string{"default"}, Created: noon}},
			},
			"decrypt", "transit/app",
			[]string{"auth/token/accessors/2d711642b726b04401627ca9"},
		},
		"a path of one's own": {
			vaultfake.Namespace{Auth: []vaultfake.Mount{kubernetes("app", "a")}, Policies: map[string]string{"a": rule("secret/metadata/*", "list")}},
			"list secret/metadata/", "secret/app",
			[]string{app},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.ns.Mounts = kept()
			got := told(who(t, build(t, collect(t, vaultfake.Estate{"root": &c.ns})), c.action, c.key))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// A policy of the root namespace reaches into others, and one of another namespace does not reach out of it.
func TestNamespaces(t *testing.T) {
	root := &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("central", "a")},
		Policies: map[string]string{"a": rule("team/transit/decrypt/*", "update")},
	}
	team := &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("local", "a")},
		Policies: map[string]string{"a": rule("transit/decrypt/*", "update")},
	}
	e := build(t, collect(t, vaultfake.Estate{"root": root, "team": team}))
	if d := cmp.Diff([]string{"auth/kubernetes/role/central", "team/auth/kubernetes/role/local"}, slices.DeleteFunc(told(who(t, e, "decrypt", "team/transit/app")), func(s string) bool { return strings.Contains(s, "accessors") })); d != "" {
		t.Error(d)
	}
	root.Tokens = nil
	ids := e.Find("transit/app")
	if len(ids) != 2 {
		t.Errorf("%v", ids)
	}
	h, err := e.Who("decrypt", "vault:eu/root/transit/keys/app")
	if err != nil {
		t.Fatal(err)
	}
	if got := told(h); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// The order of a snapshot's resources changes nothing.
func TestPermutation(t *testing.T) {
	snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "a", "b"), {Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "ada"}, {Name: "bob", Policies: []string{"b"}}}}},
		Policies: map[string]string{"a": rule("transit/+/app", "update", "read"), "b": rule("transit/*", "update") + rule("sys/policies/acl/*", "update")},
		Entities: []vaultfake.Entity{{ID: "e1", Name: "x", Policies: []string{"a"}, Aliases: []vaultfake.Alias{{ID: "x", Name: "app", Accessor: "k", Mount: "kubernetes/", Type: "kubernetes"}}}},
	}})
	answers := func() (out []any) {
		e := build(t, snap)
		for _, id := range []inventory.ID{"vault:eu/root/transit/keys/app", "vault:eu/root/transit/keys/jwt", "vault:eu/root/transit/keys/open"} {
			for _, action := range []string{"config", "rotate", "verify", "hmac"} {
				if h, err := e.Who(action, id); err == nil {
					out = append(out, h)
				}
			}
		}
		byID := slices.Clone(snap.Resources)
		slices.SortFunc(byID, func(a, b inventory.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
		for i := range byID {
			out = append(out, e.Found(&byID[i]))
		}
		return append(out, e.StepsTo("auth/kubernetes/role/app", all))
	}
	want := answers()
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		random.Shuffle(len(snap.Resources), func(i, j int) { snap.Resources[i], snap.Resources[j] = snap.Resources[j], snap.Resources[i] })
		if d := cmp.Diff(want, answers()); d != "" {
			t.Fatal(d)
		}
	}
}
