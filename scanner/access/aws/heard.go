package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// heard is what the policy of a resource says of one principal.
type heard struct {
	policy   [namings]pair
	sessions Set // what statements certainly allow that name a session of the role
	denied   pair
	rest     []voice // what still has to be asked about the resource
}

// voice is a statement that names the principal, by how it does.
type voice struct {
	*term
	by      [namings]access.Truth
	session bool // it names a session of the caller, a role
}

// hear adds what terms say of the caller in facts.
func (a *asking) hear(h *heard, docs []filed, bounded bool) {
	for _, d := range docs {
		for i := range d.paper.lines {
			l := &d.paper.lines[i]
			if len(l.classes[a.realm]) == 0 {
				continue
			}
			v := voice{term: l.term, by: l.who.naming(a.facts.caller, bounded)}
			v.session = l.allows && v.by[exactly] == access.Maybe && slices.ContainsFunc(l.who.principals, a.facts.caller.mayBe)
			switch {
			case v.by == [namings]access.Truth{}:
			case l.level[a.realm] > a.upTo:
				h.rest = append(h.rest, v)
			default:
				h.add(&v, v.apply(a.facts, a.realm, false))
			}
		}
	}
}

func (h *heard) add(v *voice, says pair) {
	if says.p == 0 {
		return
	}
	if v.session {
		h.sessions |= says.t
	}
	for how, is := range v.by {
		if v.allows {
			h.policy[how] = h.policy[how].or(says.when(is))
		}
		if v.denies {
			h.denied = h.denied.or(says.when(is))
		}
	}
}

// settle asks what is left.
func (a *asking) settle(h *heard) heard {
	out := heard{policy: h.policy, sessions: h.sessions, denied: h.denied}
	for i := range h.rest {
		out.add(&h.rest[i], h.rest[i].apply(a.facts, a.realm, false))
	}
	return out
}

// any is what is said in one way or another.
func (h *heard) any() (p pair) {
	for _, q := range h.policy {
		p = p.or(q)
	}
	return p
}

// granted is what grants give to a principal: by naming it, and by naming its account.
type granted struct{ direct, account pair }

// gift is a grant on a key.
type gift struct {
	to   principal
	acts pair // that it gives, if its constraints are met
}

// gifts reads grants for a request as far as it is known.
func (f *facts) gifts(list []Grant) []gift {
	var out []gift
	for i := range list {
		g := &list[i]
		one := gift{to: grantee(g.Grantee)}
		for _, op := range g.Operations {
			f.action = "kms:" + strings.ToLower(operationIn(op))
			bits := KeyActions.Of(f.action) & grantable
			if bits == 0 || one.to.everyone {
				continue
			}
			held, _ := f.keeps(g)
			one.acts = one.acts.or(certainly(bits).when(held))
		}
		if one.acts.p != 0 {
			out = append(out, one)
		}
	}
	return out
}

func grants(list []gift, c *caller) (g granted) {
	for i := range list {
		how, is := list[i].to.names(c)
		if how == byAccount {
			g.account = g.account.or(list[i].acts.when(is))
		} else {
			g.direct = g.direct.or(list[i].acts.when(is))
		}
	}
	return g
}
