package inventory

var vaultTypes = []TypeInfo{
	{
		Type: "vault.transit.key", Kind: KindKey, About: "a key of Vault's transit secrets engine",
		Required: append(append(required("key.spec", "key.algorithm", "key.usages", "key.manager", "key.origin", "key.state", "key.rotation.supported",
			"key.rotation.automatic", "key.rotation.keeps_old_forever", "key.exportable", "key.plaintext_backup", "key.deletion_allowed"),
			live("key.rotated_at", "key.versions.latest", "key.versions.min_decryption", "key.versions.accepted")...),
			Required{Fact: "key.bits", If: "key.algorithm", Is: "rsa,ec"},
			Required{Fact: "key.rotation.period_days", If: "key.rotation.automatic"}),
	},
	{
		Type: "vault.kv.secret", Kind: KindSecret, About: "a path of Vault's KV version 2 secrets engine; metadata only",
		Required: append(required("tags", "secret.service_managed", "secret.replica", "secret.rotation.supported", "secret.rotation.automatic"),
			live("secret.created_at", "secret.written_at", "secret.state", "secret.current_version")...),
	},
	{
		Type: "vault.token", Kind: KindCredential, About: "a Vault token",
		Required: append(required("credential.class", "credential.token_type", "credential.policies", "credential.period_seconds",
			"credential.bound_cidrs", "credential.orphan", "credential.renewable"), live("credential.created_at")...),
	},
	{
		Type: "vault.approle.role", Kind: KindTrust, About: "a role of Vault's AppRole auth method",
		Required: required("trust.method", "trust.policies", "trust.secret_id.required", "trust.secret_id.ttl_seconds", "trust.secret_id.uses", "trust.secret_id.bound_cidrs",
			"trust.token_bound_cidrs", "trust.token_period_seconds"),
	},
	{
		Type: "vault.kubernetes.role", Kind: KindTrust, About: "a role of Vault's Kubernetes auth method",
		Required: required("trust.method", "trust.policies", "trust.service_accounts", "trust.namespaces"),
	},
	{
		Type: "vault.jwt.role", Kind: KindTrust, About: "a role of Vault's JWT and OIDC auth method",
		Required: required("trust.method", "trust.policies", "trust.bound_claims", "trust.bound_audiences"),
	},
	{Type: "vault.userpass.user", Kind: KindTrust, About: "a user of Vault's userpass auth method", Required: required("trust.method", "trust.policies")},
	{
		Type: "vault.token.role", Kind: KindTrust, About: "a role for making Vault tokens", Required: required("trust.method", "trust.policies", "trust.policy_patterns",
			"trust.denied_policies", "trust.denied_patterns", "trust.orphan", "trust.token_period_seconds", "trust.token_bound_cidrs"),
	},
	{
		Type: "vault.entity", Kind: KindPrincipal, About: "an entity of Vault's identity store: somebody, however they log in",
		Required: required("tags", "principal.disabled", "principal.aliases"),
	},
	{Type: "vault.group", Kind: KindPrincipal, About: "a group of Vault's identity store", Required: required("tags", "principal.group_type", "principal.aliases")},
	{
		Type: "vault.policy", Kind: KindPolicy, About: "an ACL policy of Vault",
		Required: append(required("policy.builtin"), Required{Fact: "policy.statements", If: "policy.builtin", Is: "false"}),
	},
	{Type: "vault.mount", Kind: KindStore, About: "a mount of a secrets engine or auth method", Required: append(required("store.engine", "store.auth"), live("store.read")...)},
	{Type: "vault.audit.device", Kind: KindAudit, About: "an audit device of Vault", Required: required("audit.device", "audit.raw")},
	{Type: "vault.cluster", Kind: KindAccount, About: "a Vault cluster or namespace as a whole", Required: required("account.hosted_by", "account.audit_devices")},
	{Type: "vault.server", Kind: KindAccount, About: "the configuration file of a Vault server", Required: required("account.tls_disabled", "account.seal")},
}
