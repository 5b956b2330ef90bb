package vault

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
)

const ours = "keyreeve-test" // the first part of every path the tests write

// comparedEstate is what both servers hold: one thing of each shape.
func comparedEstate(auditLog string) *vaultfake.Namespace {
	now := []time.Time{noon}
	return &vaultfake.Namespace{
		Mounts: []vaultfake.Mount{
			{Path: ours + "/transit/", Type: "transit", Keys: []vaultfake.TransitKey{
				{Name: "aes", Type: "aes256-gcm96", Versions: []time.Time{noon, noon, noon}, MinDecryption: 2, AutoRotate: 720 * time.Hour},
				{Name: "derived", Type: "aes256-gcm96", Versions: now, Derived: true},
				{Name: "sign", Type: "ed25519", Versions: []time.Time{noon, noon}, Exportable: true, PlainBackup: true, Deletable: true},
				{Name: "rsa", Type: "rsa-2048", Versions: now},
				{Name: "ec", Type: "ecdsa-p256", Versions: now},
				{Name: "chacha", Type: "chacha20-poly1305", Versions: now},
				{Name: "hmac", Type: "hmac", KeySize: 32, Versions: now},
			}},
			{Path: ours + "/kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{
				{Path: "team/a b?", Custom: map[string]string{"team": "a"}, MaxVersions: 3, Versions: []vaultfake.SecretVersion{{Created: noon}, {Created: noon}}},
				{Path: "team", Versions: []vaultfake.SecretVersion{{Created: noon, Destroyed: true}}},
				{Path: "100%/deep/er", Versions: []vaultfake.SecretVersion{{Created: noon, Deleted: noon.AddDate(9, 0, 0)}}},
			}},
			{Path: ours + "/kv1/", Type: "kv"},
			{Path: ours + "/empty/", Type: "transit", NoUpsert: true},
		},
		Auth: []vaultfake.Mount{
			{Path: ours + "/approle/", Type: "approle", AppRoles: []vaultfake.AppRole{
				{Name: "bound", Policies: []string{"b", "a"}, BindSecretID: true, SecretIDTTL: 600, SecretIDUses: 2, SecretIDCIDRs: []string{"10.0.0.0/8"}, TokenTTL: 60},
				{Name: "loose", BindSecretID: true},
			}},
			{Path: ours + "/kubernetes/", Type: "kubernetes", KubernetesRoles: []vaultfake.KubernetesRole{
				{Name: "one", Policies: []string{"a"}, Accounts: []string{"app"}, Namespaces: []string{"prod"}, Audience: "vault", TokenTTL: 60},
				{Name: "two", Accounts: []string{"*"}, Selector: `{"matchLabels":{"a":"b"}}`},
			}},
			{Path: ours + "/userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "ada", Policies: []string{"b", "a"}, TokenTTL: 60}, {Name: "bob"}}},
			{Path: ours + "/jwt/", Type: "jwt", JWTRoles: []vaultfake.JWTRole{
				{
					Name: "bound", Policies: []string{"a"}, Subject: "s", Audiences: []string{"vault"}, Glob: true, TokenTTL: 60,
					Claims: map[string]any{"ref": []any{"main", "release/*"}, "project": "*"},
				},
				{Name: "loose", Audiences: []string{"vault"}},
			}},
		},
		TokenRoles: []vaultfake.TokenRole{
			{Name: ours, Policies: []string{"b", "a"}, Patterns: []string{"app-*"}, Denied: []string{"c"}, DeniedPatterns: []string{"*-root"}, Period: 3600, Orphan: true, CIDRs: []string{"10.0.0.0/8"}, EntityAliases: []string{"ci-*"}},
			{Name: ours + "-any"},
		},
		Entities: []vaultfake.Entity{
			{Name: ours + "-ci", Policies: []string{"b", "a"}, Metadata: map[string]string{"team": "a"}, Aliases: []vaultfake.Alias{
				{Name: "ci", Mount: ours + "/approle/", Type: "approle", Custom: map[string]string{"cost": "1"}}, {Name: "app", Mount: ours + "/kubernetes/", Type: "kubernetes"},
			}},
			{Name: ours + "-off", Disabled: true},
		},
		Groups: []vaultfake.Group{
			{Name: ours + "-inner", Policies: []string{"a"}, Members: []string{ours + "-ci"}},
			{Name: ours + "-outer", Metadata: map[string]string{"floor": "2"}, Groups: []string{ours + "-inner"}},
			{Name: ours + "-external", Alias: &vaultfake.Alias{Name: "admins", Mount: ours + "/jwt/", Type: "jwt"}},
		},
		Policies: map[string]string{ours: nobody},
		Audit:    []vaultfake.Device{{Path: ours + "/", Type: "file", Options: map[string]string{"file_path": auditLog, "log_raw": "true"}}},
		Tokens: []vaultfake.Token{
			{ID: "root-token", Accessor: "root", DisplayName: "root", Policies: []string{"root"}, Created: noon, Orphan: true, Path: "auth/token/root", Root: true},
			{
				ID: "nobody", Accessor: "nobody", DisplayName: "token", Policies: []string{ours}, Created: noon, Expires: noon.Add(time.Hour), Period: 3600,
				Rules: vaultfake.ParsePolicy(nobody),
			},
		},
	}
}

// nobody is a policy that allows next to nothing; it reaches one mount.
const nobody = `path "` + ours + `/kv/metadata/team/*" { capabilities = ["list"] }`

// populate writes an estate into the real server and returns the token that has the policy nobody, and its accessor.
func (p *peer) populate(ns *vaultfake.Namespace) (token, accessor string) {
	for _, m := range ns.Mounts {
		p.remove("sys/mounts/" + m.Path)
		options := map[string]string{}
		if m.Version != "" {
			options["version"] = m.Version
		}
		p.post("sys/mounts/"+m.Path, map[string]any{"type": m.Type, "options": options})
		if m.NoUpsert {
			p.post(m.Path+"config/keys", map[string]any{"disable_upsert": true})
		}
		for _, k := range m.Keys {
			p.writeKey(m.Path+"keys/"+k.Name, k)
		}
		for _, s := range m.Secrets {
			p.writeSecret(m.Path, s)
		}
	}
	for _, m := range ns.Auth {
		p.remove("sys/auth/" + m.Path)
		p.post("sys/auth/"+m.Path, map[string]any{"type": m.Type})
		for _, r := range m.AppRoles {
			p.post("auth/"+m.Path+"role/"+r.Name, stated{
				"token_policies": r.Policies, "secret_id_ttl": r.SecretIDTTL, "secret_id_num_uses": r.SecretIDUses,
				"secret_id_bound_cidrs": r.SecretIDCIDRs, "token_ttl": r.TokenTTL,
			})
		}
		for _, r := range m.KubernetesRoles {
			p.post("auth/"+m.Path+"role/"+r.Name, stated{
				"token_policies": r.Policies, "bound_service_account_names": r.Accounts,
				"bound_service_account_namespaces": r.Namespaces, "bound_service_account_namespace_selector": r.Selector, "audience": r.Audience, "token_ttl": r.TokenTTL,
			})
		}
		for _, u := range m.Users {
			p.post("auth/"+m.Path+"users/"+u.Name, stated{"password": "not-" + rand.Text(), "token_policies": u.Policies, "token_ttl": u.TokenTTL})
		}
		for _, r := range m.JWTRoles {
			p.post("auth/"+m.Path+"role/"+r.Name, stated{
				"role_type": "jwt", "user_claim": "sub", "token_policies": r.Policies, "bound_subject": r.Subject, "bound_audiences": r.Audiences,
				"bound_claims_type": map[bool]string{false: "string", true: "glob"}[r.Glob], "bound_claims": r.Claims, "token_ttl": r.TokenTTL,
			})
		}
	}
	for _, r := range ns.TokenRoles {
		p.remove("auth/token/roles/" + r.Name)
		p.post("auth/token/roles/"+r.Name, stated{
			"allowed_policies": r.Policies, "allowed_policies_glob": r.Patterns, "disallowed_policies": r.Denied, "disallowed_policies_glob": r.DeniedPatterns,
			"token_period": r.Period, "orphan": r.Orphan, "token_bound_cidrs": r.CIDRs, "allowed_entity_aliases": r.EntityAliases,
		})
	}
	p.writeIdentity(ns)
	for _, d := range ns.Audit {
		p.remove("sys/audit/" + d.Path)
		p.post("sys/audit/"+d.Path, map[string]any{"type": d.Type, "options": d.Options})
	}
	return p.newToken(ours, nobody)
}

// writeIdentity writes entities and groups, in which members go by name, and puts the IDs that Vault gives out in place of what the estate has.
func (p *peer) writeIdentity(ns *vaultfake.Namespace) {
	_, auth := p.ask(http.MethodGet, "sys/auth", p.token, nil)
	ids := map[string]string{}
	id := func(path string, body stated) string {
		return at(p.post(path, body), "data", "id").(string)
	}
	alias := func(path, owner string, a *vaultfake.Alias) {
		a.Accessor = at(auth, a.Mount, "accessor").(string)
		a.ID = id(path, stated{"name": a.Name, "canonical_id": owner, "mount_accessor": a.Accessor, "custom_metadata": a.Custom})
	}
	for i := range ns.Entities {
		e := &ns.Entities[i]
		e.ID = id("identity/entity", stated{"name": e.Name, "policies": e.Policies, "metadata": e.Metadata, "disabled": e.Disabled})
		p.remove("identity/entity/id/" + e.ID)
		ids[e.Name] = e.ID
		for j := range e.Aliases {
			alias("identity/entity-alias", e.ID, &e.Aliases[j])
		}
	}
	for i := range ns.Groups {
		g := &ns.Groups[i]
		kind := "internal"
		if g.Alias != nil {
			kind = "external"
		}
		for _, members := range [][]string{g.Members, g.Groups} {
			for j := range members {
				members[j] = ids[members[j]]
			}
		}
		g.ID = id("identity/group", stated{"name": g.Name, "type": kind, "policies": g.Policies, "metadata": g.Metadata, "member_entity_ids": g.Members, "member_group_ids": g.Groups})
		p.remove("identity/group/id/" + g.ID)
		ids[g.Name] = g.ID
		if g.Alias != nil {
			alias("identity/group-alias", g.ID, g.Alias)
		}
	}
}

// stated is a body without its empty lists: Vault keeps what was not stated apart from what was stated to be empty.
type stated map[string]any

func (s stated) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	for k, v := range s {
		if list, ok := v.([]string); !ok || len(list) > 0 {
			out[k] = v
		}
	}
	return json.Marshal(out)
}

// newToken makes a token that has one policy, which it writes.
func (p *peer) newToken(name, policy string) (token, accessor string) {
	p.remove("sys/policies/acl/" + name)
	p.post("sys/policies/acl/"+name, map[string]string{"policy": policy})
	auth := p.post("auth/token/create", map[string]any{"policies": []string{name}, "no_default_policy": true, "period": "1h"})["auth"].(map[string]any)
	token, accessor = auth["client_token"].(string), auth["accessor"].(string)
	p.t.Cleanup(func() {
		p.ask(http.MethodPost, "auth/token/revoke-accessor", p.token, map[string]string{"accessor": accessor})
	})
	return token, accessor
}

func (p *peer) writeKey(path string, k vaultfake.TransitKey) {
	body := map[string]any{"type": k.Type, "derived": k.Derived, "exportable": k.Exportable, "allow_plaintext_backup": k.PlainBackup, "auto_rotate_period": int(k.AutoRotate.Seconds())}
	if k.KeySize > 0 {
		body["key_size"] = k.KeySize
	}
	p.post(path, body)
	for range len(k.Versions) - 1 {
		p.post(path+"/rotate", map[string]any{})
	}
	p.post(path+"/config", map[string]any{"min_decryption_version": max(k.MinDecryption, 1), "deletion_allowed": k.Deletable})
}

func (p *peer) writeSecret(mount string, s vaultfake.Secret) {
	escaped := strings.NewReplacer(" ", "%20", "?", "%3F", "%", "%25").Replace(s.Path)
	meta := map[string]any{"custom_metadata": s.Custom, "max_versions": s.MaxVersions}
	if !s.Versions[0].Deleted.IsZero() {
		meta["delete_version_after"] = "9999h"
	}
	p.post(mount+"metadata/"+escaped, meta)
	for range s.Versions {
		p.post(mount+"data/"+escaped, map[string]any{"data": map[string]string{"k": "v"}})
	}
	if s.Versions[0].Destroyed {
		p.post(mount+"destroy/"+escaped, map[string]any{"versions": []int{1}})
	}
}
