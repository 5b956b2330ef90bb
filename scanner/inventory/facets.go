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

	MultiRegion     string `json:"multi_region,omitzero" enum:"single,primary,replica"`
	Exportable      *bool  `json:"exportable,omitzero"`       // the plaintext key may leave the back end
	PlaintextBackup *bool  `json:"plaintext_backup,omitzero"` // a plaintext backup may be taken
	DeletionAllowed *bool  `json:"deletion_allowed,omitzero"` // it can be destroyed at once, without a waiting period
	Derived         *bool  `json:"derived,omitzero"`
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

// LastUse is when a key was last used, as far as the back end keeps track of it.
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

	CurrentVersion *int      `json:"current_version,omitzero"`
	KeptVersions   *int      `json:"kept_versions,omitzero"` // versions whose value can still be read
	MaxVersions    *int      `json:"max_versions,omitzero"`
	ServiceManaged *bool     `json:"service_managed,omitzero"`
	Replica        *bool     `json:"replica,omitzero"`
	Rotation       *Rotation `json:"rotation,omitzero"`
}

// Credential is something a bearer proves itself with: a token in a back end, or a value found in a repository. Its value is never kept.
type Credential struct {
	Class string `json:"class,omitzero" enum:"token,specific,generic"` // specific, generic: how sure the detector is

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
	PeriodSeconds *int       `json:"period_seconds,omitzero"`                            // 0: not periodic
	BoundCIDRs    []string   `json:"bound_cidrs,omitzero"`
	Orphan        *bool      `json:"orphan,omitzero"`
	Renewable     *bool      `json:"renewable,omitzero"`
	LoginPath     string     `json:"login_path,omitzero"` // the auth path that issued it
	EntityID      string     `json:"entity_id,omitzero"`
}

// Trust says who may log in as what, on which terms: a role of an auth method.
type Trust struct {
	Method string `json:"method,omitzero" enum:"approle,kubernetes"`
	Mount  string `json:"mount,omitzero"`
	// Whom it trusts (Kubernetes). "*" is everyone.
	ServiceAccounts   []string `json:"service_accounts,omitzero"`
	Namespaces        []string `json:"namespaces,omitzero"`
	NamespaceSelector string   `json:"namespace_selector,omitzero"`
	Audience          string   `json:"audience,omitzero"`
	// What a login yields.
	Policies           []string `json:"policies,omitzero"`
	TokenTTLSeconds    *int     `json:"token_ttl_seconds,omitzero"`
	TokenMaxTTLSeconds *int     `json:"token_max_ttl_seconds,omitzero"`
	TokenPeriodSeconds *int     `json:"token_period_seconds,omitzero"`
	TokenBoundCIDRs    []string `json:"token_bound_cidrs,omitzero"`
	// The secret an AppRole login asks for.
	SecretID *SecretIDTerms `json:"secret_id,omitzero"`
}

// SecretIDTerms are the terms on which an AppRole issues secret-ids.
type SecretIDTerms struct {
	Required   *bool    `json:"required,omitzero"`    // bind_secret_id
	TTLSeconds *int     `json:"ttl_seconds,omitzero"` // 0: never expires
	Uses       *int     `json:"uses,omitzero"`        // 0: without limit
	BoundCIDRs []string `json:"bound_cidrs,omitzero"`
}

// Policy is a named set of permissions. This version reads names only.
type Policy struct {
	Builtin *bool `json:"builtin,omitzero"`
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
}

// Audit is one audit device.
type Audit struct {
	Device string `json:"device,omitzero"` // "file", "syslog", "socket"
	Raw    *bool  `json:"raw,omitzero"`    // log_raw: values are logged in the clear
	Local  *bool  `json:"local,omitzero"`
}

// Account is an account or a whole cluster.
type Account struct {
	Version      string `json:"version,omitzero"`
	HostedBy     string `json:"hosted_by,omitzero" enum:"self,hcp"`
	AuditDevices *int   `json:"audit_devices,omitzero"`
}
