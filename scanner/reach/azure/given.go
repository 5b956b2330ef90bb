package azure

import (
	"maps"
	"slices"
	"strings"

	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
)

// given are those to whom, or to a group of whom, something is given that may reach a scope: a role there or above it, or a policy of the
// vault. They are sorted by name. Nobody else may do anything there by what was read, so that nobody else need be asked about.
func (e *Estate) given(scope string, v *vault) []*principal {
	found := map[*principal]bool{}
	take := func(id string) {
		if p := e.directory.byID[id]; p != nil {
			found[p] = true
		}
		for _, p := range e.directory.inside[id] {
			found[p] = true
		}
	}
	for at, ids := range e.assigned {
		if e.mayCover(at, scope) {
			for _, id := range ids {
				take(id)
			}
		}
	}
	if v != nil {
		for i := range v.policies {
			take(strings.ToLower(v.policies[i].ObjectID))
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b *principal) int { return strings.Compare(a.name, b.name) })
}

// names reports whether an access policy is a principal's.
func (v *vault) names(id string) bool {
	return slices.ContainsFunc(v.policies, func(p rbac.AccessPolicy) bool { return strings.EqualFold(p.ObjectID, id) })
}
