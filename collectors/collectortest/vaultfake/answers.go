package vaultfake

import (
	"fmt"
	"strconv"
	"time"
)

// The answers, field by field as Vault 1.21 gives them, including what it leaves out.

type object = map[string]any

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (m *Mount) answer(auth bool) object {
	var options any = object{}
	switch {
	case auth:
		options = object{}
	case m.Version != "":
		options = object{"version": m.Version}
	}
	config := object{"default_lease_ttl": 0, "force_no_cache": false, "max_lease_ttl": 0}
	if auth {
		config["token_type"] = "default-service"
	}
	return object{
		"accessor": m.Type + "_00000001", "config": config, "deprecation_status": "supported", "description": "",
		"external_entropy_access": false, "local": m.Local, "options": options, "plugin_version": "", "running_plugin_version": "v1.21.1+builtin.vault",
		"running_sha256": "", "seal_wrap": false, "type": m.Type, "uuid": "00000000-0000-0000-0000-000000000001",
	}
}

var (
	signing    = map[string]bool{"ed25519": true, "ecdsa-p256": true, "ecdsa-p384": true, "ecdsa-p521": true, "rsa-2048": true, "rsa-3072": true, "rsa-4096": true}
	encrypting = map[string]bool{"aes128-gcm96": true, "aes256-gcm96": true, "chacha20-poly1305": true, "rsa-2048": true, "rsa-3072": true, "rsa-4096": true}
	deriving   = map[string]bool{"aes128-gcm96": true, "aes256-gcm96": true, "chacha20-poly1305": true, "ed25519": true}
)

func (k *TransitKey) answer() object {
	lowest := max(k.MinDecryption, 1)
	data := object{
		"name": k.Name, "type": k.Type, "derived": k.Derived, "deletion_allowed": k.Deletable, "exportable": k.Exportable,
		"allow_plaintext_backup": k.PlainBackup, "latest_version": len(k.Versions), "min_decryption_version": lowest,
		"min_encryption_version": k.MinEncryption, "min_available_version": k.MinAvailable, "auto_rotate_period": int(k.AutoRotate.Seconds()),
		"imported_key": k.Imported, "supports_encryption": encrypting[k.Type], "supports_decryption": encrypting[k.Type],
		"supports_signing": signing[k.Type], "supports_derivation": deriving[k.Type],
	}
	if k.Imported {
		data["imported_key_allow_rotation"] = k.MayRotate
	}
	if k.KeySize > 0 {
		data["key_size"] = k.KeySize
	}
	if k.Derived {
		data["kdf"], data["convergent_encryption"] = "hkdf_sha256", false
	}
	keys := object{}
	for i, at := range k.Versions {
		if version := i + 1; version >= lowest {
			if signing[k.Type] {
				keys[strconv.Itoa(version)] = object{"certificate_chain": "", "creation_time": stamp(at), "hybrid_public_key": "", "name": k.Type, "public_key": k.publicKey(version)}
			} else {
				keys[strconv.Itoa(version)] = at.Unix()
			}
		}
	}
	if k.Type != "hmac" { // Vault shows no versions of these
		data["keys"] = keys
	}
	return data
}

func (s *Secret) answer() object {
	actor := object{"actor": "token", "operation": "create", "client_id": "fake"}
	versions := object{}
	var created, updated time.Time
	for i, v := range s.Versions {
		if v.Dropped {
			continue
		}
		deletion := ""
		if !v.Deleted.IsZero() {
			deletion = stamp(v.Deleted)
		}
		versions[strconv.Itoa(i+1)] = object{"created_by": actor, "created_time": stamp(v.Created), "deleted_by": nil, "deletion_time": deletion, "destroyed": v.Destroyed}
		if i == 0 {
			created = v.Created
		}
		updated = v.Created
	}
	var custom any
	if s.Custom != nil {
		custom = s.Custom
	}
	return object{
		"cas_required": false, "created_time": stamp(created), "current_version": len(s.Versions), "custom_metadata": custom,
		"delete_version_after": s.DeleteAfter.String(), "last_updated_by": actor, "max_versions": s.MaxVersions, "oldest_version": 0, "updated_time": stamp(updated), "versions": versions,
	}
}

func tokenTerms(policies []string, ttl int, cidrs []string) object {
	return object{
		"token_bound_cidrs": list(cidrs), "token_explicit_max_ttl": 0, "token_max_ttl": 0, "token_no_default_policy": false, "token_num_uses": 0,
		"token_period": 0, "token_policies": list(policies), "token_ttl": ttl, "token_type": "default",
	}
}

func (r *AppRole) answer() object {
	data := tokenTerms(r.Policies, r.TokenTTL, r.TokenCIDRs)
	data["token_no_default_policy"] = r.NoDefault
	data["bind_secret_id"], data["local_secret_ids"], data["secret_id_bound_cidrs"] = r.BindSecretID, false, nullable(r.SecretIDCIDRs)
	data["secret_id_num_uses"], data["secret_id_ttl"] = r.SecretIDUses, r.SecretIDTTL
	return data
}

func (r *KubernetesRole) answer() object {
	data := tokenTerms(r.Policies, r.TokenTTL, nil)
	data["alias_name_source"], data["bound_service_account_names"] = "serviceaccount_uid", nullable(r.Accounts)
	data["bound_service_account_namespaces"], data["bound_service_account_namespace_selector"] = nullable(r.Namespaces), r.Selector
	if r.Audience != "" {
		data["audience"] = r.Audience
	}
	return data
}

func (r *JWTRole) answer() object {
	data := tokenTerms(r.Policies, r.TokenTTL, nil)
	data["role_type"], data["user_claim"], data["user_claim_json_pointer"] = "jwt", "sub", false
	data["bound_subject"], data["bound_audiences"], data["bound_claims_type"], data["bound_claims"] = r.Subject, nullable(r.Audiences), "string", nil
	if r.Glob {
		data["bound_claims_type"] = "glob"
	}
	if r.Claims != nil {
		data["bound_claims"] = r.Claims
	}
	for _, unset := range []string{"expiration_leeway", "not_before_leeway", "clock_skew_leeway", "max_age"} {
		data[unset] = 0
	}
	data["claim_mappings"], data["groups_claim"], data["allowed_redirect_uris"], data["oidc_scopes"], data["verbose_oidc_logging"] = nil, "", nil, nil, false
	return data
}

func (u *User) answer() object {
	return tokenTerms(u.Policies, u.TokenTTL, nil)
}

func (r *TokenRole) answer() object {
	var aliases any // null where there are none
	if len(r.EntityAliases) > 0 {
		aliases = r.EntityAliases
	}
	data := object{
		"name": r.Name, "allowed_policies": list(r.Policies), "allowed_policies_glob": list(r.Patterns), "disallowed_policies": list(r.Denied),
		"disallowed_policies_glob": list(r.DeniedPatterns), "orphan": r.Orphan, "renewable": true, "period": r.Period, "token_period": r.Period,
		"explicit_max_ttl": 0, "token_explicit_max_ttl": 0, "path_suffix": "", "token_type": "default-service", "allowed_entity_aliases": aliases,
		"token_no_default_policy": r.NoDefault,
	}
	if len(r.CIDRs) > 0 {
		data["token_bound_cidrs"] = r.CIDRs
	}
	return data
}

func (d *Device) answer() object {
	return object{"description": "", "local": d.Local, "options": d.Options, "path": d.Path, "type": d.Type}
}

// rootPath is what Vault calls the way in which its first token was made.
const rootPath = "auth/token/root"

// answer is what looking a token up gives; self is the token's own look-up, the only one that shows its ID.
func (t *Token) answer(now time.Time, self bool) object {
	path := t.Path
	if path == "" {
		path = "auth/token/create"
	}
	data := object{
		"accessor": t.Accessor, "creation_time": t.Created.Unix(), "creation_ttl": 0, "display_name": t.DisplayName, "entity_id": t.EntityID,
		"expire_time": nil, "explicit_max_ttl": 0, "id": "", "issue_time": stamp(t.Created), "meta": nil, "num_uses": 0, "orphan": t.Orphan, "path": path,
		"policies": list(t.Policies), "renewable": t.Renewable, "ttl": 0, "type": "service",
	}
	if path == rootPath { // such a token has no lease
		delete(data, "issue_time")
		delete(data, "renewable")
	}
	if self {
		data["id"] = t.ID
	}
	if !t.Expires.IsZero() {
		data["expire_time"], data["ttl"] = stamp(t.Expires), int(t.Expires.Sub(now).Seconds())
		data["creation_ttl"] = int(t.Expires.Sub(t.Created).Seconds())
	}
	if t.Period > 0 {
		data["period"] = t.Period
	}
	if len(t.CIDRs) > 0 {
		data["bound_cidrs"] = t.CIDRs
	}
	if t.EntityID != "" {
		data["external_namespace_policies"] = object{}
		if len(t.IdentityPolicies) > 0 {
			data["identity_policies"] = t.IdentityPolicies
		}
	}
	return data
}

func health(now time.Time, enterprise, sealed bool) object {
	return object{
		"initialized": true, "sealed": sealed, "standby": false, "performance_standby": false, "replication_performance_mode": "disabled",
		"replication_dr_mode": "disabled", "server_time_utc": now.Unix(), "version": "1.21.1", "enterprise": enterprise, "cluster_name": "vault-cluster-fake",
		"cluster_id": "00000000-0000-0000-0000-000000000000", "echo_duration_ms": 0, "clock_skew_ms": 0, "replication_primary_canary_age_ms": 0,
	}
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func nullable(s []string) any {
	if s == nil {
		return nil
	}
	return s
}

// envelope wraps data as Vault does.
func (s *Server) envelope(data any, mountType string) object {
	s.requests++
	return object{
		"request_id": fmt.Sprintf("00000000-0000-0000-0000-%012d", s.requests), "lease_id": "", "renewable": false, "lease_duration": 0,
		"data": data, "wrap_info": nil, "warnings": nil, "auth": nil, "mount_type": mountType,
	}
}
