package awsfake

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A Holder is what users, groups and roles have in common.
type Holder struct {
	Attached []string          // ARNs of managed policies
	Inline   map[string]string // documents by name
	Boundary string            // ARN of a managed policy
	Tags     map[string]string
}

// A User of an account.
type User struct {
	Holder
	Name   string // with its path: "team/bob"
	Groups []string
	Keys   []AccessKey
}

// An AccessKey of a user.
type AccessKey struct {
	ID       string // no ID of AWS's format, so that no detector of credentials takes it for one
	Created  time.Time
	Inactive bool
	Secret   string    // only of those that CreateAccessKey made
	LastUsed time.Time // zero: never
}

// A Group of users.
type Group struct {
	Holder
	Name string
}

// A ManagedPolicy may be attached to identities.
type ManagedPolicy struct {
	Name     string
	AWS      bool // AWS wrote it
	Document string
	Plain    bool // the document is sent without URL encoding, as some emulators do
}

// An OIDCProvider is one whose tokens the account accepts.
type OIDCProvider struct {
	Issuer    string // without the scheme
	Audiences []string
	Tags      map[string]string
}

// identities are what IAM tells of an account, besides its roles.
type identities struct {
	users    []User
	groups   []Group
	policies []ManagedPolicy
	oidc     []OIDCProvider
	root     Root
	saml     []string // names
}

// A Root is the root user of an account. The zero value has neither access keys nor a second factor.
type Root struct{ AccessKeys, MFA bool }

// SetRoot says what the root user has.
func (a *Account) SetRoot(r Root) { a.server.locked(func() { a.iam.root = r }) }

// AddUser adds a user and returns its ARN.
func (a *Account) AddUser(u User) string {
	a.server.locked(func() { a.iam.users = append(a.iam.users, u) })
	return a.iamARN("user/" + u.Name)
}

// AddGroup adds a group and returns its ARN.
func (a *Account) AddGroup(g Group) string {
	a.server.locked(func() { a.iam.groups = append(a.iam.groups, g) })
	return a.iamARN("group/" + g.Name)
}

// AddPolicy adds a managed policy and returns its ARN.
func (a *Account) AddPolicy(p ManagedPolicy) string {
	a.server.locked(func() { a.iam.policies = append(a.iam.policies, p) })
	return a.policyARN(p)
}

// AddOIDCProvider adds a provider of OpenID Connect and returns its ARN.
func (a *Account) AddOIDCProvider(p OIDCProvider) string {
	a.server.locked(func() { a.iam.oidc = append(a.iam.oidc, p) })
	return a.iamARN("oidc-provider/" + p.Issuer)
}

// AddSAMLProvider adds a provider of SAML and returns its ARN.
func (a *Account) AddSAMLProvider(name string) string {
	a.server.locked(func() { a.iam.saml = append(a.iam.saml, name) })
	return a.iamARN("saml-provider/" + name)
}

func (a *Account) iamARN(resource string) string { return "arn:aws:iam::" + a.ID + ":" + resource }

func (a *Account) policyARN(p ManagedPolicy) string {
	if p.AWS {
		return "arn:aws:iam::aws:policy/" + p.Name
	}
	return a.iamARN("policy/" + p.Name)
}

// holders lists what may have policies: every user, group and role.
func (a *Account) holders() []Holder {
	var all []Holder
	for _, u := range a.iam.users {
		all = append(all, u.Holder)
	}
	for _, g := range a.iam.groups {
		all = append(all, g.Holder)
	}
	for _, name := range slices.Sorted(maps.Keys(a.roles)) {
		all = append(all, a.roles[name].Holder)
	}
	return all
}

// uses counts to how many a policy is attached, and how many it bounds.
func (a *Account) uses(arn string) (attached, bounds int) {
	for _, h := range a.holders() {
		if slices.Contains(h.Attached, arn) {
			attached++
		}
		if h.Boundary == arn {
			bounds++
		}
	}
	return attached, bounds
}

// base is a name without its path.
func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
