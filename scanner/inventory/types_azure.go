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
	{
		Type: "azure.keyvault.access_policy", Kind: KindPolicy, About: "an access policy of an Azure Key Vault; of a live vault all of them as one",
		Required: append(required("policy.guards", "policy.statements"), live("policy.document")...),
	},
	{Type: "azure.subscription", Kind: KindAccount, About: "a subscription of Azure, with the management groups that it lies in", Required: required("account.path")},
	{Type: "azure.role_assignment", Kind: KindPolicy, About: "an assignment of a role of Azure, active or to be activated", Required: append(required("policy.statements"), live("policy.document")...)},
	{Type: "azure.role_definition", Kind: KindPolicy, About: "a role of Azure: what it permits", Required: required("policy.document")},
	{Type: "azure.deny_assignment", Kind: KindPolicy, About: "a deny assignment of Azure", Required: required("policy.document")},
	{Type: "azure.managed_identity", Kind: KindPrincipal, About: "a user-assigned managed identity of Azure", Required: required("principal.document")},
	{Type: "azure.compute", Kind: KindWorkload, About: "what runs in Azure under a managed identity: a machine, an app, an automation account", Required: required("workload.credentials", "workload.document")},
	{Type: "azure.diagnostic_setting", Kind: KindAudit, About: "a diagnostic setting of Azure Monitor", Required: required("audit.device", "audit.records", "audit.audit_events")},
	{Type: "entra.user", Kind: KindPrincipal, About: "a user of Microsoft Entra ID"},
	{Type: "entra.group", Kind: KindPrincipal, About: "a group of Microsoft Entra ID, with its direct members, its owners and who may activate that they belong to it", Required: required("principal.document")},
	{Type: "entra.application", Kind: KindPrincipal, About: "an application registered in Microsoft Entra ID, with its owners", Required: required("principal.document")},
	{
		Type: "entra.service_principal", Kind: KindPrincipal, About: "a service principal of Microsoft Entra ID, with its owners: what an application or managed identity acts as",
		Required: required("principal.document"),
	},
	{Type: "entra.password", Kind: KindCredential, About: "a password of an application or service principal of Microsoft Entra ID", Required: append(required("credential.class"), live("credential.created_at")...)},
	{Type: "entra.federated_credential", Kind: KindTrust, About: "a federated credential of an application or managed identity", Required: required("trust.method", "trust.issuer", "trust.bound_subject", "trust.bound_audiences")},
}
