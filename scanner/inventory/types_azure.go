package inventory

var azureTypes = []TypeInfo{
	{
		Type: "azure.keyvault.vault", Kind: KindStore, About: "an Azure Key Vault",
		Required: required("tags", "store.rbac", "store.purge_protection", "store.soft_delete_days", "store.public_network", "store.firewall"),
	},
	{
		Type: "azure.keyvault.key", Kind: KindKey, About: "a key of Azure Key Vault",
		Required: append(append(required("tags", "key.spec", "key.algorithm", "key.usages", "key.manager", "key.origin", "key.state", "key.exportable",
			"key.rotation.supported", "key.rotation.automatic", "key.rotation.keeps_old_forever"), live("key.created_at", "key.rotated_at")...),
			Required{Fact: "key.bits", If: "key.algorithm", Is: "rsa,ec"},
			Required{Fact: "key.rotation.period_days", If: "key.rotation.automatic"}),
	},
	{
		Type: "azure.keyvault.secret", Kind: KindSecret, About: "a secret of Azure Key Vault",
		Required: append(required("tags", "secret.service_managed", "secret.replica", "secret.rotation.supported", "secret.rotation.automatic"),
			live("secret.created_at", "secret.written_at", "secret.state")...),
	},
	{
		Type: "azure.keyvault.certificate", Kind: KindCertificate, About: "a certificate of Azure Key Vault",
		Required: required("tags", "certificate.auto_renew", "certificate.exportable", "certificate.spec"),
	},
	{Type: "azure.keyvault.access_policy", Kind: KindPolicy, About: "an access policy of an Azure Key Vault", Required: required("policy.guards", "policy.statements")},
	{Type: "azure.role_assignment", Kind: KindPolicy, About: "an assignment of a role of Azure", Required: required("policy.statements")},
	{Type: "azure.diagnostic_setting", Kind: KindAudit, About: "a diagnostic setting of Azure Monitor", Required: required("audit.device", "audit.records", "audit.audit_events")},
	{Type: "entra.password", Kind: KindCredential, About: "a password of an application or service principal of Microsoft Entra ID", Required: append(required("credential.class"), live("credential.created_at")...)},
	{Type: "entra.federated_credential", Kind: KindTrust, About: "a federated credential of an application or managed identity", Required: required("trust.method", "trust.issuer", "trust.bound_subject", "trust.bound_audiences")},
}
