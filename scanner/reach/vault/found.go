package vault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// few is how many of a list are named.
const few = 5

// Found summarizes what is known about a resource for rules: of keys and secrets who uses and administers them, of what logs in which of
// its rules undo one another and what it makes of itself, of a policy where it makes keys by encrypting. Tokens that nobody asked to list do not make a summary unknown: whoever has
// one got it of a holder that is looked at. Those who may do everything are counted, and told of by rules about them.
func (e *Estate) Found(r *inventory.Resource) access.Found {
	if t := e.targets[r.ID]; t != nil {
		return e.ofTarget(t)
	}
	if r.Origin == inventory.Live && (logins[r.Type] != "" || r.Type == "vault.entity" || r.Type == "vault.token.role") {
		return e.ofHolder(r)
	}
	if x := e.alone[r.ID]; x != nil && !x.acl.Root() {
		return x.ofPolicy()
	}
	return access.Found{}
}

// ofPolicy is where a policy by itself makes keys by encrypting, which hangs on what the mounts are and how they are set up. Who has it
// beside which others is not asked.
func (x *set) ofPolicy() access.Found {
	m := &minted{}
	if len(x.unread) > 0 {
		u := x.unread[0].of("access.mints")
		m.unknown = &u
	}
	x.upserts(m)
	out := access.Found{Summary: &access.Summary{Mints: firstFew(m.mints, func(m access.Mint) string { return m.At })}}
	if m.unknown != nil && len(m.mints) == 0 {
		out.Unknown = []inventory.Unknown{*m.unknown}
	}
	return out
}

// tally counts holders.
type tally struct {
	access.Count
	certain, possible []string
}

func (c *tally) add(p *profile, certain bool) {
	names := &c.possible
	if certain {
		c.Certain += len(p.holders)
		names = &c.certain
	} else {
		c.Possible += len(p.holders)
	}
	for _, h := range p.holders[:min(few, len(p.holders))] {
		*names = append(*names, h.principal)
	}
}

func (c *tally) count() access.Count {
	slices.Sort(c.certain)
	slices.Sort(c.possible)
	c.Worst = append(append([]string{}, c.certain...), c.possible...)
	c.Worst = c.Worst[:min(few, len(c.Worst))]
	return c.Count
}

func (e *Estate) ofTarget(t *target) access.Found {
	masks := map[duty]uint64{}
	for i := range t.actions {
		masks[t.actions[i].duty] |= 1 << i
	}
	uses, runs := masks[use], masks[administer]|masks[destroy]
	var users, administrators tally
	out := &access.Summary{Conflicts: []access.Conflict{}, SelfGrants: []access.SelfGrant{}}
	var unread []*cause
	for _, p := range e.profiles {
		r, hangs := p.rights(t)
		unread = append(unread, hangs...)
		if r.possible&uses != 0 {
			users.add(p, r.sure&uses != 0)
		}
		if r.possible&masks[administer] != 0 {
			administrators.add(p, r.sure&masks[administer] != 0)
		}
		if p.admin() {
			continue
		}
		if both := p.both(t, r, uses, runs); both.sure != 0 {
			for _, h := range p.holders[:min(few, len(p.holders))] {
				out.Conflicts = append(out.Conflicts, access.Conflict{Principal: h.principal, Use: t.named(both.sure & uses), Administer: t.named(both.sure & runs)})
			}
		}
		if by := e.selfGrant(p, t, r, uses); by != "" {
			for _, h := range p.holders[:min(few, len(p.holders))] {
				out.SelfGrants = append(out.SelfGrants, access.SelfGrant{Principal: h.principal, By: by})
			}
		}
	}
	out.Users, out.Administrators = users.count(), administrators.count()
	out.Conflicts = firstFew(out.Conflicts, func(c access.Conflict) string { return c.Principal })
	out.SelfGrants = firstFew(out.SelfGrants, func(c access.SelfGrant) string { return c.Principal })
	found := access.Found{Summary: out}
	if t.unread != nil {
		unread = append(unread, t.unread)
	}
	if unread = append(unread, e.unlisted(t, false)...); len(unread) > 0 {
		why := slices.MinFunc(unread, func(a, b *cause) int { return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Document, b.Document)) })
		found.Unknown = append(found.Unknown, why.of("access.administrators"), why.of("access.users"))
		if len(out.Conflicts) == 0 {
			found.Unknown = append(found.Unknown, why.of("access.conflicts"))
		}
		if len(out.SelfGrants) == 0 {
			found.Unknown = append(found.Unknown, why.of("access.self_grants"))
		}
		slices.SortFunc(found.Unknown, func(a, b inventory.Unknown) int { return cmp.Compare(a.Fact, b.Fact) })
	}
	return found
}

// both is what one and the same token may do, where that is of both kinds; else nothing. What holders may do for certain is that of each
// token that they may come out with, but for those who choose among them.
func (p *profile) both(t *target, r rights, uses, runs uint64) rights {
	switch {
	case r.sure&uses == 0 || r.sure&runs == 0:
		return rights{}
	case !p.choice:
		return r
	}
	for _, x := range p.sets {
		one := x.rights(t)
		if one.sure &= r.sure; one.sure&uses != 0 && one.sure&runs != 0 {
			return one
		}
	}
	return rights{}
}

// selfGrant is the request by which holders that certainly may not use a key give themselves that; "" if there is none.
func (e *Estate) selfGrant(p *profile, t *target, r rights, uses uint64) string {
	if _, ok := p.space.within(t.space); !ok || r.possible&uses != 0 {
		return ""
	}
	by := ""
	for _, x := range p.sets {
		if len(x.unread) > 0 {
			return ""
		}
		sure := e.mint(x).sure
		if i := slices.IndexFunc(sure, func(m means) bool { return p.meets(&m) == access.Yes }); i >= 0 {
			by = cmp.Or(by, sure[i].step.By)
			continue
		}
		if one := x.unlock(t, uses); one != "" {
			by = cmp.Or(by, one)
			continue
		}
		if !p.choice {
			return ""
		}
	}
	return by
}

// unlock is the change of a key's settings after which the set may take the key out of Vault.
func (x *set) unlock(t *target, uses uint64) string {
	if t.can.unlocks&uses == 0 || x.rights(t).unlocks&uses == 0 {
		return ""
	}
	return "update " + t.mount + "/keys/" + t.name + "/config"
}

// named are the names of actions.
func (t *target) named(mask uint64) []string {
	out := []string{}
	for i := range t.actions {
		if mask&(1<<i) != 0 {
			out = append(out, t.actions[i].name)
		}
	}
	return out
}

func firstFew[T any](list []T, name func(T) string) []T {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	return slices.Clip(list[:min(few, len(list))])
}

// ofHolder is of what logs in, of entities and of token roles.
func (e *Estate) ofHolder(r *inventory.Resource) access.Found {
	out := access.Found{Summary: &access.Summary{Shadows: []access.Shadow{}, Mints: []access.Mint{}}}
	h := e.byID[r.ID]
	if h == nil || h.profile.admin() {
		return out
	}
	var shadows, mints *inventory.Unknown
	for _, x := range h.sets {
		m := e.mint(x)
		for _, one := range m.mints {
			if !slices.Contains(out.Summary.Mints, one) {
				out.Summary.Mints = append(out.Summary.Mints, one)
			}
		}
		if mints == nil {
			mints = m.unknown
		}
		for _, one := range x.shadows() {
			if !slices.ContainsFunc(out.Summary.Shadows, func(s access.Shadow) bool { return s.At == one.At && s.Over == one.Over && s.Effect == one.Effect }) {
				out.Summary.Shadows = append(out.Summary.Shadows, one)
			}
		}
		if shadows == nil && len(x.unread) > 0 {
			u := x.unread[0].of("access.shadows")
			shadows = &u
		}
	}
	out.Summary.Mints = firstFew(out.Summary.Mints, func(m access.Mint) string { return m.At + "\x00" + m.Gain })
	out.Summary.Shadows = firstFew(out.Summary.Shadows, func(s access.Shadow) string { return rank(s.Effect) + s.At + "\x00" + s.Over })
	if mints != nil && len(out.Summary.Mints) == 0 {
		out.Unknown = append(out.Unknown, *mints)
	}
	if shadows != nil && len(out.Summary.Shadows) == 0 {
		out.Unknown = append(out.Unknown, *shadows)
	}
	return out
}

// rank puts what is allowed in spite of a denial first.
func rank(effect string) string {
	if effect == grantsDenied {
		return "0"
	}
	return "1"
}

const grantsDenied, dropsGranted = "grants_denied", "drops_granted"

// shadows are pairs of rules of the set.
func (x *set) shadows() []access.Shadow {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.undone == nil {
		x.undone = []access.Shadow{}
		for _, s := range x.acl.Shadows() {
			one := access.Shadow{At: rules(s.By), Over: rules(s.Under), Effect: dropsGranted, Paths: []string{s.Path}}
			if s.Denial {
				one.Effect = grantsDenied
			}
			x.undone = append(x.undone, one)
		}
	}
	return x.undone
}

// rules names the first of the blocks that a rule is made of.
func rules(because []access.Because) string {
	if len(because) == 0 {
		return ""
	}
	return strings.TrimPrefix(because[0].Document, "policy ") + ": " + because[0].Statement
}
