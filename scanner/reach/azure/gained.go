package azure

import (
	"fmt"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Wholly reports whether what Gained says of an action is also under which conditions the principal may do that one: which roles it may assign
// decides what it gains by them.
func (e *Estate) Wholly(by string) bool { return by == assignRoles }

// Gained is what a principal may do after it has given itself the permission by one of Gains: by an access policy with everything in it, or by
// a role that holds everything. Deny assignments stay. What it may do now was not asked, only by which assignments it may do that.
func (e *Estate) Gained(name, by, action string, key inventory.ID) (access.Answer, error) {
	t, q, err := e.asked(action, key)
	if err != nil {
		return access.Answer{}, err
	}
	write, err := t.question(by)
	if err != nil {
		return access.Answer{}, err
	}
	p := e.directory.byName[name]
	if p == nil {
		return access.Answer{}, fmt.Errorf("principal %q: it is not among those that were read", name)
	}
	ways := []question{q}
	switch {
	case by == writePolicy || by == writeVault:
		opened := *q.vault
		opened.policies, opened.unread = []rbac.AccessPolicy{everything(p.id)}, nil
		ways[0].vault = &opened
	case q.vault != nil && q.vault.rbac != nil && !*q.vault.rbac: // no role gives it there but one that writes such a policy
		ways = ways[:0]
		for _, action := range []string{writePolicy, writeVault} {
			q, err := t.question(action)
			if err != nil {
				return access.Answer{}, err
			}
			q.assigned = true
			ways = append(ways, q)
		}
	default:
		ways[0].assigned = true
	}
	a := e.ask(p, ways[0], false, nil)
	for _, q := range ways[1:] {
		if other := e.ask(p, q, false, nil); rank(other.Decision) > rank(a.Decision) {
			a = other
		}
	}
	got, unread := a.Answer, a.unread
	got.Because = e.ask(p, write, false, nil).Because
	got.Residual = slices.Clone(got.Residual)
	if by == assignRoles && got.Decision != access.Denied {
		may, err := e.comesTo(p, t, write, ways)
		if err != nil {
			return access.Answer{}, err
		}
		if rank(may.Decision) < rank(got.Decision) {
			got.Decision = may.Decision
		}
		got.Residual, unread = append(got.Residual, may.Residual...), append(slices.Clip(unread), may.unread...)
		if len(may.Because) > 0 {
			got.Because = may.Because
		}
	}
	for _, u := range unread {
		got.Residual = append(got.Residual, access.Residual{Class: access.What, Key: u.Document, Statement: "not read: " + u.Why})
	}
	if by == writeRoles && got.Decision == access.Allowed {
		got.Decision = access.Conditional
		got.Residual = append(got.Residual, access.Residual{Class: access.What, Key: "whether it may write a custom role that it has, wherever that can be assigned"})
	}
	return got, nil
}

// everything is an access policy that gives all there is.
func everything(to string) rbac.AccessPolicy {
	most := []string{"all", "purge"}
	return rbac.AccessPolicy{ObjectID: to, Permissions: rbac.PolicyPermissions{Keys: most, Secrets: most, Certificates: most, Storage: most}}
}
