package inventory

var awsTypes = []TypeInfo{
	{
		Type: "aws.kms.key", Kind: KindKey, About: "a key of AWS KMS",
		Required: append(append(required("tags", "key.spec", "key.algorithm", "key.usages", "key.manager", "key.origin", "key.state",
			"key.multi_region", "key.rotation.supported", "key.rotation.automatic", "key.rotation.keeps_old_forever"), live("key.created_at")...),
			// Of a key that AWS manages, some key policies let nobody ask for these.
			Required{Fact: "key.rotated_at", If: "key.manager", Is: "customer", Only: Live},
			Required{Fact: "key.last_use", If: "key.manager", Is: "customer", Only: Live},
			Required{Fact: "key.deletion_window_days", Only: Declared},
			Required{Fact: "key.bits", If: "key.algorithm", Is: "rsa,ec"},
			Required{Fact: "key.rotation.period_days", If: "key.rotation.automatic"}),
	},
	{Type: "aws.kms.policy", Kind: KindPolicy, About: "the policy of a key of AWS KMS", Required: required("policy.guards", "policy.statements")},
	{Type: "aws.kms.grant", Kind: KindPolicy, About: "a grant on a key of AWS KMS", Required: required("policy.guards", "policy.statements")},
	{
		Type: "aws.secretsmanager.secret", Kind: KindSecret, About: "a secret of AWS Secrets Manager",
		Required: append(append(required("tags", "secret.service_managed", "secret.replica", "secret.rotation.supported", "secret.rotation.automatic"),
			live("secret.created_at", "secret.written_at", "secret.state")...),
			Required{Fact: "secret.rotation.period_days", If: "secret.rotation.automatic"}),
	},
	{Type: "aws.secretsmanager.policy", Kind: KindPolicy, About: "the resource policy of a secret of AWS Secrets Manager", Required: required("policy.guards", "policy.statements")},
	{Type: "aws.iam.policy", Kind: KindPolicy, About: "a policy of an identity of AWS IAM, managed or inline", Required: required("policy.statements")},
	{Type: "aws.iam.role", Kind: KindTrust, About: "a role of AWS IAM: who may assume it", Required: required("trust.method", "trust.statements")},
	{Type: "aws.iam.user", Kind: KindPrincipal, About: "a user of AWS IAM", Required: required("tags")},
	{Type: "aws.iam.root", Kind: KindAccount, About: "the root user of an AWS account", Required: required("account.root_access_keys", "account.root_mfa")},
	{Type: "aws.iam.group", Kind: KindPrincipal, About: "a group of users of AWS IAM"},
	{Type: "aws.iam.access_key", Kind: KindCredential, About: "an access key of a user of AWS IAM", Required: append(required("credential.class"), live("credential.created_at", "credential.state", "credential.last_use")...)},
	{Type: "aws.iam.oidc_provider", Kind: KindTrust, About: "an OpenID Connect provider that an AWS account trusts", Required: required("trust.method", "trust.issuer", "trust.bound_audiences")},
	{Type: "aws.iam.saml_provider", Kind: KindTrust, About: "a SAML provider that an AWS account trusts", Required: required("trust.method")},
	{
		Type: "aws.organizations.account", Kind: KindAccount, About: "an account of an AWS organization, with its place in it",
		Required: required("account.organization", "account.management", "account.path", "account.controls", "account.status"),
	},
	{
		Type: "aws.organizations.policy", Kind: KindPolicy, About: "a service control policy or resource control policy of an AWS organization",
		Required: required("policy.control", "policy.targets", "policy.statements", "policy.document"),
	},
	{Type: "aws.eks.pod_identity", Kind: KindTrust, About: "an association of EKS Pod Identity", Required: required("trust.method", "trust.service_accounts", "trust.namespaces")},
	{Type: "aws.lambda.function", Kind: KindWorkload, About: "a function of AWS Lambda", Required: required("workload.credentials")},
	{Type: "aws.ecs.task", Kind: KindWorkload, About: "a task definition of Amazon ECS", Required: required("workload.credentials")},
	{
		Type: "aws.cloudtrail.trail", Kind: KindAudit, About: "a trail of AWS CloudTrail",
		Required: required("audit.device", "audit.logging", "audit.multi_region", "audit.management_events", "audit.kms_events", "audit.log_validation", "audit.customer_key"),
	},
}
