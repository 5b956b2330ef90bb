// Package azure decides who can do what to keys, secrets and certificates of Azure Key Vault and Managed HSM: role assignments,
// deny assignments and their conditions, access policies of vaults that use them, and an HSM's own roles.
//
// It answers for what is written down. Firewalls, Conditional Access, locks and purge protection come after it, and whoever asks
// knows them; who may become a principal that has access is for others to follow.
package azure

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// everyone is the ID of the system-defined principal that stands for all of a directory in deny assignments.
const everyone = "00000000-0000-0000-0000-000000000000"

// Evaluator decides requests. It keeps what it compiled from roles and conditions, so requests that repeat them are cheaper.
// Any number of goroutines may use one.
type Evaluator struct {
	seed       maphash.Seed
	roles      cache[uint64, compiled]
	conditions cache[[2]string, *condition]
}

// New returns an evaluator that knows Azure's built-in roles and has compiled nothing else yet.
func New() *Evaluator { return &Evaluator{seed: maphash.MakeSeed()} }

// question is a request as it is evaluated.
type question struct {
	*Request
	plane  Plane
	action string   // in lower case
	scopes []string // normal scopes of what the action touches; being covered at one is enough
	who    map[string]bool
	above  ancestry
	hsm    bool // of a Managed HSM's data plane
	known  attributes
}

// Decide answers a request. The decision is Failed if the request cannot be understood, or if it hangs on a role that the request
// does not hold and that is not built in.
func (e *Evaluator) Decide(r Request) access.Answer {
	q, err := ask(&r)
	if err != nil {
		return failed(r.ID, err)
	}
	if q.plane == Data && !q.hsm && r.Vault != nil && !r.Vault.RBAC && strings.HasPrefix(q.action, vaultActions) {
		grants, err := q.policies()
		if err != nil {
			return failed(r.ID, err)
		}
		return conclude(r.ID, grants, nil, nil)
	}
	grants, missing, err := e.grants(q)
	if err != nil {
		return failed(r.ID, err)
	}
	denies, err := e.denies(q)
	if err != nil {
		return failed(r.ID, err)
	}
	return conclude(r.ID, grants, denies, missing)
}

// ask checks a request and brings it into the form in which it is compared.
func ask(r *Request) (*question, error) {
	q := &question{
		Request: r, plane: Plane(strings.ToLower(string(r.Plane))), action: strings.ToLower(r.Action),
		who: map[string]bool{}, above: r.ManagementGroups,
	}
	switch {
	case r.Action == "":
		return nil, fmt.Errorf(`the request has no action: name one, such as "Microsoft.KeyVault/vaults/secrets/getSecret/action"`)
	case strings.Contains(r.Action, "*"):
		return nil, fmt.Errorf("action %q has a wildcard: ask for one action at a time", r.Action)
	case r.Scope == "":
		return nil, fmt.Errorf("the request has no scope: give the resource ID of what is acted on")
	case q.plane == "":
		plane, ok := planeOf(q.action)
		if !ok {
			return nil, fmt.Errorf("the plane of action %q cannot be told from it: say control or data", r.Action)
		}
		q.plane = plane
	case q.plane != Control && q.plane != Data:
		return nil, fmt.Errorf("plane %q is unknown: say control or data", r.Plane)
	}
	for _, id := range append([]string{r.Principal.ID}, r.Principal.Groups...) {
		if id != "" {
			q.who[strings.ToLower(id)] = true
		}
	}
	var err error
	if q.known, err = newAttributes(r.Attributes); err != nil {
		return nil, err
	}
	scope := normalScope(r.Scope)
	q.scopes = objects(q.action, scope)
	if q.plane == Data && strings.HasPrefix(q.action, hsmActions) {
		local, ok := localScope(q.action, scope)
		if !ok {
			return nil, fmt.Errorf(`scope %q is not within a Managed HSM: give "/", "/keys" or "/keys/NAME"`, r.Scope)
		}
		q.hsm, q.scopes = true, []string{local}
	}
	return q, nil
}

// grants gathers what role assignments give. The error of a role that is nowhere to be found is kept apart, as the answer may not
// hang on it.
func (e *Evaluator) grants(q *question) (grants []evidence, missing, err error) {
	for i := range q.RoleAssignments {
		a := &q.RoleAssignments[i]
		scope, ok := scopeOf(a.Scope, a.ID)
		if !ok || a.PrincipalID == "" {
			return nil, nil, fmt.Errorf("role_assignments[%d] lacks scope or principalId: give both", i)
		}
		if !q.who[strings.ToLower(a.PrincipalID)] {
			continue
		}
		covered := q.covered(normalScope(scope), false)
		if covered == access.No {
			continue
		}
		role, ok := e.lookup(q.Request, a.RoleDefinitionID)
		if !ok {
			missing = fmt.Errorf("role %q of role_assignments[%d] is neither given nor built in: add it to role_definitions", a.RoleDefinitionID, i)
			continue
		}
		name := role.name + " at " + scope
		if until := cmp.Or(a.EndDateTime, a.ExpirationUTC); until != "" {
			name += " until " + until
		}
		g := evidence{truth: access.Yes, because: access.Because{Document: documentName("role assignment", a.ID, i), Statement: name}}
		g.require(covered, access.Residual{Class: access.What, Key: "management_groups", Statement: name})
		if a.Eligible {
			g.require(access.Maybe, access.Residual{Class: access.Who, Key: "activation", Statement: name})
		}
		c := e.condition(a.Condition, a.Version)
		g.require(c.truth(q.action, q.known), c.residual(q.action, q.known, name)...)
		g.allow(q, role.blocks, name)
		if g.truth != access.No {
			grants = append(grants, g)
		}
	}
	return grants, missing, nil
}

// denies gathers what deny assignments take.
func (e *Evaluator) denies(q *question) ([]evidence, error) {
	if q.hsm {
		return nil, nil
	}
	var denies []evidence
	for i := range q.DenyAssignments {
		d := &q.DenyAssignments[i]
		scope, ok := scopeOf(d.Scope, d.ID)
		if !ok {
			return nil, fmt.Errorf("deny_assignments[%d] lacks scope: give it", i)
		}
		covered := q.covered(normalScope(scope), d.ChildrenExempt)
		if covered == access.No || !q.named(d.Principals) || slices.ContainsFunc(d.ExcludePrincipals, q.is) {
			continue
		}
		name := cmp.Or(d.Name, "deny") + " at " + scope
		g := evidence{truth: access.Yes, because: access.Because{Document: documentName("deny assignment", d.ID, i), Statement: name}}
		g.require(covered, access.Residual{Class: access.What, Key: "management_groups", Statement: name})
		c := e.condition(d.Condition, d.Version)
		g.require(c.truth(q.action, q.known), c.residual(q.action, q.known, name)...)
		g.allow(q, e.blocks(d.Permissions), name)
		if g.truth != access.No {
			denies = append(denies, g)
		}
	}
	return denies, nil
}

// covered says whether an assignment at a normal scope reaches what is asked about; only there itself, if children are exempt.
func (q *question) covered(assigned string, exempt bool) access.Truth {
	if q.hsm && !(assigned == "/" || beneath(assigned, "/keys")) {
		return access.No
	}
	t := access.No
	for _, s := range q.scopes {
		if exempt {
			t = t.Or(access.Known(s == assigned))
		} else {
			t = t.Or(q.above.covers(assigned, s))
		}
	}
	return t
}

// is says whether a named principal is the one that asks, or a group of it.
func (q *question) is(p DenyPrincipal) bool { return q.who[strings.ToLower(p.ID)] }

// named says whether a deny assignment's principals include the one that asks.
func (q *question) named(list []DenyPrincipal) bool {
	return slices.ContainsFunc(list, func(p DenyPrincipal) bool {
		return p.ID == everyone || p.ID == "" && strings.EqualFold(p.Type, "SystemDefined") || q.is(p)
	})
}
