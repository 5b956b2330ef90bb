package azure

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// reading is which listings were read, and where they have gaps.
type reading struct {
	scopes []inventory.ScopeRead
	gaps   []inventory.Gap
}

func newReading(snap *inventory.Snapshot) reading {
	var out reading
	for _, s := range snap.Scopes {
		if s.Scope.Backend() == "azure" {
			out.scopes = append(out.scopes, s)
		}
	}
	for _, g := range snap.Gaps {
		if g.Scope.Backend() == "azure" {
			out.gaps = append(out.gaps, g)
		}
	}
	return out
}

// place is where something lies: a tenant, any if it is "", and in it, in lower case, "directory", or a subscription and perhaps a vault.
type place struct {
	tenant string
	parts  []string
}

// placeOf is the place of what an ID of Resource Manager names, as far as a vault.
func placeOf(id string) place {
	sub := subscriptionOf(id)
	if sub == "" {
		return place{}
	}
	out := place{parts: []string{lastPart(sub)}}
	if _, v, ok := strings.Cut(strings.ToLower(id), "/providers/microsoft.keyvault/vaults/"); ok {
		v, _, _ = strings.Cut(v, "/")
		out.parts = append(out.parts, v)
	}
	return out
}

// within reports whether a scope is the place or holds it.
func (p place) within(s inventory.Scope) bool {
	parts := s.Parts()[1:]
	if len(parts) == 0 {
		return true
	}
	if p.tenant != "" && parts[0] != p.tenant || len(parts)-1 > len(p.parts) {
		return false
	}
	for i, part := range parts[1:] {
		if strings.ToLower(part) != p.parts[i] {
			return false
		}
	}
	return true
}

func (p place) String() string {
	parts := []string{"azure"}
	if p.tenant != "" {
		parts = append(parts, p.tenant)
	}
	return strings.Join(append(parts, p.parts...), "/")
}

// unlisted says why there may be more of a type in a place than was read; nil where there is not.
func (r *reading) unlisted(p place, typ string) *access.Unread {
	for i := range r.gaps {
		if g := &r.gaps[i]; g.Covers(typ) && p.within(g.Scope) {
			return &access.Unread{Document: g.What, Of: g.Scope.Short(), Why: why(g.Why, g.Call, g.Hint)}
		}
	}
	for _, s := range r.scopes {
		if slices.Contains(s.Types, typ) && p.within(s.Scope) {
			return nil
		}
	}
	return &access.Unread{Document: "list of " + typ, Of: p.String(), Why: "not read"}
}

// why says why a resource of a type is not there.
func (r *reading) why(p place, typ string) string {
	if u := r.unlisted(p, typ); u != nil {
		return u.Why
	}
	return "not among what was read"
}

// directories are the places where principals are, one for each tenant.
func (r *reading) directories() (out []place) {
	for _, s := range r.scopes {
		tenant := s.Scope.Part(1)
		if !slices.ContainsFunc(out, func(p place) bool { return p.tenant == tenant }) {
			out = append(out, place{tenant, []string{"directory"}})
		}
	}
	if out == nil {
		out = []place{{parts: []string{"directory"}}}
	}
	return out
}

// subscriptions are the places where assignments, identities and what runs are, sorted.
func (r *reading) subscriptions() (out []place) {
	seen := map[string]bool{}
	for _, s := range r.scopes {
		if sub := strings.ToLower(s.Scope.Part(2)); sub != "" && sub != "directory" && !seen[sub] {
			seen[sub] = true
			out = append(out, place{parts: []string{sub}})
		}
	}
	return out
}
