package vault

import (
	"fmt"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
)

// noon is the clock of these tests.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func daysAgo(n int) time.Time { return noon.AddDate(0, 0, -n) }

// fullEstate holds at least one of everything that is read, in two namespaces, with every fact stated somewhere. Its secrets and
// its token contain the canary.
func fullEstate(keys int, canary string) vaultfake.Estate {
	root := &vaultfake.Namespace{
		Mounts: []vaultfake.Mount{
			{Path: "transit/", Type: "transit"},
			{Path: "secret/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{
				{
					Path: "payments/stripe", Value: canary, Custom: map[string]string{"team": "payments"}, MaxVersions: 5,
					Versions: []vaultfake.SecretVersion{{Created: daysAgo(300)}, {Created: daysAgo(100), Deleted: noon.AddDate(0, 0, 30)}},
				},
				{Path: "payments", Value: canary, Versions: []vaultfake.SecretVersion{{Created: daysAgo(10)}}},
				{Path: "a b?/100%/..x", Value: canary, Versions: []vaultfake.SecretVersion{{Created: daysAgo(10)}}},
			}},
			{Path: "pki/", Type: "pki"},
		},
		Auth: []vaultfake.Mount{
			{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{
				Name: "ci", Policies: []string{"deploy"}, BindSecretID: true, SecretIDTTL: 600,
				SecretIDUses: 1, SecretIDCIDRs: []string{"10.0.0.0/8"}, TokenTTL: 3600,
			}}},
			{Path: "kubernetes/", Type: "kubernetes", KubernetesRoles: []vaultfake.KubernetesRole{{
				Name: "app", Policies: []string{"app"}, Accounts: []string{"app"},
				Namespaces: []string{"prod"}, Selector: `{"matchLabels":{"a":"b"}}`, Audience: "vault", TokenTTL: 3600,
			}}},
			{Path: "people/", Type: "userpass", Users: []vaultfake.User{{Name: "ada", Policies: []string{"app"}, TokenTTL: 60}}},
			{Path: "oidc/", Type: "oidc", JWTRoles: []vaultfake.JWTRole{{
				Name: "pipeline", Policies: []string{"deploy"}, Subject: "project", Claims: map[string]any{"ref": "main"}, Audiences: []string{"vault"}, TokenTTL: 600,
			}}},
		},
		TokenRoles: []vaultfake.TokenRole{{
			Name: "batch", Policies: []string{"deploy"}, Patterns: []string{"app-*"}, Denied: []string{"app-admin"}, DeniedPatterns: []string{"*-root"}, Period: 3600, Orphan: true,
		}},
		Entities: []vaultfake.Entity{
			{ID: "entity", Name: "bot", Policies: []string{"app"}, Metadata: map[string]string{"team": "payments"}, Aliases: []vaultfake.Alias{{
				ID: "alias", Name: "ci", Accessor: "auth_approle_1", Mount: "approle/", Type: "approle", Metadata: map[string]string{"role_name": "ci"}, Custom: map[string]string{"cost": "1"},
			}}},
			{ID: "gone", Name: "left", Disabled: true, Aliases: []vaultfake.Alias{{ID: "alias-2", Name: "old", Accessor: "auth_ldap_1"}}},
		},
		Groups: []vaultfake.Group{
			{ID: "bots", Name: "bots", Members: []string{"entity"}, Policies: []string{"deploy"}},
			{ID: "staff", Name: "staff", Groups: []string{"bots"}, Metadata: map[string]string{"floor": "2"}},
			{ID: "sso", Name: "sso", Alias: &vaultfake.Alias{ID: "alias-3", Name: "admins", Accessor: "auth_oidc_1", Mount: "oidc/", Type: "oidc"}},
		},
		Policies: map[string]string{"deploy": `path "secret/*" { capabilities = ["update"] }`, "app": `path "secret/data/app" { capabilities = ["read"] }`},
		Audit:    []vaultfake.Device{{Path: "file/", Type: "file", Options: map[string]string{"file_path": "/var/log/audit"}}},
		Tokens: []vaultfake.Token{
			{ID: "hvs." + canary, Accessor: "own", DisplayName: "approle", Policies: []string{"scanner"}, Created: daysAgo(0), Root: true},
			{
				Accessor: "bot", DisplayName: "token-bot", Policies: []string{"deploy"}, IdentityPolicies: []string{"app"}, Created: daysAgo(40),
				Expires: noon.AddDate(0, 0, 2), Period: 86400, CIDRs: []string{"10.0.0.0/8"}, Orphan: true, Renewable: true, EntityID: "entity",
			},
		},
	}
	team := &vaultfake.Namespace{
		Mounts:   []vaultfake.Mount{{Path: "crypto/transit/", Type: "transit"}},
		Entities: []vaultfake.Entity{{ID: "app", Name: "app"}},
		Groups:   []vaultfake.Group{{ID: "apps", Name: "apps", Members: []string{"app"}}},
		Tokens:   []vaultfake.Token{{Accessor: "team", DisplayName: "token", Policies: []string{"default"}, Created: daysAgo(1)}},
	}
	types := []string{"aes256-gcm96", "ed25519", "rsa-2048", "ecdsa-p256"}
	for i := range keys {
		mount := &root.Mounts[0]
		if i%3 == 2 {
			mount = &team.Mounts[0]
		}
		mount.Keys = append(mount.Keys, vaultfake.TransitKey{
			Name: fmt.Sprintf("key-%04d", i), Type: types[i%len(types)],
			Versions: []time.Time{daysAgo(400), daysAgo(100 + i)}, AutoRotate: time.Duration(i%2) * 720 * time.Hour,
		})
	}
	return vaultfake.Estate{"root": root, "team-a": team}
}
