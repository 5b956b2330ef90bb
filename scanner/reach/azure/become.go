package azure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// workload is what runs under managed identities. Whoever decides what it runs has what they have.
type workload struct {
	id, name, kind string // kind is its type as Resource Manager spells it, in lower case
	identities     []string
	unread         *access.Unread // why its identities are not known
	as             *principal
}

// identity is a user-assigned managed identity.
type identity struct {
	principal string // its object ID in lower case
	unread    *access.Unread
}

// runs are the actions, of each type of what runs, any line of which lets its holder run code there, or take its credentials, with spaces
// between those that are needed together. By the descriptions of https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations;
// where a type is not listed, whoever writes it is taken to do so.
var runs = map[string][]string{
	"microsoft.compute/virtualmachines":           {"runCommand/action", "runCommands/write", "extensions/write"},
	"microsoft.compute/virtualmachinescalesets":   {"virtualMachines/runCommand/action", "virtualMachines/runCommands/write", "extensions/write"},
	"microsoft.web/sites":                         {"publish/action", "publishxml/action", "config/list/action", "config/write", "extensions/write"},
	"microsoft.containerinstance/containergroups": {"containers/exec/action", "write"},
	"microsoft.app/containerapps":                 {"getAuthToken/action", "write"},
	"microsoft.containerservice/managedclusters":  {"runCommand/action", "listClusterAdminCredential/action"},
	"microsoft.automation/automationaccounts":     {"runbooks/draft/content/write runbooks/draft/testJob/write", "runbooks/write jobs/write"},
	"microsoft.logic/workflows":                   {"write"},
}

const (
	assignIdentity   = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
	writeFederations = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"
	federationPart   = "/federatedidentitycredentials/"
)

// takeIdentity reads which identities something has, or is.
func (e *Estate) takeIdentity(r *inventory.Resource, id string) {
	var doc struct {
		Type     string `json:"type"`
		Identity struct {
			PrincipalID  string              `json:"principalId"`
			UserAssigned map[string]struct{} `json:"userAssignedIdentities"`
		} `json:"identity"`
		Properties struct {
			PrincipalID string `json:"principalId"`
		} `json:"properties"`
	}
	about, bad := document(r, &doc)
	var unread *access.Unread
	if bad != nil {
		unread = &access.Unread{Document: about, Of: r.Scope.Short(), Why: bad.Error()}
	}
	if r.Type == "azure.managed_identity" {
		who := strings.ToLower(doc.Properties.PrincipalID)
		if who != "" {
			e.directory.identity(who, r.Name)
		} else if unread == nil {
			unread = &access.Unread{Document: about, Of: r.Scope.Short(), Why: "not understood: it has no principalId"}
		}
		e.identities[id] = &identity{who, unread}
		return
	}
	w := &workload{id: id, name: cmp.Or(r.Name, lastPart(id)), kind: strings.ToLower(doc.Type), unread: unread}
	if w.kind == "" {
		w.kind = typeOf(id)
	}
	if own := strings.ToLower(doc.Identity.PrincipalID); own != "" {
		e.directory.identity(own, w.name)
		w.identities = append(w.identities, own)
	}
	for of := range doc.Identity.UserAssigned {
		w.identities = append(w.identities, strings.ToLower(of)) // by the ID until all are read
	}
	e.workloads = append(e.workloads, w)
}

// typeOf is the type of what an ID names: "microsoft.compute/virtualmachines".
func typeOf(id string) string {
	_, rest, _ := strings.Cut(id, "/providers/")
	parts := strings.Split(rest, "/")
	out := parts[:1]
	for i := 1; i < len(parts); i += 2 {
		out = append(out, parts[i])
	}
	return strings.Join(out, "/")
}

// nameWorkloads finds the identities of what runs, and makes principals of it.
func (e *Estate) nameWorkloads() {
	slices.SortFunc(e.workloads, func(a, b *workload) int { return strings.Compare(a.id, b.id) })
	same := map[string]int{}
	for _, w := range e.workloads {
		same[w.name]++
	}
	for _, w := range e.workloads {
		var out []string
		for _, id := range w.identities {
			switch known := e.identities[id]; {
			case !strings.HasPrefix(id, "/"):
				out = append(out, id)
			case known != nil && known.principal != "":
				out = append(out, known.principal)
			case w.unread == nil:
				w.unread = &access.Unread{Document: "managed identity " + lastPart(id), Of: subscriptionOf(id), Why: e.reading.why(placeOf(id), "azure.managed_identity")}
			}
		}
		w.identities = out
		w.as = &principal{name: "workload/" + w.name, label: w.name, kind: "workload", runs: w}
		if same[w.name] > 1 {
			w.as.name = "workload" + w.id
		}
		e.directory.add(w.as)
	}
	slices.SortFunc(e.directory.ours, func(a, b *principal) int { return strings.Compare(a.name, b.name) })
}

// StepsTo lists in which ways somebody becomes a principal. Whoever owns a group adds itself; whoever owns an application or service principal
// adds a credential that logs in as it; what runs acts as its identities, and whoever may change what it runs has it do so.
func (e *Estate) StepsTo(name string, matters func(string) bool) (out []access.Step) {
	to := e.directory.byName[name]
	if to == nil {
		return nil
	}
	add := func(from string, s access.Step) {
		if from != name && matters(from) {
			s.From, s.To = from, name
			out = append(out, s)
		}
	}
	switch {
	case to.runs != nil:
		e.changers(to.runs, matters, add)
	case to.kind == "group":
		e.joiners(to, add)
	case to.kind == "service principal", to.kind == identityKind:
		e.credentials(to, add)
		e.carriers(to, matters, add)
	}
	slices.SortStableFunc(out, func(a, b access.Step) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.By, b.By)) })
	return out
}

// step is one by which somebody takes something; where it hangs on something it is conditional.
func step(by string, hangs ...access.Residual) access.Step {
	s := access.Step{By: by, Decision: access.Allowed, Residual: []access.Residual{}, Because: []access.Because{}}
	if len(hangs) > 0 {
		s.Decision, s.Residual = access.Conditional, hangs
	}
	return s
}

// owners are the steps of those who own something.
func (e *Estate) owners(of *principal, s access.Step, add func(string, access.Step)) {
	if of.object.Owners == nil {
		return
	}
	for _, m := range *of.object.Owners {
		if p := e.directory.byID[strings.ToLower(m.ID)]; p != nil {
			add(p.name, s)
		}
	}
}

// joiners are those who make themselves members of a group.
func (e *Estate) joiners(g *principal, add func(string, access.Step)) {
	if !g.object.Synced && !slices.Contains(g.object.Kinds, "DynamicMembership") {
		e.owners(g, step("adding itself to the group, as its owner"), add)
	}
	if g.object.Eligible == nil {
		return
	}
	for _, s := range *g.object.Eligible {
		p := e.directory.byID[strings.ToLower(s.PrincipalID)]
		if p == nil {
			continue
		}
		add(p.name, step("activating that it is "+cmp.Or(strings.ToLower(s.Access), "member")+" of the group", access.Residual{Class: access.Who, Key: "activation", Statement: g.name}))
	}
}

// credentials are those who log in as a service principal: by a credential that they add, or by a token of another issuer that it trusts.
func (e *Estate) credentials(sp *principal, add func(string, access.Step)) {
	policies := access.Residual{Class: access.What, Key: "policies of the tenant on credentials of applications", Statement: sp.name}
	app := e.directory.app(sp)
	if sp.kind == "service principal" {
		e.owners(sp, step("adding a credential, as its owner", policies), add)
		if app != nil {
			e.owners(app, step("adding a credential, as owner of its application", policies), add)
		}
	}
	for _, r := range e.federations {
		of, _, _ := strings.Cut(strings.ToLower(string(r.ID)), federationPart)
		known := e.identities[of]
		own := known != nil && known.principal == sp.id || app != nil && strings.EqualFold(string(app.resource.ID), of)
		if t := r.Trust; own && t != nil {
			issuer := "oidc:" + strings.TrimRight(strings.TrimPrefix(cmp.Or(t.Issuer, "any issuer, which was not read"), "https://"), "/")
			by := "federated credential " + cmp.Or(r.Name, lastPart(string(r.ID)))
			if r.Unread("trust.bound_subject") != nil || r.Unread("trust.issuer") != nil {
				add(issuer, step(by, access.Residual{Class: access.Who, Key: "subject", Statement: by}))
				continue
			}
			add(issuer+" subject "+t.BoundSubject, step(by))
		}
	}
}

// carriers are what runs as an identity, and those who let something run as it that they decide about, or let an issuer of theirs speak for it.
func (e *Estate) carriers(sp *principal, matters func(string) bool, add func(string, access.Step)) {
	for _, w := range e.workloads {
		if slices.Contains(w.identities, sp.id) {
			add(w.as.name, step("running as it"))
		}
	}
	for id, known := range e.identities {
		if known.principal != sp.id {
			continue
		}
		for _, p := range e.given(id, nil) {
			if !matters(p.name) {
				continue
			}
			if s, ok := e.may(p, id, writeFederations); ok {
				add(p.name, s)
			}
			if s, ok := e.may(p, id, assignIdentity); ok {
				if put, ok := e.places(p); ok {
					add(p.name, both(s, put))
				}
			}
		}
	}
}

// changers are those who decide what a workload runs.
func (e *Estate) changers(w *workload, matters func(string) bool, add func(string, access.Step)) {
	ways := runs[w.kind]
	if ways == nil {
		ways = []string{"write"}
	}
	for _, p := range e.given(w.id, nil) {
		if !matters(p.name) {
			continue
		}
		for _, way := range ways {
			var full []string
			for _, action := range strings.Fields(way) {
				full = append(full, spelled(w.kind)+"/"+action)
			}
			if s, ok := e.may(p, w.id, full...); ok {
				add(p.name, s)
				if s.Decision == access.Allowed {
					break
				}
			}
		}
	}
}

// may is the step by actions that a principal may all do at a scope, if it may.
func (e *Estate) may(p *principal, scope string, actions ...string) (s access.Step, ok bool) {
	s = step(strings.Join(actions, " and "))
	for _, action := range actions {
		a := e.ask(p, question{action: rbac.Operation{Action: action, Plane: rbac.Control}, scope: scope}, false, nil)
		if a.Decision == access.Denied {
			return s, false
		}
		s.Residual, s.Because = append(s.Residual, a.Residual...), append(s.Because, a.Because...)
		for _, u := range a.unread {
			s.Residual = append(s.Residual, access.Residual{Class: access.What, Key: u.Document + " of " + u.Of, Statement: "not read: " + u.Why})
		}
		if a.Decision != access.Allowed {
			s.Decision = access.Conditional
		}
	}
	s.Because = unique(s.Because)
	s.Residual = unique(s.Residual)
	return s, true
}

func unique[T comparable](list []T) []T {
	out := []T{}
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// both is a step that takes two.
func both(a, b access.Step) access.Step {
	a.By += " and " + b.By
	a.Residual, a.Because = unique(append(slices.Clip(a.Residual), b.Residual...)), unique(append(slices.Clip(a.Because), b.Because...))
	if b.Decision != access.Allowed {
		a.Decision = access.Conditional
	}
	return a
}

// places is where a principal may make or change something that runs: in what runs already, and in the groups of resources and subscriptions
// where it has a role.
func (e *Estate) places(p *principal) (best access.Step, ok bool) {
	try := func(scope, kind string) bool {
		s, may := e.may(p, scope, spelled(kind)+"/write")
		if may && (!ok || s.Decision == access.Allowed) {
			best, ok = s, true
		}
		return may && s.Decision == access.Allowed
	}
	for _, id := range e.ids(p) {
		for i := range e.assignments[id] {
			for _, scope := range e.wide(e.assignments[id][i].Scope) {
				for _, kind := range sortedRuns {
					if try(scope, kind) {
						return best, true
					}
				}
			}
		}
	}
	for _, w := range e.workloads {
		if try(w.id, w.kind) {
			return best, true
		}
	}
	return best, ok
}

// wide are the subscriptions and groups of resources that the scope of an assignment comes to: those that were read, of one above them.
func (e *Estate) wide(scope string) (out []string) {
	parts := strings.Split(scope, "/")
	switch {
	case len(parts) == 3 && parts[1] == "subscriptions", len(parts) == 5 && parts[3] == "resourcegroups":
		return []string{scope}
	case scope == "/", strings.HasPrefix(scope, "/providers/microsoft.management/"):
		for _, p := range e.reading.subscriptions() {
			out = append(out, "/subscriptions/"+p.parts[0])
		}
	}
	return out
}
