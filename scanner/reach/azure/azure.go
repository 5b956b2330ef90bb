// Package azure answers who may do what to the keys and secrets of a snapshot's Key Vaults: it puts together role assignments, roles, deny
// assignments, access policies and the groups of Entra ID, and asks the evaluator of package access/azure.
//
// A holder is a user, a group or a service principal, of which a managed identity has one. What was not read stands in the request twice:
// by the assumption that gives least, and by the one that gives most. What is allowed by the first is certain, what is denied by the second
// is impossible, and between them the answer names the documents that decide.
package azure

import (
	"errors"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Estate is what the live resources of Azure and Entra ID in a snapshot come to. It may be used by several goroutines.
type Estate struct {
	evaluator   *rbac.Evaluator
	reading     reading
	assignments map[string][]rbac.RoleAssignment // by the principal, in lower case
	assigned    map[string][]string              // who has role assignments, by their scope
	denies      []rbac.DenyAssignment
	roles       map[string]rbac.RoleDefinition // by the GUID that ends the ID
	broken      []broken
	above       map[string][]string // "/subscriptions/S": its management groups, the nearest first
	directory   directory
	vaults      map[string]*vault // by ID
	targets     map[inventory.ID]*target
	names       map[string][]inventory.ID // of keys and secrets, by what they may be called, in lower case
	workloads   []*workload               // sorted by ID
	identities  map[string]*identity      // user-assigned, by ID
	federations []*inventory.Resource     // sorted by ID
	lacking     []access.Unread           // what was not read by which somebody may become somebody else
}

// broken is an assignment whose document was not read, or is not understood.
type broken struct {
	access.Unread
	typ, scope string // the scope under which it stands, by its ID
}

// vault is a Key Vault.
type vault struct {
	id       string
	rbac     *bool // nil: not read
	keeps    bool  // it has purge protection
	policies []rbac.AccessPolicy
	unread   []access.Unread // why the policies are not known
}

// target is a key or secret.
type target struct {
	resource *inventory.Resource
	kind     string // "keys", "secrets"
	vault    *vault
}

// New puts the documents of a snapshot together. It keeps a hold of the snapshot, which must not change. What could not be read is no
// error; the answers name it.
func New(snap *inventory.Snapshot) (*Estate, error) {
	e := &Estate{
		evaluator: rbac.New(), reading: newReading(snap), assignments: map[string][]rbac.RoleAssignment{}, assigned: map[string][]string{}, roles: map[string]rbac.RoleDefinition{},
		above: map[string][]string{}, directory: newDirectory(), vaults: map[string]*vault{}, targets: map[inventory.ID]*target{},
		names: map[string][]inventory.ID{}, identities: map[string]*identity{},
	}
	for i := range snap.Resources {
		if r := &snap.Resources[i]; r.Origin == inventory.Live {
			e.take(r)
		}
	}
	for id, v := range e.vaults {
		if v.policies == nil && v.unread == nil {
			v.unread = []access.Unread{{Document: "access policies", Of: lastPart(id), Why: e.reading.why(placeOf(id), "azure.keyvault.access_policy")}}
		}
	}
	slices.SortFunc(e.federations, func(a, b *inventory.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
	e.directory.settle(&e.reading)
	e.nameWorkloads()
	e.lacking = e.hidden()
	return e, nil
}

// take files one resource.
func (e *Estate) take(r *inventory.Resource) {
	switch id := strings.ToLower(string(r.ID)); r.Type {
	case "azure.role_assignment":
		var a rbac.RoleAssignment
		if e.decode(r, &a, func() bool { return a.PrincipalID != "" && a.RoleDefinitionID != "" }) {
			a.ID, a.Scope = id, assignedAt(a.Scope, id)
			e.assign(a)
		}
	case "azure.deny_assignment":
		var d rbac.DenyAssignment
		if e.decode(r, &d, func() bool { return len(d.Principals) > 0 && len(d.Permissions) > 0 }) {
			d.ID, d.Scope = id, assignedAt(d.Scope, id)
			e.denies = append(e.denies, d)
		}
	case "azure.role_definition":
		var d rbac.RoleDefinition
		if _, bad := document(r, &d); bad == nil { // one that was not read is missing where an assignment names it
			d.ID = id
			e.roles[lastPart(id)] = d
		}
	case "azure.subscription":
		if r.Unread("account.path") == nil && r.Account != nil {
			groups := slices.Clone(r.Account.Path)
			slices.Reverse(groups)
			for i, g := range groups {
				groups[i] = managementGroup(g)
			}
			e.above[id] = groups
		}
	case "azure.keyvault.vault":
		if v := e.vault(id); r.Store != nil {
			v.rbac = r.Store.RBAC
			v.keeps = r.Store.PurgeProtection != nil && *r.Store.PurgeProtection && r.Unread("store.purge_protection") == nil
		}
	case "azure.keyvault.access_policy":
		e.takePolicies(r, strings.TrimSuffix(id, "/accesspolicies"))
	case "azure.keyvault.key", "azure.keyvault.secret":
		e.takeTarget(r, id)
	case "azure.managed_identity", "azure.compute":
		e.takeIdentity(r, id)
	case "entra.federated_credential":
		e.federations = append(e.federations, r)
	default:
		e.directory.take(r)
	}
}

func (e *Estate) assign(a rbac.RoleAssignment) {
	who := strings.ToLower(a.PrincipalID)
	e.assignments[who] = append(e.assignments[who], a)
	e.assigned[a.Scope] = append(e.assigned[a.Scope], who)
	e.directory.mention(who, a.PrincipalType)
}

// decode reads the document of an assignment, or notes that it is broken: one that says too little is not what Azure gave.
func (e *Estate) decode(r *inventory.Resource, into any, whole func() bool) bool {
	about, bad := document(r, into)
	if bad == nil && !whole() {
		bad = errors.New("not understood: it does not say of whom and what")
	}
	if bad == nil {
		return true
	}
	e.broken = append(e.broken, broken{access.Unread{Document: about, Of: r.Scope.Short(), Why: bad.Error()}, r.Type, assignedAt("", string(r.ID))})
	return false
}

func (e *Estate) takePolicies(r *inventory.Resource, of string) {
	var doc struct {
		Policies   []rbac.AccessPolicy `json:"accessPolicies"`
		Properties struct {
			Policies []rbac.AccessPolicy `json:"accessPolicies"`
		} `json:"properties"`
	}
	v := e.vault(of)
	if _, bad := document(r, &doc); bad != nil {
		v.unread = []access.Unread{{Document: "access policies", Of: lastPart(of), Why: bad.Error()}}
		return
	}
	v.policies = append(append([]rbac.AccessPolicy{}, doc.Policies...), doc.Properties.Policies...)
	for _, p := range v.policies {
		if p.ObjectID == "" {
			v.unread = []access.Unread{{Document: "access policies", Of: lastPart(of), Why: "not understood: one of them does not say whose it is"}}
			v.policies = nil
			return
		}
		e.directory.mention(strings.ToLower(p.ObjectID), "")
	}
}

func (e *Estate) vault(id string) *vault {
	v := e.vaults[id]
	if v == nil {
		v = &vault{id: id}
		e.vaults[id] = v
	}
	return v
}

func (e *Estate) takeTarget(r *inventory.Resource, id string) {
	kind := map[string]string{"azure.keyvault.key": "keys", "azure.keyvault.secret": "secrets"}[r.Type]
	of, name, ok := strings.Cut(id, "/"+kind+"/")
	if !ok || subscriptionOf(id) == "" { // no ID of Resource Manager, so that no scope reaches it for certain
		return
	}
	e.targets[r.ID] = &target{resource: r, kind: kind, vault: e.vault(of)}
	v := lastPart(of)
	for _, alias := range []string{id, name, v + "/" + name, v + "/" + kind + "/" + name, "https://" + v + ".vault.azure.net/" + kind + "/" + name} {
		e.names[alias] = append(e.names[alias], r.ID)
	}
}

// Find returns the keys and secrets that a name may mean: an ID, NAME, VAULT/NAME, VAULT/keys/NAME, or the URL without its version.
func (e *Estate) Find(name string) []inventory.ID {
	out := slices.Clone(e.names[strings.ToLower(strings.TrimRight(name, "/"))])
	slices.Sort(out)
	return slices.Compact(out)
}

// Found says nothing: no rule asks about Azure yet, and what nobody worked out is unknown to it.
func (*Estate) Found(*inventory.Resource) access.Found { return access.Found{} }
