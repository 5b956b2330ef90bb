package azure

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
)

// What conditions ask of the assignment that somebody writes, as they call it.
const (
	ofAssignment = "Microsoft.Authorization/roleAssignments:"
	roleAttr     = ofAssignment + "RoleDefinitionId"
	whoAttr      = ofAssignment + "PrincipalId"
	kindAttr     = ofAssignment + "PrincipalType"
)

// principalTypes are the values of kindAttr by kind.
var principalTypes = map[string]string{"user": "User", "group": "Group", "service principal": "ServicePrincipal", identityKind: "ServicePrincipal"}

// comesTo says how surely somebody who may assign roles comes to one of some things: by a role that gives it, or perhaps by one with which it may
// assign or write others.
func (e *Estate) comesTo(p *principal, t *target, write question, wants []question) (answer, error) {
	best := e.assigns(p, write, wants)
	if best.Decision != access.Denied {
		return best, nil
	}
	var leads []question
	for _, action := range []string{assignRoles, writeRoles} {
		q, err := t.question(action)
		if err != nil {
			return answer{}, err
		}
		leads = append(leads, q)
	}
	if best = e.assigns(p, write, leads); best.Decision == access.Allowed {
		best.Decision = access.Conditional
		best.Residual = []access.Residual{{Class: access.What, Key: "what may be assigned by a role that it may assign"}}
	}
	return best, nil
}

// assigns says how surely somebody may assign a role that gives one of some things, where conditions say which roles it may assign. It is certain
// where it may assign itself one. Whom else it may give it to, so that it comes to the same, is left open.
func (e *Estate) assigns(p *principal, write question, wants []question) answer {
	plain := e.ask(p, write, false, nil)
	if plain.Decision != access.Conditional || !slices.ContainsFunc(plain.Residual, func(r access.Residual) bool { return strings.HasPrefix(r.Key, "@Request["+ofAssignment) }) {
		return plain
	}
	best := answer{Answer: access.Answer{Decision: access.Denied}}
	for _, id := range e.roleIDs() {
		if !slices.ContainsFunc(wants, func(q question) bool { return e.holds(id, q) }) {
			continue
		}
		of := map[string]rbac.Values{roleAttr: {id}}
		own := maps.Clone(of)
		own[whoAttr] = rbac.Values{p.id}
		if kind := principalTypes[p.kind]; kind != "" {
			own[kindAttr] = rbac.Values{kind}
		}
		for _, known := range []map[string]rbac.Values{own, of} {
			q := write
			q.attributes = known
			if a := e.ask(p, q, false, nil); rank(a.Decision) > rank(best.Decision) {
				best = a
			}
		}
		if best.Decision == access.Allowed {
			return best
		}
	}
	if at := placeOf(write.scope); best.Decision == access.Denied && e.reading.unlisted(at, "azure.role_definition") != nil {
		return plain // one that was not read may be among those that it may assign
	}
	return best
}

// roleIDs are the GUIDs of the roles that were read and of those that are built in.
func (e *Estate) roleIDs() []string {
	ids := append(rbac.BuiltInRoles(), slices.Collect(maps.Keys(e.roles))...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// holds reports whether a role gives what a question is about, perhaps under a condition of its own.
func (e *Estate) holds(role string, q question) bool {
	const who = "whoever has it"
	r := rbac.Request{
		System: "azure", Principal: rbac.Principal{ID: who}, Plane: q.action.Plane, Action: q.action.Action, Scope: q.scope,
		RoleAssignments: []rbac.RoleAssignment{{ID: "that it writes", PrincipalID: who, RoleDefinitionID: role, Scope: q.scope}},
	}
	if d, given := e.roles[role]; given {
		r.RoleDefinitions = []rbac.RoleDefinition{d}
	}
	return rank(e.evaluator.Decide(r).Decision) >= rank(access.Conditional)
}
