package inventory

import (
	"net/url"
	"strings"
)

// Scope is an ordered path that says where a resource lives: from the widest part to the narrowest.
//
//	aws/ORG/ACCOUNT/REGION     aws/-/111122223333/eu-west-1   ("-": no organization known)
//	aws/ORG/ACCOUNT/global     what lies in no Region: IAM
//	aws/ORG/ACCOUNT/organization   what that account is told of its organization
//	azure/TENANT/directory     what Entra ID holds
//	azure/TENANT/SUBSCRIPTION  roles, assignments, also those inherited from above, vaults, identities, what runs
//	azure/TENANT/SUBSCRIPTION/VAULT   keys, secrets, access policies
//	vault/NAME/NAMESPACE       vault/eu/root, vault/eu/team-a/app
//	repo/NAME                  repo/payments
//	ledger/rotations           the ledger that the configuration names
//
// A scope is also the unit of failure: what was read of one says nothing about another.
type Scope string

// NewScope joins parts; a part is escaped so that a slash in it does not make two.
func NewScope(parts ...string) Scope {
	esc := make([]string, len(parts))
	for i, p := range parts {
		if p == "" {
			p = "-"
		}
		esc[i] = url.PathEscape(p)
	}
	return Scope(strings.Join(esc, "/"))
}

// Contains reports whether other is this scope or lies inside it.
func (s Scope) Contains(other Scope) bool {
	return s == other || strings.HasPrefix(string(other), string(s)+"/")
}

// Parts returns the unescaped parts.
func (s Scope) Parts() []string {
	parts := strings.Split(string(s), "/")
	for i, p := range parts {
		if u, err := url.PathUnescape(p); err == nil {
			parts[i] = u
		}
	}
	return parts
}

// Part returns the i-th part, or "" where there is none.
func (s Scope) Part(i int) string {
	part, rest, more := strings.Cut(string(s), "/")
	for ; i > 0; i-- {
		if !more {
			return ""
		}
		part, rest, more = strings.Cut(rest, "/")
	}
	if u, err := url.PathUnescape(part); err == nil { // it copies only what has something to unescape
		return u
	}
	return part
}

// Backend is the first part: "aws", "vault", "repo".
func (s Scope) Backend() string { return s.Part(0) }

// Short is the scope as people write it: without the parts that nobody knows.
func (s Scope) Short() string { return strings.ReplaceAll(string(s), "/-/", "/") }

func (s Scope) String() string { return string(s) }
