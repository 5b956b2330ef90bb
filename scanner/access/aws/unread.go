package aws

import (
	"cmp"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Unread lists all documents of the estate that count as unread, sorted by whose they are.
func (ix *Index) Unread() []access.Unread {
	var out []access.Unread
	for _, a := range ix.accounts {
		if !a.foreign {
			out = append(append(out, a.unread(a.scps)...), a.unread(a.rcps)...)
		}
	}
	for _, m := range ix.members {
		if !m.unlisted {
			out = append(append(out, unreadOf(m.name, m.identity)...), unreadOf(m.name, m.boundary)...)
		}
	}
	for _, k := range ix.targets {
		out = append(out, k.ownUnread()...)
	}
	slices.SortFunc(out, func(a, b access.Unread) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Why, b.Why))
	})
	return out
}

func unreadOf(name string, docs []filed) (out []access.Unread) {
	for _, d := range docs {
		if d.why != "" {
			out = append(out, access.Unread{Document: d.name, Of: name, Why: d.why})
		}
	}
	return out
}

func (a *domain) unread(levels [][]filed) (out []access.Unread) {
	for _, docs := range levels {
		out = append(out, unreadOf(a.ID, docs)...)
	}
	return out
}

// unread lists what was not read on the side of a principal.
func (m *member) unread() []access.Unread {
	return slices.Concat(unreadOf(m.name, m.identity), unreadOf(m.name, m.boundary), m.account.unread(m.account.scps))
}

func (k *target) ownUnread() []access.Unread {
	out := unreadOf(k.resource.ARN, k.policy)
	for _, what := range k.blind {
		out = append(out, access.Unread{Document: what, Of: k.resource.ARN, Why: "they were not read"})
	}
	return out
}

// unread lists what was not read on the side of a key or secret.
func (k *target) unread() []access.Unread {
	out := append(k.ownUnread(), k.account.unread(k.account.rcps)...)
	if k.key != nil {
		out = append(out, k.key.unread()...)
	}
	return out
}

// unlisted lists accounts with principals that were not read, if documents of the target may let them in.
func (ix *Index) unlisted(k *target) (out []access.Unread) {
	lets := map[string]bool{k.account.ID: true}
	everybody := false
	see := func(p *principal) {
		everybody = everybody || p.everyone || p.open
		lets[cmp.Or(p.account, accountIn(p.arn))] = true
	}
	for _, d := range k.policy {
		for _, l := range d.paper.lines {
			everybody = everybody || l.allows && l.who.notPrincipals
			for i := range l.who.principals {
				if l.allows {
					see(&l.who.principals[i])
				}
			}
		}
	}
	for i := range k.resource.Grants {
		p := grantee(k.resource.Grants[i].Grantee)
		see(&p)
	}
	for id, a := range ix.accounts {
		if a.Unlisted != "" && (everybody || lets[id]) {
			out = append(out, access.Unread{Document: "list of principals", Of: id, Why: a.Unlisted})
		}
	}
	slices.SortFunc(out, func(a, b access.Unread) int { return cmp.Compare(a.Of, b.Of) })
	return out
}
