package inventory

import "time"

// Facets hold what a back end says of a resource of one kind. Conventions, on which the rules and the schema rest:
//
//   - A nil pointer or empty value is a fact that was not stated. Whether that means "known to be absent" or "not read" is
//     decided by the type's table in types.go, in one place, never by a collector.
//   - JSON uses omitzero: nil is left out, but false, 0 and an empty list are written. An empty list is "none"; nil is "not read".
//   - Times are absolute and in UTC; durations that configuration states are whole days or seconds, as the name says.
//   - A closed set of strings carries its values in an `enum` tag; the input schema and the rules' lint read it.
//   - `derive:"age=NAME"` asks for NAME, whole days from that time to the clock; `derive:"until=NAME"` for whole days from the clock to it.

// Key is a cryptographic key whose material stays in a back end.
type Key struct {
	Spec      string `json:"spec,omitzero"`                                                                                               // as the vendor spells it: "SYMMETRIC_DEFAULT", "rsa-2048"
	Algorithm string `json:"algorithm,omitzero" enum:"aes,chacha20,rsa,ec,ed25519,hmac,sm2,ml_dsa,ml_kem,slh_dsa,hybrid,des3,cmac,other"` // the family of Spec
	Bits      *int   `json:"bits,omitzero"`                                                                                               // of the modulus, curve or secret key
	// Usages is what the key may be asked to do, sorted.
	Usages  []string `json:"usages,omitzero" enum:"encrypt,decrypt,sign,verify,mac,derive,wrap"`
	Manager string   `json:"manager,omitzero" enum:"customer,provider"` // provider: made and kept by the back end itself, such as aws/s3
	Origin  string   `json:"origin,omitzero" enum:"generated,imported,custom_store"`
	State   string   `json:"state,omitzero" enum:"enabled,disabled,pending_deletion,pending_import,unavailable,creating,updating"`

	CreatedAt *time.Time `json:"created_at,omitzero" derive:"age=created_days"`
	// RotatedAt is when the version that signs or encrypts now came to be: the newest rotation, or the creation of a key that was never rotated.
	RotatedAt  *time.Time `json:"rotated_at,omitzero" derive:"age=age_days"`
	DeletionAt *time.Time `json:"deletion_at,omitzero" derive:"until=deletion_in_days"`
	ExpiresAt  *time.Time `json:"expires_at,omitzero" derive:"until=expires_in_days"`

	Versions *KeyVersions `json:"versions,omitzero"`
	Rotation *Rotation    `json:"rotation,omitzero"`
	LastUse  *LastUse     `json:"last_use,omitzero"`
	// Grants counts the grants on the key, each of which is in a resource of type aws.kms.grant.
	Grants *int `json:"grants,omitzero"`

	MultiRegion     string `json:"multi_region,omitzero" enum:"single,primary,replica"`
	Exportable      *bool  `json:"exportable,omitzero"`       // the plaintext key may leave the back end; Key Vault: with no release policy to hold it back
	PlaintextBackup *bool  `json:"plaintext_backup,omitzero"` // a plaintext backup may be taken
	DeletionAllowed *bool  `json:"deletion_allowed,omitzero"` // it can be destroyed at once, without a waiting period
	// DeletionWindowDays is how long a declared key that is taken out of the code waits before it is destroyed.
	DeletionWindowDays *int  `json:"deletion_window_days,omitzero"`
	Derived            *bool `json:"derived,omitzero"`
	// Rewrap is the declared way in which data under old versions is brought under the new one: from the tag or custom
	// metadata "keyreeve:rewrap", or from configuration.
	Rewrap string `json:"rewrap,omitzero"`
}

// KeyVersions counts versions that live under one key. Versions count from 1.
type KeyVersions struct {
	Latest        *int `json:"latest,omitzero"`
	MinDecryption *int `json:"min_decryption,omitzero"`
	MinEncryption *int `json:"min_encryption,omitzero"` // 0: the latest
	MinAvailable  *int `json:"min_available,omitzero"`
	// Accepted counts the versions that still decrypt or verify, the latest included.
	Accepted *int `json:"accepted,omitzero"`
}

// Rotation is what the back end would do by itself.
type Rotation struct {
	Supported  *bool      `json:"supported,omitzero"` // this kind of key could rotate itself
	Automatic  *bool      `json:"automatic,omitzero"` // it does
	PeriodDays *int       `json:"period_days,omitzero"`
	NextAt     *time.Time `json:"next_at,omitzero" derive:"until=next_in_days"`
	// KeepsOldForever: automatic rotation keeps old material and decrypts with it by design, so nothing needs re-wrapping.
	KeepsOldForever *bool `json:"keeps_old_forever,omitzero"`
}

// LastUse is when a key, secret or credential was last used, as far as the back end keeps track of it.
type LastUse struct {
	At            *time.Time `json:"at,omitzero" derive:"age=days"` // nil: not since TrackingSince
	TrackingSince *time.Time `json:"tracking_since,omitzero" derive:"age=tracking_days"`
	Operation     string     `json:"operation,omitzero"`
}

// Secret is something whose value a back end hands out to those who may read it. Its value is never read.
type Secret struct {
	CreatedAt *time.Time `json:"created_at,omitzero" derive:"age=created_days"`
	// WrittenAt is when the current version was written. It proves "last written", not "last changed at the third party".
	WrittenAt *time.Time `json:"written_at,omitzero" derive:"age=age_days"`
	ExpiresAt *time.Time `json:"expires_at,omitzero" derive:"until=expires_in_days"`
	State     string     `json:"state,omitzero" enum:"enabled,disabled,deleted,destroyed"`

	// Format is what the back end calls the secret's type: "kubernetes.io/service-account-token".
	Format      string `json:"format,omitzero"`
	ValueInCode *bool  `json:"value_in_code,omitzero"` // the file that declares it holds its value in the clear
	// RecoveryDays is how long a declared secret that is taken out of the code can be restored; 0: not at all.
	RecoveryDays *int `json:"recovery_days,omitzero"`

	CurrentVersion *int `json:"current_version,omitzero"`
	KeptVersions   *int `json:"kept_versions,omitzero"` // versions whose value can still be read
	// DeletedVersions are those whose value can be read again once it is undeleted.
	DeletedVersions *int      `json:"deleted_versions,omitzero"`
	MaxVersions     *int      `json:"max_versions,omitzero"`
	ServiceManaged  *bool     `json:"service_managed,omitzero"`
	Replica         *bool     `json:"replica,omitzero"`
	Rotation        *Rotation `json:"rotation,omitzero"`
	LastUse         *LastUse  `json:"last_use,omitzero"` // when its value was last fetched; Secrets Manager tells the day, in each Region apart
	// DeletedAt is when it was deleted, of a secret that can still be restored.
	DeletedAt *time.Time `json:"deleted_at,omitzero" derive:"age=deleted_days"`
}

// Credential is something a bearer proves itself with: a token in a back end, or a value found in a repository. Its value is never kept.
type Credential struct {
	// Class is the kind of credential; specific and generic are those found in files, by how sure the detector is.
	Class string `json:"class,omitzero" enum:"token,specific,generic,access_key,password,certificate"`

	// Of a credential found in a repository.
	Detector string `json:"detector,omitzero"`
	Preview  string `json:"preview,omitzero"` // the kind's fixed prefix and the length, never more
	InHead   *bool  `json:"in_head,omitzero"`
	// AllowedBy is what in the repository already accepts it: the value is honoured and shown as waived.
	AllowedBy string `json:"allowed_by,omitzero" enum:"inline,ignore_file,baseline"`
	// SameValue groups equal values within one run; it is a number counted up in order of resource IDs, not a hash.
	SameValue *int `json:"same_value,omitzero"`

	// Of a token.
	TokenType     string     `json:"token_type,omitzero" enum:"service,batch"`
	Policies      []string   `json:"policies,omitzero"`
	CreatedAt     *time.Time `json:"created_at,omitzero" derive:"age=age_days"`
	ExpiresAt     *time.Time `json:"expires_at,omitzero" derive:"until=expires_in_days"` // absent: never
	ValidDays     *int       `json:"valid_days,omitzero"`                                // of a declared one: how long it is valid once it is made; of a periodic token, its explicit maximum
	PeriodSeconds *int       `json:"period_seconds,omitzero"`                            // 0: not periodic
	BoundCIDRs    []string   `json:"bound_cidrs,omitzero"`
	Orphan        *bool      `json:"orphan,omitzero"`
	Renewable     *bool      `json:"renewable,omitzero"`
	LoginPath     string     `json:"login_path,omitzero"` // the auth path that issued it
	EntityID      string     `json:"entity_id,omitzero"`

	// Of an access key; CreatedAt too.
	State   string   `json:"state,omitzero" enum:"enabled,disabled"`
	LastUse *LastUse `json:"last_use,omitzero"`
}

// Trust says who may log in as what, on which terms: a role of an auth method, the trust policy of an IAM role, a federated credential.
type Trust struct {
	Method string `json:"method,omitzero" enum:"approle,kubernetes,jwt,userpass,token,iam_role,pod_identity,federated_credential,oidc_provider,saml_provider"`
	Mount  string `json:"mount,omitzero"`
	// Whom it trusts (Kubernetes). "*" is everyone.
	ServiceAccounts   []string `json:"service_accounts,omitzero"`
	Namespaces        []string `json:"namespaces,omitzero"`
	NamespaceSelector string   `json:"namespace_selector,omitzero"`
	Audience          string   `json:"audience,omitzero"`
	// Whom it trusts (JWT and OIDC).
	Issuer         string   `json:"issuer,omitzero"`
	BoundSubject   string   `json:"bound_subject,omitzero"`
	BoundClaims    []string `json:"bound_claims,omitzero"` // names of claims that are bound to a value
	BoundAudiences []string `json:"bound_audiences,omitzero"`
	// Whom it trusts (IAM): the statements that allow somebody to assume the role.
	Statements []TrustStatement `json:"statements,omitzero"`
	Document   string           `json:"document,omitzero"` // as in Policy, of the trust policy
	// What a login yields.
	Policies           []string `json:"policies,omitzero"`
	TokenTTLSeconds    *int     `json:"token_ttl_seconds,omitzero"`
	TokenMaxTTLSeconds *int     `json:"token_max_ttl_seconds,omitzero"`
	TokenPeriodSeconds *int     `json:"token_period_seconds,omitzero"`
	TokenBoundCIDRs    []string `json:"token_bound_cidrs,omitzero"`
	NoDefaultPolicy    *bool    `json:"no_default_policy,omitzero"` // tokens do not have the policy default besides
	// Of a role for tokens of Vault: Policies are those that a token may have. Where it names neither these nor patterns, a token may have any
	// that its maker has.
	PolicyPatterns []string `json:"policy_patterns,omitzero"` // more of them; * stands for any text
	DeniedPolicies []string `json:"denied_policies,omitzero"` // those that it may not have all the same
	DeniedPatterns []string `json:"denied_patterns,omitzero"`
	Orphan         *bool    `json:"orphan,omitzero"` // the token outlives that of its maker
	// EntityAliases are names of aliases at the token mount, as which and so as whose entity a token may be made; * stands for any text.
	EntityAliases []string `json:"entity_aliases,omitzero"`
	// The secret an AppRole login asks for.
	SecretID *SecretIDTerms `json:"secret_id,omitzero"`
}

// TrustStatement is one statement of an IAM role's trust policy that allows somebody to assume the role.
type TrustStatement struct {
	At       string `json:"at"`                                                            // its Sid, else "#2": the second
	Who      string `json:"who" enum:"everyone,account,principal,service,oidc,saml,other"` // the widest kind of principal that it names
	Provider string `json:"provider,omitzero"`                                             // of oidc: the issuer without scheme
	// Subjects and Audiences are the patterns that its conditions hold :sub and :aud of the provider to; empty: not held to any.
	Subjects   []string `json:"subjects"`
	Audiences  []string `json:"audiences"`
	Restricted bool     `json:"restricted"` // a condition certainly narrows who of those may
}

// SecretIDTerms are the terms on which an AppRole issues secret-ids.
type SecretIDTerms struct {
	Required   *bool    `json:"required,omitzero"`    // bind_secret_id
	TTLSeconds *int     `json:"ttl_seconds,omitzero"` // 0: never expires
	Uses       *int     `json:"uses,omitzero"`        // 0: without limit
	BoundCIDRs []string `json:"bound_cidrs,omitzero"`
}

// Policy is a set of permissions: a policy document of AWS, an ACL policy of Vault, a role of Kubernetes, a role assignment of Azure.
type Policy struct {
	Builtin *bool `json:"builtin,omitzero"`
	// Guards is the type of resource that a resource policy stands on, such as "aws.kms.key"; empty for a policy of an identity.
	Guards     string      `json:"guards,omitzero"`
	Statements []Statement `json:"statements,omitzero"` // empty: it grants nothing
	// Document is the hash (see DocumentHash) of the policy document as the back end keeps it, whose text is Resource.Document.
	Document string `json:"document,omitzero"`
	Grant    *Grant `json:"grant,omitzero"`
	// Attachments and Boundaries count the users, groups and roles that have a managed policy of AWS IAM, and those that it bounds.
	Attachments *int `json:"attachments,omitzero"`
	Boundaries  *int `json:"boundaries,omitzero"`
	// Of a policy of an organization: which kind of control it is, and the roots, units and accounts that it is attached to, by ID.
	Control string   `json:"control,omitzero" enum:"scp,rcp"`
	Targets []string `json:"targets,omitzero"`
}

// Grant is what a group of grants on one key of AWS KMS has in common. A key may have 50,000; those that let the same grantee do the
// same under constraints of the same shape differ in values that only a request meets.
type Grant struct {
	Grantee    string   `json:"grantee"`             // ARN of a principal, or name of a service
	Service    bool     `json:"service"`             // the grantee is a service
	Retiring   string   `json:"retiring,omitzero"`   // who may retire it, likewise
	Operations []string `json:"operations,omitzero"` // as AWS spells them, sorted
	// ContextEquals and ContextSubset are the names of encryption context that the constraints demand, sorted.
	ContextEquals []string   `json:"context_equals,omitzero"`
	ContextSubset []string   `json:"context_subset,omitzero"`
	SourceARN     bool       `json:"source_arn"` // a constraint names the resource for which the service may act
	Count         int        `json:"count"`      // of grants in the group
	OldestAt      *time.Time `json:"oldest_at,omitzero" derive:"age=oldest_days"`
	NewestAt      *time.Time `json:"newest_at,omitzero" derive:"age=newest_days"`
}

// Statement is one statement of a policy. Which fields it has depends on whose policy it is.
type Statement struct {
	At     string `json:"at"` // its Sid, its path, else "#2": the second
	Effect string `json:"effect" enum:"allow,deny"`

	// Of AWS and Azure: what it allows to do to keys and secrets, by class, sorted. See package awspolicy for AWS's actions.
	Actions []string `json:"actions,omitzero" enum:"decrypt,encrypt,sign,mac,read_secret,write_secret,grant,administer,delete,read"`
	// Everyone: its principal is anybody, in any account. Restricted: a condition certainly narrows that down.
	Everyone   *bool `json:"everyone,omitzero"`
	Restricted *bool `json:"restricted,omitzero"`
	// AllResources: it covers every key, or every secret. "*" in a resource policy means that resource, so it does not.
	AllResources *bool `json:"all_resources,omitzero"`

	// Of Vault.
	Path         string   `json:"path,omitzero"`
	Capabilities []string `json:"capabilities,omitzero" enum:"create,read,update,patch,delete,list,sudo,deny,subscribe,recover"`

	// Of Kubernetes.
	Groups    []string `json:"groups,omitzero"`    // API groups; "" is the core group, "*" all
	Resources []string `json:"resources,omitzero"` // "secrets", "*"
	Names     []string `json:"names,omitzero"`     // only objects with these names; absent: all
	Verbs     []string `json:"verbs,omitzero"`
}

// Store is what holds keys, secrets or logins: a mount.
type Store struct {
	Engine      string `json:"engine,omitzero"` // "transit", "kv", "approle", ...
	Version     string `json:"version,omitzero"`
	Auth        *bool  `json:"auth,omitzero"` // an auth method, not a secrets engine
	Read        *bool  `json:"read,omitzero"` // keyreeve reads what this engine holds
	Local       *bool  `json:"local,omitzero"`
	SealWrap    *bool  `json:"seal_wrap,omitzero"`
	MaxLeaseTTL *int   `json:"max_lease_ttl_seconds,omitzero"`
	// MaxVersions is how many versions of a secret are kept; 0: as many as the back end does by itself.
	MaxVersions *int `json:"max_versions,omitzero"`

	// UpsertDisabled, of a live transit engine: who encrypts under a name that no key has creates none.
	UpsertDisabled *bool `json:"upsert_disabled,omitzero"`

	// Of a Key Vault.
	RBAC            *bool  `json:"rbac,omitzero"` // roles decide, not access policies
	PurgeProtection *bool  `json:"purge_protection,omitzero"`
	SoftDeleteDays  *int   `json:"soft_delete_days,omitzero"`
	PublicNetwork   *bool  `json:"public_network,omitzero"`
	Firewall        string `json:"firewall,omitzero" enum:"allow,deny"` // what becomes of traffic that no rule names
}

// Audit is one place that accesses are recorded to: an audit device of Vault, a trail, a diagnostic setting.
type Audit struct {
	Device string `json:"device,omitzero"` // "file", "syslog", "socket", "cloudtrail", "diagnostic_setting"
	Raw    *bool  `json:"raw,omitzero"`    // log_raw: values are logged in the clear
	Local  *bool  `json:"local,omitzero"`

	// Of a trail.
	Logging          *bool `json:"logging,omitzero"` // it is switched on
	MultiRegion      *bool `json:"multi_region,omitzero"`
	ManagementEvents *bool `json:"management_events,omitzero"` // reads and writes
	KMSEvents        *bool `json:"kms_events,omitzero"`        // those of KMS are not left out
	LogValidation    *bool `json:"log_validation,omitzero"`
	CustomerKey      *bool `json:"customer_key,omitzero"` // log files are encrypted with a key of the customer's

	// Of a diagnostic setting.
	AuditEvents *bool  `json:"audit_events,omitzero"` // it records accesses to keys and secrets
	Records     string `json:"records,omitzero"`      // the type of resource whose accesses it records
}

// Account is an account or a whole cluster.
type Account struct {
	Version      string `json:"version,omitzero"`
	HostedBy     string `json:"hosted_by,omitzero" enum:"self,hcp"`
	AuditDevices *int   `json:"audit_devices,omitzero"`
	TLSDisabled  *bool  `json:"tls_disabled,omitzero"` // a listener answers without TLS
	Seal         string `json:"seal,omitzero"`         // "shamir", "awskms", "transit", ...

	// Of the root user of an account of AWS.
	RootAccessKeys *bool `json:"root_access_keys,omitzero"` // it has some
	RootMFA        *bool `json:"root_mfa,omitzero"`         // it takes a second factor to log in

	// Of a member of an organization.
	Organization string   `json:"organization,omitzero"`            // "o-exampleorgid"
	Management   *bool    `json:"management,omitzero"`              // it is the account that the organization's controls do not hold
	Path         []string `json:"path,omitzero"`                    // IDs of the root and the units that it lies in, from the root down
	Controls     []string `json:"controls,omitzero" enum:"rcp,scp"` // kinds of policies that are in force in the organization, sorted
	Status       string   `json:"status,omitzero" enum:"active,suspended,pending,closed"`
}

// Certificate is a certificate with its key, kept by a back end.
type Certificate struct {
	ValidDays  *int       `json:"valid_days,omitzero"` // of one that is issued
	ExpiresAt  *time.Time `json:"expires_at,omitzero" derive:"until=expires_in_days"`
	AutoRenew  *bool      `json:"auto_renew,omitzero"`
	Exportable *bool      `json:"exportable,omitzero"`
	Spec       string     `json:"spec,omitzero"`
	Bits       *int       `json:"bits,omitzero"`
}

// Principal is somebody who acts: a service account, a user, an entity or group of Vault.
type Principal struct {
	// RoleARN is the IAM role that a service account takes by its annotation; AzureClientID the application or managed identity.
	RoleARN       string `json:"role_arn,omitzero"`
	AzureClientID string `json:"azure_client_id,omitzero"`
	MountsToken   *bool  `json:"mounts_token,omitzero"`

	// Of an entity or group of Vault. Its metadata are the resource's tags.
	Disabled  *bool   `json:"disabled,omitzero"`                            // tokens of the entity may do nothing
	GroupType string  `json:"group_type,omitzero" enum:"internal,external"` // external: the auth method of its alias says who is in it
	Aliases   []Alias `json:"aliases,omitzero"`

	// Document is as in Policy, of a principal of Azure or Entra ID: the object as Resource Manager or Graph gives it.
	Document string `json:"document,omitzero"`
}

// Alias is what an auth method of Vault calls an entity, or a group of its own. Name and metadata may be about a person: they are kept
// because templates in policies complete paths with them.
type Alias struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Mount          string            `json:"mount,omitzero"` // "auth/people"; absent: it is mounted no more
	Accessor       string            `json:"accessor"`       // of the mount: how templates name it
	Metadata       map[string]string `json:"metadata,omitzero"`
	CustomMetadata map[string]string `json:"custom_metadata,omitzero"`
}

// Workload is something that runs: a pod, a service of a compose file, an image, a job of a pipeline.
type Workload struct {
	Platform string `json:"platform,omitzero" enum:"kubernetes,compose,image,lambda,ecs,github,gitlab"`
	// Credentials are the long-lived ones handed to it, by name. Values are never read. Empty: none.
	Credentials []StaticCredential `json:"credentials,omitzero"`
	// Federated lists the providers to which it proves itself with a token that its platform issues.
	Federated      []string `json:"federated,omitzero" enum:"aws,azure,gcp,vault"`
	ServiceAccount string   `json:"service_account,omitzero"`
	MountsToken    *bool    `json:"mounts_token,omitzero"`
	// AzureIdentity: its service account names an Azure client ID. AzureLabel: it carries the label without which that does nothing.
	AzureIdentity *bool `json:"azure_identity,omitzero"`
	AzureLabel    *bool `json:"azure_label,omitzero"`
	// Document is as in Policy, of what runs in Azure: the object as Resource Manager gives it, without settings and scripts.
	Document string `json:"document,omitzero"`
}

// StaticCredential is a long-lived credential that a workload is handed.
type StaticCredential struct {
	At       string `json:"at"`                                               // "app/AWS_SECRET_ACCESS_KEY": container and variable, step and input
	Provider string `json:"provider" enum:"aws,azure,gcp,vault"`              //
	Via      string `json:"via" enum:"literal,secret,variable,argument,file"` // how it is handed over
}
