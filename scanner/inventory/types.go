package inventory

// A TypeInfo describes one type of resource. Facts not listed as required are optional: missing means
// known to be absent, so a collector that could not read an optional fact has to list it as Unknown.
type TypeInfo struct {
	Type     string
	Kind     Kind
	About    string
	Required []Required
}

// Required is a fact that every resource of a type has. If is a fact that has to hold for it to be required: to be true, or, where
// Is names a value, to have that value. Empty means always.
type Required struct {
	Fact string
	If   string
	Is   string
}

func required(facts ...string) []Required {
	out := make([]Required, len(facts))
	for i, f := range facts {
		out[i].Fact = f
	}
	return out
}

// Types is the table of resource types. A required fact that a resource lacks and does not list as Unknown is added
// to Unknown as not_read by Complete, so that a collector's slip cannot become a pass.
var Types = []TypeInfo{
	{
		Type: "aws.kms.key", Kind: KindKey, About: "a key of AWS KMS",
		Required: append(required("tags", "key.spec", "key.algorithm", "key.usages", "key.manager", "key.origin", "key.state", "key.created_at",
			"key.multi_region", "key.rotation.supported", "key.rotation.automatic", "key.rotation.keeps_old_forever"),
			// Of a key that AWS manages, some key policies let nobody ask for these.
			Required{Fact: "key.rotated_at", If: "key.manager", Is: "customer"},
			Required{Fact: "key.last_use", If: "key.manager", Is: "customer"},
			Required{Fact: "key.rotation.period_days", If: "key.rotation.automatic"}),
	},
	{
		Type: "vault.transit.key", Kind: KindKey, About: "a key of Vault's transit secrets engine",
		Required: append(required("key.spec", "key.algorithm", "key.usages", "key.manager", "key.origin", "key.state", "key.rotated_at", "key.rotation.supported",
			"key.rotation.automatic", "key.rotation.keeps_old_forever", "key.exportable", "key.plaintext_backup", "key.deletion_allowed", "key.versions.latest",
			"key.versions.min_decryption", "key.versions.accepted"),
			Required{Fact: "key.rotation.period_days", If: "key.rotation.automatic"}),
	},
	{
		Type: "vault.kv.secret", Kind: KindSecret, About: "a path of Vault's KV version 2 secrets engine; metadata only",
		Required: required("tags", "secret.created_at", "secret.written_at", "secret.state", "secret.current_version", "secret.service_managed", "secret.replica",
			"secret.rotation.supported", "secret.rotation.automatic"),
	},
	{
		Type: "vault.token", Kind: KindCredential, About: "a Vault service token, by accessor",
		Required: required("credential.class", "credential.token_type", "credential.policies", "credential.created_at", "credential.period_seconds",
			"credential.bound_cidrs", "credential.orphan", "credential.renewable"),
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
	{Type: "vault.policy", Kind: KindPolicy, About: "an ACL policy of Vault; its name", Required: required("policy.builtin")},
	{Type: "vault.mount", Kind: KindStore, About: "a mount of a secrets engine or auth method", Required: required("store.engine", "store.auth", "store.read")},
	{Type: "vault.audit.device", Kind: KindAudit, About: "an audit device of Vault", Required: required("audit.device", "audit.raw")},
	{Type: "vault.cluster", Kind: KindAccount, About: "a Vault cluster or namespace as a whole", Required: required("account.hosted_by", "account.audit_devices")},
	{
		Type: "repo.credential", Kind: KindCredential, About: "a credential found in a repository",
		Required: required("credential.class", "credential.detector", "credential.in_head"),
	},
}

// TypeOf returns the description of a resource type.
func TypeOf(typ string) (TypeInfo, bool) {
	for _, t := range Types {
		if t.Type == typ {
			return t, true
		}
	}
	return TypeInfo{}, false
}
