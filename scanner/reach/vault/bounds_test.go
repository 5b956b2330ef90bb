package vault_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// What is held to networks hangs on them, and what may be is not certain.
func TestBounds(t *testing.T) {
	role := func(r vaultfake.AppRole) vaultfake.Namespace {
		r.Name, r.Policies, r.BindSecretID = "ci", []string{"p"}, true
		return vaultfake.Namespace{Auth: []vaultfake.Mount{{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{r}}}}
	}
	nets := []string{"10.0.0.0/8"}
	for name, c := range map[string]struct {
		ns   vaultfake.Namespace
		hide string // a fact that is not read
		want []string
	}{
		"a login without":           {role(vaultfake.AppRole{}), "", []string{"auth/approle/role/ci"}},
		"tokens of a login":         {role(vaultfake.AppRole{TokenCIDRs: nets}), "", []string{"auth/approle/role/ci? WHERE token_bound_cidrs"}},
		"secret-ids of a login":     {role(vaultfake.AppRole{SecretIDCIDRs: nets}), "", []string{"auth/approle/role/ci? WHERE secret_id_bound_cidrs"}},
		"both":                      {role(vaultfake.AppRole{SecretIDCIDRs: nets, TokenCIDRs: nets}), "", []string{"auth/approle/role/ci? WHERE secret_id_bound_cidrs WHERE token_bound_cidrs"}},
		"tokens, which nobody read": {role(vaultfake.AppRole{}), "trust.token_bound_cidrs", []string{"auth/approle/role/ci? unread token_bound_cidrs"}},
		"secret-ids, likewise":      {role(vaultfake.AppRole{}), "trust.secret_id.bound_cidrs", []string{"auth/approle/role/ci? unread secret_id_bound_cidrs"}},
		"a token role":              {vaultfake.Namespace{TokenRoles: []vaultfake.TokenRole{{Name: "r", Policies: []string{"p"}, CIDRs: nets}}}, "", []string{"auth/token/roles/r? WHERE token_bound_cidrs"}},
		"a token": {
			vaultfake.Namespace{Tokens: []vaultfake.Token{{Accessor: "x", DisplayName: "token", Policies: []string{"p"}, Created: noon, CIDRs: nets}}},
			"",
			[]string{"auth/token/accessors/2d711642b726b04401627ca9? WHERE bound_cidrs"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.ns.Mounts, c.ns.Policies = kept(), map[string]string{"p": rule("transit/decrypt/app", "update")}
			snap := collect(t, vaultfake.Estate{"root": &c.ns})
			if c.hide != "" {
				r := resource(t, snap, "auth/approle/role/ci")
				r.Unknown = append(r.Unknown, inventory.Unknown{Fact: c.hide, Why: inventory.Denied})
			}
			e := build(t, snap)
			var got []string
			for _, h := range who(t, e, "decrypt", "transit/app").Holders {
				text := h.Principal
				if h.Decision == access.Conditional {
					text += "?"
				}
				for _, r := range h.Residual {
					text += fmt.Sprintf(" %s %s", r.Class, r.Key)
				}
				for _, u := range h.Unread {
					text += " unread " + u.Document
				}
				if h.Principal != "auth/token/accessors/"+ownDigest {
					got = append(got, text)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			// Whoever is in the network may do it: summaries do not count it as less.
			if n := e.Found(resource(t, snap, "transit/keys/app")).Summary.Users; n.Possible > 0 || n.Certain != 2 {
				t.Errorf("users: %+v", n)
			}
			x, err := e.Explain(strings.TrimSuffix(strings.Fields(c.want[0])[0], "?"), "decrypt", inventory.VaultID("eu", "", "transit/keys/app"))
			if err != nil || (x.Direct.Decision == access.Allowed) != (name == "a login without") {
				t.Errorf("explained: %v %v", x.Direct.Decision, err)
			}
		})
	}
}

// A way to a login is certain only with all that the login asks for.
func TestWaysToLogins(t *testing.T) {
	ci, ada, app := "auth/approle/role/ci", "auth/userpass/users/ada", "auth/kubernetes/role/app"
	for name, c := range map[string]struct {
		policy, to string
		role       vaultfake.AppRole
		want       string
	}{
		"a secret-id with the role-id":         {rule(ci+"/secret-id", "update") + rule(ci+"/role-id", "read"), ci, vaultfake.AppRole{BindSecretID: true}, "> read auth/approle/role/ci/role-id then update auth/approle/role/ci/secret-id"},
		"a secret-id for a role-id of its own": {rule(ci+"/custom-secret-id", "update") + rule(ci+"/role-id", "update"), ci, vaultfake.AppRole{BindSecretID: true}, "> update auth/approle/role/ci/role-id then update auth/approle/role/ci/custom-secret-id"},
		"a secret-id alone":                    {rule(ci+"/secret-id", "update"), ci, vaultfake.AppRole{BindSecretID: true}, "? update auth/approle/role/ci/secret-id: WHO role_id"},
		"to create is not to make a secret-id": {rule(ci+"/secret-id", "create") + rule(ci+"/role-id", "read"), ci, vaultfake.AppRole{BindSecretID: true}, ""},
		"a role-id is not enough":              {rule(ci+"/role-id", "read"), ci, vaultfake.AppRole{BindSecretID: true}, ""},
		"a role-id is enough":                  {rule(ci+"/role-id", "read"), ci, vaultfake.AppRole{TokenCIDRs: []string{"10.0.0.0/8"}}, "? read auth/approle/role/ci/role-id: WHERE token_bound_cidrs"},
		"networks of secret-ids":               {rule(ci+"/secret-id", "update") + rule(ci+"/role-id", "read"), ci, vaultfake.AppRole{BindSecretID: true, SecretIDCIDRs: []string{"10.0.0.0/8"}}, "? read auth/approle/role/ci/role-id then update auth/approle/role/ci/secret-id: WHERE secret_id_bound_cidrs"},
		"a denial of the role-id":              {rule(ci+"/secret-id", "update") + rule(ci+"/role-id", "deny"), ci, vaultfake.AppRole{BindSecretID: true}, "? update auth/approle/role/ci/secret-id: WHO role_id"},
		"a password":                           {rule(ada+"/password", "update"), ada, vaultfake.AppRole{}, "> update auth/userpass/users/ada/password"},
		"a password to create":                 {rule(ada+"/password", "create"), ada, vaultfake.AppRole{}, ""},
		"the word of another issuer":           {rule("auth/kubernetes/config", "update"), app, vaultfake.AppRole{}, "> update auth/kubernetes/config"},
		"the word of another method's issuer":  {rule("auth/jwt/config", "update"), app, vaultfake.AppRole{}, ""},
		"a token role":                         {rule("auth/token/create/r", "update"), "auth/token/roles/r", vaultfake.AppRole{}, "> update auth/token/create/r"},
		"another token role":                   {rule("auth/token/create/s", "update"), "auth/token/roles/r", vaultfake.AppRole{}, ""},
		"an alias of an entity":                {rule("identity/entity-alias", "update"), "identity/entity/name/eve", vaultfake.AppRole{}, "> update identity/entity-alias"},
		"an alias by its ID":                   {rule("identity/entity-alias/id/*", "update"), "identity/entity/name/eve", vaultfake.AppRole{}, "> update identity/entity-alias/id/+"},
		"aliases to read":                      {rule("identity/entity-alias/id/*", "read", "delete"), "identity/entity/name/eve", vaultfake.AppRole{}, ""},
		"entities that are one from then on":   {rule("identity/entity/merge", "update"), "identity/entity/name/eve", vaultfake.AppRole{}, "> update identity/entity/merge"},
	} {
		t.Run(name, func(t *testing.T) {
			c.role.Name, c.role.Policies = "ci", []string{"use"}
			e := build(t, collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
				Mounts: kept(),
				Auth: []vaultfake.Mount{
					kubernetes("app", "use"),
					{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{c.role}},
					{Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "bob", Policies: []string{"p"}}, {Name: "ada", Policies: []string{"use"}}}},
				},
				Policies:   map[string]string{"use": rule("transit/decrypt/app", "update"), "p": c.policy},
				Entities:   []vaultfake.Entity{{ID: "e", Name: "eve", Policies: []string{"use"}}},
				TokenRoles: []vaultfake.TokenRole{{Name: "r", Policies: []string{"use"}}},
			}}))
			got := ""
			for _, s := range e.StepsTo(c.to, func(from string) bool { return from == "auth/userpass/users/bob" }) {
				if s.From != "auth/userpass/users/bob" {
					continue
				}
				got += map[access.Decision]string{access.Allowed: "> ", access.Conditional: "? "}[s.Decision] + s.By
				for _, r := range s.Residual {
					got += fmt.Sprintf(": %s %s", r.Class, r.Key)
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
