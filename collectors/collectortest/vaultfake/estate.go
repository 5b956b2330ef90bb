package vaultfake

import "time"

// An Estate is what the server holds, by namespace; "root" is always there.
type Estate map[string]*Namespace

// A Namespace is what one namespace holds.
type Namespace struct {
	Mounts     []Mount           // secrets engines
	Auth       []Mount           // auth methods
	Policies   map[string]string // their texts by name; default and root are there in any case
	Audit      []Device
	Entities   []Entity
	Groups     []Group
	Tokens     []Token
	TokenRoles []TokenRole
	Leases     []Lease
}

// A Mount is a secrets engine or auth method with what is in it.
type Mount struct {
	Path     string // with a slash at its end
	Type     string
	Version  string // of KV; "" is 1
	Local    bool
	NoUpsert bool // of transit

	MaxVersions int           // of KV version 2; 0 is 10
	DeleteAfter time.Duration // of KV version 2: how long a version lives; 0: it stays

	Keys            []TransitKey
	Secrets         []Secret
	AppRoles        []AppRole
	KubernetesRoles []KubernetesRole
	JWTRoles        []JWTRole
	Users           []User
}

// A TransitKey has one time for each version, the first version first.
type TransitKey struct {
	Name          string
	Type          string
	Versions      []time.Time
	MinDecryption int // 0 is 1
	MinEncryption int
	MinAvailable  int
	AutoRotate    time.Duration
	Exportable    bool
	PlainBackup   bool
	Deletable     bool
	Derived       bool
	Imported      bool
	MayRotate     bool // an imported key that may be rotated
	KeySize       int  // of HMAC keys, in bytes
}

// A Secret is a path of a KV engine. Value is what nothing but a mistake of the fake's can give away: kv/data is served of versions that have
// Data, which are for tests of rotations, and of no others.
type Secret struct {
	Path        string
	Value       string
	Custom      map[string]string
	MaxVersions int
	DeleteAfter time.Duration
	Versions    []SecretVersion
}

// A SecretVersion is one version of a secret.
type SecretVersion struct {
	Created   time.Time
	Deleted   time.Time // zero: not deleted; may lie ahead
	Destroyed bool
	Dropped   bool           // more were written than are kept, and nothing is left of it
	Data      map[string]any // nil: nobody can read it
}

// An AppRole is a role of AppRole auth.
type AppRole struct {
	Name          string
	Policies      []string
	BindSecretID  bool
	SecretIDTTL   int // seconds
	SecretIDUses  int
	SecretIDCIDRs []string
	TokenTTL      int
	TokenCIDRs    []string
	NoDefault     bool // its tokens lack the policy default
	SecretIDs     []SecretID
}

// A SecretID is one of an AppRole.
type SecretID struct {
	Accessor string
	Value    string
	Created  time.Time
	Expires  time.Time // zero: never
	Metadata map[string]string
}

// A KubernetesRole is a role of Kubernetes auth.
type KubernetesRole struct {
	Name       string
	Policies   []string
	Accounts   []string
	Namespaces []string
	Selector   string
	Audience   string
	TokenTTL   int
}

// A JWTRole is a role of JWT and OIDC auth.
type JWTRole struct {
	Name      string
	Policies  []string
	Subject   string
	Claims    map[string]any
	Glob      bool // claims are bound to patterns
	Audiences []string
	TokenTTL  int
}

// A User is one of userpass auth.
type User struct {
	Name     string
	Policies []string
	TokenTTL int
}

// A TokenRole is a role for making tokens.
type TokenRole struct {
	Name           string
	Policies       []string
	Patterns       []string
	Denied         []string
	DeniedPatterns []string
	Period         int // seconds
	Orphan         bool
	CIDRs          []string
	NoDefault      bool
	EntityAliases  []string
}

// A Device is an audit device.
type Device struct {
	Path    string // with a slash at its end
	Type    string
	Local   bool
	Options map[string]string
}

// A Token is a service token. ID logs in; Rules say what it may do.
type Token struct {
	ID               string
	Accessor         string
	DisplayName      string
	Policies         []string
	IdentityPolicies []string
	Created          time.Time
	Expires          time.Time // zero: never
	Period           int       // seconds
	CIDRs            []string
	Orphan           bool
	Renewable        bool
	EntityID         string
	Path             string // how it was made; "" is auth/token/create

	Rules  []Rule // what it may do, over all namespaces; of use only with ID
	Root   bool   // it may do everything
	Ending bool   // it is listed, but ends before it can be looked up
}
