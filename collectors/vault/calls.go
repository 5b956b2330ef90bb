package vault

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// anyone is the permission of a call that Vault answers whatever the policy.
const anyone = "none"

// The calls, each with the facts it answers and the permission it needs. A name is a method and a path below /v1/, and is what
// the client sends: nothing else in this package spells a path. In names and permissions TRANSIT, KV, APPROLE, KUBERNETES, JWT,
// USERPASS and LOGIN stand for the path of a mount and NAME for the name of a thing in it; + is Vault's own wildcard for one segment.
var (
	readHealth     = inventory.Call{Name: "GET sys/health", Type: "vault.cluster", Facts: []string{"account.version"}, Permission: anyone}
	logIn          = inventory.Call{Name: "POST auth/LOGIN/login", Type: "vault.cluster", Permission: anyone, OptIn: "auth"}
	readSelf       = inventory.Call{Name: "GET auth/token/lookup-self", Type: "vault.token", Permission: "auth/token/lookup-self: read"}
	listNamespaces = inventory.Call{Name: "LIST sys/namespaces", Type: "vault.cluster", Permission: "sys/namespaces: list", OptIn: "namespaces"}

	readMounts = inventory.Call{Name: "GET sys/mounts", Type: "vault.mount", Permission: "sys/mounts: read"}
	readAuth   = inventory.Call{Name: "GET sys/auth", Type: "vault.mount", Permission: "sys/auth: read"}
	// It tells a token the mounts on which it has any permission.
	readUsableMounts = inventory.Call{Name: "GET sys/internal/ui/mounts", Type: "vault.mount", Permission: anyone, Instead: "GET sys/mounts, GET sys/auth"}

	readAudit      = inventory.Call{Name: "GET sys/audit", Type: "vault.audit.device", Permission: "sys/audit: read, sudo"}
	readAuditCount = inventory.Call{Name: readAudit.Name, Type: "vault.cluster", Facts: []string{"account.audit_devices"}, Permission: readAudit.Permission}

	listPolicies = inventory.Call{Name: "LIST sys/policies/acl", Type: "vault.policy", Permission: "sys/policies/acl: list"}

	readPolicy = inventory.Call{Name: "GET sys/policies/acl/NAME", Type: "vault.policy", Facts: []string{"policy.statements", "policy.document"}, Permission: "sys/policies/acl/+: read"}

	listTransitKeys = inventory.Call{Name: "LIST TRANSIT/keys", Type: "vault.transit.key", Permission: "TRANSIT/keys: list"}
	readTransitKey  = inventory.Call{Name: "GET TRANSIT/keys/NAME", Type: "vault.transit.key", Permission: "TRANSIT/keys/+: read", Facts: []string{
		"key.spec", "key.algorithm", "key.bits", "key.usages", "key.origin", "key.state", "key.created_at", "key.rotated_at", "key.rotation.supported",
		"key.rotation.automatic", "key.rotation.period_days", "key.exportable", "key.plaintext_backup", "key.deletion_allowed", "key.derived",
		"key.versions.latest", "key.versions.min_decryption", "key.versions.min_encryption", "key.versions.min_available", "key.versions.accepted",
	}}

	readTransitConfig = inventory.Call{Name: "GET TRANSIT/config/keys", Type: "vault.mount", Permission: "TRANSIT/config/keys: read", Facts: []string{"store.upsert_disabled"}}

	listSecrets = inventory.Call{Name: "LIST KV/metadata/NAME", Type: "vault.kv.secret", Permission: "KV/metadata/*: list"}
	readSecret  = inventory.Call{Name: "GET KV/metadata/NAME", Type: "vault.kv.secret", Permission: "KV/metadata/*: read", Facts: []string{
		"tags", "secret.created_at", "secret.written_at", "secret.expires_at", "secret.state", "secret.current_version", "secret.kept_versions",
		"secret.deleted_versions", "secret.max_versions",
	}}

	listAppRoles = inventory.Call{Name: "LIST auth/APPROLE/role", Type: "vault.approle.role", Permission: "auth/APPROLE/role: list"}
	readAppRole  = inventory.Call{Name: "GET auth/APPROLE/role/NAME", Type: "vault.approle.role", Permission: "auth/APPROLE/role/+: read", Facts: []string{
		"refs", "trust.policies", "trust.secret_id.required", "trust.secret_id.ttl_seconds", "trust.secret_id.uses", "trust.secret_id.bound_cidrs",
		"trust.token_ttl_seconds", "trust.token_max_ttl_seconds", "trust.token_period_seconds", "trust.token_bound_cidrs", "trust.no_default_policy",
	}}

	listKubernetesRoles = inventory.Call{Name: "LIST auth/KUBERNETES/role", Type: "vault.kubernetes.role", Permission: "auth/KUBERNETES/role: list"}
	readKubernetesRole  = inventory.Call{Name: "GET auth/KUBERNETES/role/NAME", Type: "vault.kubernetes.role", Permission: "auth/KUBERNETES/role/+: read", Facts: []string{
		"refs", "trust.policies", "trust.service_accounts", "trust.namespaces", "trust.namespace_selector", "trust.audience",
		"trust.token_ttl_seconds", "trust.token_max_ttl_seconds", "trust.token_period_seconds", "trust.token_bound_cidrs", "trust.no_default_policy",
	}}

	listJWTRoles = inventory.Call{Name: "LIST auth/JWT/role", Type: "vault.jwt.role", Permission: "auth/JWT/role: list"}
	readJWTRole  = inventory.Call{Name: "GET auth/JWT/role/NAME", Type: "vault.jwt.role", Permission: "auth/JWT/role/+: read", Facts: []string{
		"refs", "trust.policies", "trust.bound_subject", "trust.bound_claims", "trust.bound_audiences",
		"trust.token_ttl_seconds", "trust.token_max_ttl_seconds", "trust.token_period_seconds", "trust.token_bound_cidrs", "trust.no_default_policy",
	}}

	listUsers = inventory.Call{Name: "LIST auth/USERPASS/users", Type: "vault.userpass.user", Permission: "auth/USERPASS/users: list"}
	readUser  = inventory.Call{Name: "GET auth/USERPASS/users/NAME", Type: "vault.userpass.user", Permission: "auth/USERPASS/users/+: read", Facts: []string{
		"refs", "trust.policies", "trust.token_ttl_seconds", "trust.token_max_ttl_seconds", "trust.token_period_seconds", "trust.token_bound_cidrs", "trust.no_default_policy",
	}}

	listTokenRoles = inventory.Call{Name: "LIST auth/token/roles", Type: "vault.token.role", Permission: "auth/token/roles: list"}
	readTokenRole  = inventory.Call{Name: "GET auth/token/roles/NAME", Type: "vault.token.role", Permission: "auth/token/roles/+: read", Facts: []string{
		"refs", "trust.policies", "trust.policy_patterns", "trust.denied_policies", "trust.denied_patterns", "trust.orphan", "trust.token_period_seconds",
		"trust.token_bound_cidrs", "trust.no_default_policy", "trust.entity_aliases",
	}}

	listEntities = inventory.Call{Name: "LIST identity/entity/id", Type: "vault.entity", Permission: "identity/entity/id: list"}
	readEntity   = inventory.Call{Name: "GET identity/entity/id/NAME", Type: "vault.entity", Permission: "identity/entity/id/+: read", Facts: []string{
		"refs", "tags", "principal.disabled", "principal.aliases",
	}}
	listGroups = inventory.Call{Name: "LIST identity/group/id", Type: "vault.group", Permission: "identity/group/id: list"}
	readGroup  = inventory.Call{Name: "GET identity/group/id/NAME", Type: "vault.group", Permission: "identity/group/id/+: read", Facts: []string{
		"refs", "tags", "principal.group_type", "principal.aliases",
	}}

	listAccessors = inventory.Call{Name: "LIST auth/token/accessors", Type: "vault.token", Permission: "auth/token/accessors: list, sudo", OptIn: "tokens.list"}
	lookUpToken   = inventory.Call{
		Name: "POST auth/token/lookup-accessor", Type: "vault.token", Permission: "auth/token/lookup-accessor: update",
		OptIn: "tokens.list", Facts: []string{
			"refs", "credential.token_type", "credential.policies", "credential.created_at", "credential.expires_at",
			"credential.period_seconds", "credential.bound_cidrs", "credential.orphan", "credential.renewable", "credential.login_path", "credential.entity_id",
		},
	}
)

// Calls is the table of every call this package makes.
var Calls = []inventory.Call{
	readHealth, logIn, readSelf, listNamespaces, readMounts, readAuth, readUsableMounts, readAudit, readAuditCount, listPolicies, readPolicy,
	readTransitConfig, listTransitKeys, readTransitKey, listSecrets, readSecret, listAppRoles, readAppRole, listKubernetesRoles, readKubernetesRole,
	listJWTRoles, readJWTRole, listUsers, readUser, listTokenRoles, readTokenRole, listEntities, readEntity, listGroups, readGroup, listAccessors, lookUpToken,
}

// A place fills the placeholders of a call.
type place struct{ mount, name string }

func (p place) fill(s string) string {
	return strings.NewReplacer("TRANSIT", p.mount, "KV", p.mount, "APPROLE", p.mount, "KUBERNETES", p.mount, "JWT", p.mount, "USERPASS", p.mount, "LOGIN", p.mount, "NAME", p.name).Replace(s)
}

// path is what a call asks for, without its method and without slashes at its end.
func (p place) path(call inventory.Call) string {
	_, path, _ := strings.Cut(call.Name, " ")
	return strings.TrimSuffix(p.fill(path), "/")
}
