package azure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
)

// question is an action at a scope. The vault is that of a data action, nil for those of the control plane.
type question struct {
	action   rbac.Operation
	scope    string
	vault    *vault
	assigned bool // it is supposed that the principal has a role there that holds everything

	attributes map[string]rbac.Values // of the request, that are known
}

// A gap is something unread on which an answer may hang: a listing, an assignment, the permissions of a role, the members of a group. The
// assumption about it is loose where it is what gives a principal most.
type gap struct {
	access.Unread
	kind string // "grants", "denies", "role", "policies", "mode"; "group": whether it gives; "barred": whether a deny assignment that names it takes
	id   string // of a role or group
}

// answer is what a principal gets, with what was not read and may change that.
type answer struct {
	access.Answer
	unread []access.Unread
}

// every is what a document may hold that was not read.
var every = []rbac.Permission{{Actions: []string{"*"}, DataActions: []string{"*"}}}

// ask decides for a principal. Role assignments and policies in without count as if they were not there. Without others it is left out what
// may be given by something unread that may give it to anybody.
func (e *Estate) ask(p *principal, q question, others bool, without map[string]bool) answer {
	a := answer{Answer: access.Answer{Decision: access.Denied, Residual: []access.Residual{}, Because: []access.Because{}}, unread: []access.Unread{}}
	if p.id == "" { // what runs acts as its identities alone
		return a
	}
	gaps := e.gaps(p, q)
	if !others {
		gaps = slices.DeleteFunc(gaps, gap.anybody)
	}
	sure := e.decide(p, q, gaps, nil, without)
	most := sure
	if len(gaps) > 0 {
		most = e.decide(p, q, gaps, func(gap) bool { return true }, without)
	}
	if a.Answer = sure; sure.Decision != most.Decision {
		a.unread = e.decisive(p, q, gaps, without, sure.Decision, most.Decision)
		if sure.Decision == access.Denied { // cite what names the principal, and nothing that is only assumed
			a.Answer = e.decide(p, q, gaps, func(g gap) bool { return !g.anybody() }, without)
			if a.Decision == access.Denied {
				a.Residual, a.Because = []access.Residual{}, []access.Because{}
			}
		}
		a.Decision, a.Explicit, a.Error = access.Conditional, false, ""
	}
	if slices.ContainsFunc(a.Residual, func(r access.Residual) bool { return r.Key == "management_groups" }) {
		a.unread = append(a.unread, access.Unread{Document: "management groups", Of: subscriptionOf(q.scope), Why: e.reading.why(placeOf(q.scope), "azure.subscription")})
	}
	a.Because = e.through(p, a.Because)
	return a
}

// decisive are those gaps of which one alone changes the answer where the others are assumed to give least, or most; all where none does.
func (e *Estate) decisive(p *principal, q question, gaps []gap, without map[string]bool, least, most access.Decision) (out []access.Unread) {
	for _, g := range gaps {
		alone := e.decide(p, q, gaps, func(o gap) bool { return o == g }, without)
		lacking := e.decide(p, q, gaps, func(o gap) bool { return o != g }, without)
		if alone.Decision != least || lacking.Decision != most {
			out = append(out, g.Unread)
		}
	}
	if out == nil {
		for _, g := range gaps {
			out = append(out, g.Unread)
		}
	}
	slices.SortFunc(out, func(x, y access.Unread) int {
		return cmp.Or(cmp.Compare(x.Of, y.Of), cmp.Compare(x.Document, y.Document))
	})
	return slices.Compact(out)
}

// anybody reports whether a gap may give something to everybody alike, so that it is told once and not of each.
func (g gap) anybody() bool { return g.kind == "grants" || g.kind == "policies" || g.kind == "group" }

// gaps are those on which an answer may hang.
func (e *Estate) gaps(p *principal, q question) (out []gap) {
	add := func(kind, id string, u access.Unread) {
		if g := (gap{u, kind, id}); !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	at := placeOf(q.scope)
	for kind, typ := range map[string]string{"grants": "azure.role_assignment", "denies": "azure.deny_assignment"} {
		if u := e.reading.unlisted(at, typ); u != nil {
			add(kind, "", *u)
		}
		for _, b := range e.broken {
			if b.typ == typ && e.mayCover(b.scope, q.scope) {
				add(kind, "", b.Unread)
			}
		}
	}
	for _, who := range e.ids(p) {
		for i := range e.assignments[who] {
			e.unknownRole(&e.assignments[who][i], add)
		}
	}
	for id, u := range e.directory.open {
		if id == p.id || slices.Contains(p.groups, id) {
			continue
		}
		if len(e.assignments[id]) > 0 || q.vault != nil && q.vault.names(id) {
			add("group", id, u)
		}
		if e.denyNames(id) {
			add("barred", id, u)
		}
		for i := range e.assignments[id] {
			e.unknownRole(&e.assignments[id][i], add)
		}
	}
	if q.vault != nil && q.vault.rbac == nil {
		add("mode", "", access.Unread{Document: "enableRbacAuthorization", Of: lastPart(q.vault.id), Why: e.reading.why(at, "azure.keyvault.vault")})
	}
	if q.vault != nil && (q.vault.rbac == nil || !*q.vault.rbac) {
		for _, u := range q.vault.unread {
			add("policies", "", u)
		}
	}
	slices.SortFunc(out, func(a, b gap) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id), cmp.Compare(a.Of, b.Of), cmp.Compare(a.Document, b.Document))
	})
	return out
}

// denyNames reports whether a deny assignment names a group, as one that it takes from or as one that it spares.
func (e *Estate) denyNames(id string) bool {
	is := func(p rbac.DenyPrincipal) bool { return strings.EqualFold(p.ID, id) }
	return slices.ContainsFunc(e.denies, func(d rbac.DenyAssignment) bool {
		return slices.ContainsFunc(d.Principals, is) || slices.ContainsFunc(d.ExcludePrincipals, is)
	})
}

// unknownRole adds the role of an assignment where it is neither in the snapshot nor built in.
func (e *Estate) unknownRole(a *rbac.RoleAssignment, add func(kind, id string, u access.Unread)) {
	id := strings.ToLower(lastPart(a.RoleDefinitionID))
	if _, given := e.roles[id]; given || rbac.BuiltIn(id) {
		return
	}
	at := assignedAt(a.Scope, a.ID)
	add("role", id, access.Unread{Document: "role definition " + id, Of: at, Why: e.reading.why(placeOf(at), "azure.role_definition")})
}

// mayCover reports whether an assignment at one scope may reach another.
func (e *Estate) mayCover(assigned, scope string) bool {
	scope = strings.ToLower(scope)
	return assigned == "/" || strings.HasPrefix(assigned, "/providers/microsoft.management/") || scope == assigned || strings.HasPrefix(scope, assigned+"/")
}

// ids are the principal and its groups.
func (e *Estate) ids(p *principal) []string { return append([]string{p.id}, p.groups...) }

// decide puts the request together by assumptions, for each way in which the vault may decide, and asks. Without assume each is the strictest.
func (e *Estate) decide(p *principal, q question, gaps []gap, assume func(gap) bool, without map[string]bool) access.Answer {
	loose := func(g gap) bool { return assume != nil && assume(g) }
	r := rbac.Request{
		System: "azure", Principal: rbac.Principal{ID: p.id, Groups: p.groups}, Plane: q.action.Plane, Action: q.action.Action, Scope: q.scope,
		Attributes: q.attributes,
	}
	if own := subscriptionOf(q.scope); e.above[own] != nil {
		r.ManagementGroups = map[string][]string{own: e.above[own]}
	}
	inside, spared, barred := map[string]bool{}, map[string]bool{}, map[string]bool{} // groups that it is assumed to belong to, by what follows
	for _, g := range gaps {
		switch g.kind {
		case "group":
			inside[g.id] = loose(g)
		case "barred":
			spared[g.id], barred[g.id] = loose(g), !loose(g)
		case "role":
			d := rbac.RoleDefinition{ID: g.id, RoleName: g.id}
			if loose(g) {
				d.Permissions = every
			}
			r.RoleDefinitions = append(r.RoleDefinitions, d)
		case "grants":
			if loose(g) {
				r.RoleDefinitions = append(r.RoleDefinitions, rbac.RoleDefinition{ID: "unread", RoleName: "any role", Permissions: every})
				r.RoleAssignments = append(r.RoleAssignments, rbac.RoleAssignment{ID: g.Document, PrincipalID: p.id, RoleDefinitionID: "unread", Scope: q.scope})
			}
		case "denies":
			if !loose(g) {
				r.DenyAssignments = append(r.DenyAssignments, rbac.DenyAssignment{ID: g.Document, Scope: q.scope, Permissions: every, Principals: []rbac.DenyPrincipal{{Type: "SystemDefined"}}})
			}
		}
	}
	if q.assigned {
		r.RoleDefinitions = append(r.RoleDefinitions, rbac.RoleDefinition{ID: "assigned", RoleName: "the role that it assigns itself", Permissions: every})
		r.RoleAssignments = append(r.RoleAssignments, rbac.RoleAssignment{ID: "that it writes", PrincipalID: p.id, RoleDefinitionID: "assigned", Scope: q.scope})
	}
	e.grants(&r, p, inside, without)
	e.deny(&r, p, spared, barred)
	if q.vault == nil || q.vault.rbac != nil && *q.vault.rbac {
		return e.evaluator.Decide(r)
	}
	byPolicy := r
	byPolicy.Vault = &rbac.Vault{AccessPolicies: e.policies(p, q.vault, gaps, loose, inside, without)}
	a := e.evaluator.Decide(byPolicy)
	if q.vault.rbac != nil {
		return a
	}
	b := e.evaluator.Decide(r)
	wide := slices.ContainsFunc(gaps, func(g gap) bool { return g.kind == "mode" && loose(g) })
	if wide == (rank(b.Decision) > rank(a.Decision)) {
		return b
	}
	return a
}

// rank orders decisions by how much they give.
func rank(d access.Decision) int {
	return slices.Index([]access.Decision{access.Denied, access.Failed, access.Conditional, access.Allowed}, d)
}

// policies are the access policies of a vault by assumptions.
func (e *Estate) policies(p *principal, v *vault, gaps []gap, loose func(gap) bool, inside, without map[string]bool) []rbac.AccessPolicy {
	out := []rbac.AccessPolicy{}
	for i, policy := range v.policies {
		if without[policyName(i)] {
			continue
		}
		if inside[strings.ToLower(policy.ObjectID)] {
			policy.ObjectID = p.id
		}
		out = append(out, policy)
	}
	for _, g := range gaps {
		if g.kind == "policies" && loose(g) {
			out = append(out, everything(p.id))
		}
	}
	return out
}

// grants are the role assignments of the principal and its groups, with the roles they name.
func (e *Estate) grants(r *rbac.Request, p *principal, inside, without map[string]bool) {
	roles := map[string]bool{}
	take := func(list []rbac.RoleAssignment, as string) {
		for _, a := range list {
			if without[a.ID] {
				continue
			}
			if as != "" {
				a.PrincipalID = as
			}
			r.RoleAssignments = append(r.RoleAssignments, a)
			if id := strings.ToLower(lastPart(a.RoleDefinitionID)); !roles[id] {
				roles[id] = true
				if d, given := e.roles[id]; given {
					r.RoleDefinitions = append(r.RoleDefinitions, d)
				}
			}
		}
	}
	for _, id := range e.ids(p) {
		take(e.assignments[id], "")
	}
	for id, is := range inside {
		if is {
			take(e.assignments[id], p.id)
		}
	}
}

// deny are the deny assignments. Of a group of which it is not known whether the principal belongs to it, its being named and its being
// left out are taken apart: both cannot be, and it is not known which.
func (e *Estate) deny(r *rbac.Request, p *principal, spared, barred map[string]bool) {
	if len(spared) == 0 {
		r.DenyAssignments = append(r.DenyAssignments, e.denies...)
		return
	}
	as := func(list []rbac.DenyPrincipal, in map[string]bool) []rbac.DenyPrincipal {
		out := slices.Clone(list)
		for i := range out {
			if in[strings.ToLower(out[i].ID)] {
				out[i].ID = p.id
			}
		}
		return out
	}
	for _, d := range e.denies {
		d.Principals, d.ExcludePrincipals = as(d.Principals, barred), as(d.ExcludePrincipals, spared)
		r.DenyAssignments = append(r.DenyAssignments, d)
	}
}

// through says by which group something is the principal's.
func (e *Estate) through(p *principal, list []access.Because) []access.Because {
	out := slices.Clone(list)
	for i := range out {
		for _, id := range p.groups {
			g := e.directory.byID[id]
			named := out[i].Document == "access policy of "+id
			for k := range e.assignments[id] {
				named = named || out[i].Document == "role assignment "+lastPart(e.assignments[id][k].ID)
			}
			if named {
				out[i].Document += " (" + g.name + ")"
				break
			}
		}
	}
	return out
}

// policyName is how a policy is left out of an answer.
func policyName(i int) string { return fmt.Sprintf("policy %d", i) }
