// Package vault answers who may do what to the keys and secrets of a snapshot's Vault clusters: it puts together which policies a token
// comes out with, by every way in which a token is got, and asks the evaluator of package access/vault about each distinct set of them.
//
// A holder is a kind of token: what a login through a role of an auth method or as a user yields, what an entity has however it logs in,
// what a token role can make, and the tokens that were read. The policy default is taken to be among those of a login, as Vault adds
// it unless a role is told otherwise, which collectors do not read. That a request is allowed by policies does not make it succeed: keys
// whose kind rules an operation out are the only other reason to refuse that is looked at.
package vault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Estate is what the live resources of all Vault clusters in a snapshot come to. It may be used by several goroutines.
type Estate struct {
	evaluator *acl.Evaluator
	spaces    map[inventory.Scope]*space
	clusters  map[string]bool
	sets      map[string]*set
	profiles  []*profile // in the order of their first holders
	holders   []*holder  // sorted by principal
	byName    map[string]*holder
	byID      map[inventory.ID]*holder
	targets   map[inventory.ID]*target
	alone     map[inventory.ID]*set     // of each policy by itself
	aliases   map[string][]inventory.ID // of keys and secrets, by what they may be called
	gains     gains
}

// profile is what holders have in common that log in at the same mount and come out with the same policies.
type profile struct {
	space   *space
	sets    []*set
	mount   string       // of the auth method that they log in at; "" of others
	entity  access.Truth // whether they are of an entity of the identity store
	choice  bool         // whoever uses it takes the set of its choice; otherwise it is not known which of them it comes out with
	holders []*holder
}

// New puts the policies of a snapshot together. It keeps a hold of the snapshot, which must not change. What could not be read is no
// error; the answers name it.
func New(snap *inventory.Snapshot) (*Estate, error) {
	e := &Estate{
		evaluator: acl.New(), spaces: map[inventory.Scope]*space{}, clusters: map[string]bool{}, sets: map[string]*set{}, byName: map[string]*holder{},
		byID: map[inventory.ID]*holder{}, targets: map[inventory.ID]*target{}, alone: map[inventory.ID]*set{}, aliases: map[string][]inventory.ID{},
		gains: gains{known: map[gaining]*access.Step{}},
	}
	for i := range snap.Scopes {
		if s := &snap.Scopes[i]; s.Scope.Backend() == "vault" {
			e.space(s.Scope).types = s.Types
		}
	}
	for i := range snap.Resources {
		if r := &snap.Resources[i]; r.Origin == inventory.Live && strings.HasPrefix(r.Type, "vault.") {
			e.space(r.Scope).take(r)
		}
	}
	for i := range snap.Gaps {
		if g := &snap.Gaps[i]; g.Scope.Backend() == "vault" {
			for _, s := range e.spaces {
				if g.Scope.Contains(s.scope) && (g.Scope == s.scope || len(g.Types) == 0) {
					s.gaps = append(s.gaps, g)
				}
			}
		}
	}
	for _, s := range e.sorted() {
		s.readPolicies()
	}
	for _, s := range e.sorted() {
		e.readIdentities(s)
	}
	for _, s := range e.sorted() {
		e.readHolders(s)
		e.readTargets(s)
		for _, r := range s.resources["vault.policy"] {
			e.alone[r.ID] = e.put(s, []string{r.Name}, nil, false)
		}
	}
	e.settle()
	return e, nil
}

// sorted are the namespaces in the order of their scopes.
func (e *Estate) sorted() []*space {
	out := make([]*space, 0, len(e.spaces))
	for _, s := range e.spaces {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *space) int { return cmp.Compare(a.scope, b.scope) })
	return out
}

// settle orders holders, and groups those that log in at the same mount and come out with the same policies.
func (e *Estate) settle() {
	slices.SortFunc(e.holders, func(a, b *holder) int { return cmp.Or(cmp.Compare(a.principal, b.principal), cmp.Compare(a.id, b.id)) })
	groups := map[string]*profile{}
	for _, h := range e.holders {
		var key strings.Builder
		for _, s := range h.sets {
			key.WriteString(s.key)
			key.WriteByte(0)
		}
		if h.choice {
			key.WriteByte(1)
		}
		mount := ""
		if logins[h.resource.Type] != "" {
			mount = h.resource.Trust.Mount
			key.WriteString(mount)
		}
		key.WriteByte(byte(h.isEntity()))
		p := groups[key.String()]
		if p == nil {
			p = &profile{space: h.space, sets: h.sets, choice: h.choice, mount: mount, entity: h.isEntity()}
			groups[key.String()] = p
			e.profiles = append(e.profiles, p)
		}
		p.holders = append(p.holders, h)
		h.profile = p
		e.byName[h.principal], e.byID[h.id] = h, h
	}
}

// cause is something that was not read.
type cause struct {
	access.Unread
	reason     inventory.Reason
	call, hint string
}

// of makes it the reason why a fact of a summary is not known.
func (c *cause) of(fact string) inventory.Unknown {
	hint := c.hint
	if hint == "" {
		hint = c.Document + " of " + c.Of + ": " + c.Why
	}
	return inventory.Unknown{Fact: fact, Why: c.reason, Call: c.call, Hint: hint}
}

func causeOf(document, of string, u *inventory.Unknown) *cause {
	return &cause{access.Unread{Document: document, Of: of, Why: why(u.Why, u.Call)}, u.Why, u.Call, u.Hint}
}

func causeOfGap(g *inventory.Gap) *cause {
	return &cause{access.Unread{Document: g.What, Of: g.Scope.Short(), Why: why(g.Why, g.Call)}, g.Why, g.Call, g.Hint}
}

func why(reason inventory.Reason, call string) string {
	if call == "" {
		return string(reason)
	}
	return string(reason) + " (" + call + ")"
}
