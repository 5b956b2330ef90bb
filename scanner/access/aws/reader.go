package aws

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// reader works out who has which rights on one target after the other. What targets have in common that come one after the other is kept.
type reader struct {
	ix      *Index
	target  *target
	request Request
	facts   *facts
	base    []string // condition keys that only the request has
	asking  asking
	gifts   []gift
	through *reader // to the key of a secret
	pinned  bool    // the request is not of the sort that members were asked about without a resource

	site  string
	sited map[int32]*sited
	last  *target // whose seats these are
	seats []seat
	marks []bool // of members that have a seat
}

// sited is what was found out of a member for all resources of a site.
type sited struct {
	own   own
	above above
	docs  []Set // see Rights.Documents
}

// above is what the RCPs above a resource say of a member: as far as it is found out, and by level what is not.
type above struct {
	capped, denied pair
	levels         []heard
}

// seat is a member held against a target, by itself or for a group.
type seat struct {
	id     int32
	member *member
	*sited
	heard heard
	group []int32 // nil of a member by itself
}

func newReader(ix *Index) *reader {
	return &reader{ix: ix, sited: map[int32]*sited{}, marks: make([]bool, len(ix.members))}
}

// open turns to a target. Of a secret's key it is the use through Secrets Manager.
func (rd *reader) open(k, secret *target) {
	rd.target, rd.pinned = k, secret != nil
	if k.site != rd.site || rd.pinned {
		rd.site = k.site
		clear(rd.sited)
		rd.last = nil
	}
	if rd.pinned {
		rd.request = rd.ix.uses(secret, "secretsmanager:GetSecretValue")[0]
		rd.facts, _ = newFacts(&rd.request) // it fails on keys that are there twice, which these are not
	} else {
		rd.request = Request{Resource: k.resource, Context: k.context(), Unknown: rd.ix.unknown}
		rd.facts = &facts{request: &rd.request, home: k.account.ID, region: part(k.resource.ARN, region), context: rd.request.Context, unknown: rd.ix.unknown}
	}
	rd.base = rd.facts.unknown
	rd.gifts = rd.facts.gifts(k.resource.Grants)
	rd.asking = asking{facts: rd.facts, realm: k.realm, site: k.site}
}

// sit puts a member in the place of the caller.
func (rd *reader) sit(m *member) {
	rd.facts.sit(m, rd.base, rd.target.unknown)
}

// at says how far to ask.
func (rd *reader) at(l level) *asking {
	rd.asking.upTo = l
	return &rd.asking
}

// take makes a seat for a member.
func (rd *reader) take(id int32, group []int32) seat {
	m := rd.ix.members[id]
	rd.sit(m)
	s := seat{id: id, member: m, sited: rd.sited[id], group: group}
	a := rd.at(bySite)
	if s.sited == nil {
		from := &m.own[rd.target.realm]
		if rd.pinned {
			from = &m.raw
		}
		s.sited = &sited{own: a.own(from), above: a.above(m, rd.target.account)}
		rd.sited[id] = s.sited
	}
	a.hear(&s.heard, rd.target.policy, m.own[keys].bounded)
	return s
}

// above asks the RCPs of an account.
func (a *asking) above(m *member, over *domain) above {
	out := above{capped: certainly(^Set(0))}
	if m.caller.linked() {
		return out
	}
	for _, level := range over.rcps {
		var h heard
		a.hear(&h, level, m.own[keys].bounded)
		if len(h.rest) > 0 {
			out.levels = append(out.levels, h)
			continue
		}
		out.hear(m, &h)
	}
	return out
}

// hear adds what a level says.
func (up *above) hear(m *member, h *heard) {
	allows, denies := m.caller.restricted(h.any(), h.denied)
	up.capped, up.denied = up.capped.and(allows), up.denied.or(denies)
}

// restricted is what a level of control policies says of a caller, whom it may not concern.
func (c *caller) restricted(allows, denies pair) (pair, pair) {
	if c.maybeLinked() {
		return allows.or(pair{p: ^Set(0)}), denies.when(access.Maybe)
	}
	return allows, denies
}

// rights answers for a seat, and says by which ways.
func (rd *reader) rights(s *seat) (pair, Ways) {
	o, h, up, wide := &s.own, &s.heard, s.sited.above, s.own.identity.fixed
	var g granted
	if len(rd.gifts) > 0 {
		g = grants(rd.gifts, &s.member.caller)
	}
	if !o.settled() || len(h.rest) > 0 || len(up.levels) > 0 {
		rd.sit(s.member)
		a := rd.at(byItself)
		if !o.settled() {
			wide = wide.or(a.butSome(o.identity.rest))
			found := a.own(o)
			o = &found
		}
		if len(h.rest) > 0 {
			found := a.settle(h)
			h = &found
		}
		for i := range up.levels {
			found := a.settle(&up.levels[i])
			up.hear(s.member, &found)
		}
	}
	return rd.target.decide(s.member, o, h, up, g, wide)
}

// decide puts together what was found out: the rights of a member on a target. The order is that of weighing.granted. Wide is what the
// statements of its identity allow that cover all of the site, or all but what they name.
func (k *target) decide(m *member, o *own, h *heard, up above, g granted, wide pair) (pair, Ways) {
	p := &h.policy
	limits := o.limits()
	own := o.identity.fixed.and(limits)
	if m.caller.kind == root {
		own = limits
	}
	here := m.caller.account == k.account.ID
	var ok pair
	switch {
	case m.caller.kind == federated && here: // no session of it passes a policy that is known
		ok = p[exactly].or(g.direct)
	case m.caller.kind == federated:
		ok = g.direct
	case m.caller.outside():
		ok = p[exactly].or(p[anyone]).or(g.direct)
	case !here:
		ok = h.any().and(own).or(g.direct).or(g.account.and(own))
		if k.realm == keys {
			ok = ok.within(abroadKeys)
		}
	case k.realm == keys:
		ok = p[exactly].or(p[anyone]).or(p[byRole].and(limits)).or(p[byAccount].and(own)).or(g.direct).or(g.account.and(own))
	default:
		ok = p[exactly].or(p[anyone]).or(p[byRole].and(limits)).or(own)
	}
	room := certainly(everyAction[k.realm]).and(o.capped).and(o.denied.not())
	if restricted := restrictedBy[k.realm]; !managed(&k.resource) {
		room = room.and(up.capped.or(certainly(^restricted))).and(up.denied.within(restricted).not())
	}
	ok = ok.and(room).and(h.denied.not())
	return ok, k.ways(m, o, h, ok.t, room.t, wide.t)
}

// seat makes the seats for a target, or keeps those of the last one.
func (rd *reader) seat() {
	k := rd.target
	if last := rd.last; last != nil && k.realm == keys && len(rd.gifts) == 0 && slices.EqualFunc(last.policy, k.policy, func(a, b filed) bool { return a.paper == b.paper }) {
		return
	}
	rd.last = nil
	if len(rd.gifts) == 0 {
		rd.last = k
	}
	for i := range rd.seats {
		rd.marks[rd.seats[i].id] = false
	}
	rd.seats = rd.seats[:0]
	m := rd.mentions()
	for _, id := range m.each {
		if !rd.marks[id] {
			rd.marks[id] = true
			rd.seats = append(rd.seats, rd.take(id, nil))
		}
	}
	if !m.everybody {
		return
	}
	for _, group := range rd.ix.divide(m.asks).groups {
		if i := slices.IndexFunc(group, func(id int32) bool { return !rd.marks[id] }); i >= 0 {
			rd.seats = append(rd.seats, rd.take(group[i], group))
		}
	}
}

// mentions is who has to be held against a target.
type mentions struct {
	each      []int32  // by themselves; some may be there twice
	everybody bool     // all others as well
	asks      []string // by which others are told apart: condition keys, sorted
}

func (rd *reader) mentions() (m mentions) {
	k := rd.target
	over := []*target{k}
	if k.key != nil {
		over = append(over, k.key)
	}
	for _, d := range k.policy {
		for i := range d.paper.lines {
			l := &d.paper.lines[i]
			m.everybody = m.everybody || l.allows && l.everybody() && len(l.classes[k.realm]) > 0
		}
	}
	for i := range rd.gifts {
		m.everybody = m.everybody || rd.gifts[i].to.open
		m.each = append(m.each, rd.ix.named(&rd.gifts[i].to)...)
	}
	hear := func(docs []filed) {
		for _, d := range docs {
			for i := range d.paper.lines {
				l := &d.paper.lines[i]
				if !l.allows && !m.everybody {
					continue
				}
				for j := range l.who.principals {
					m.each = append(m.each, rd.ix.named(&l.who.principals[j])...)
				}
				if m.everybody && l.everybody() {
					m.asks = append(m.asks, l.ofCaller()...)
				}
			}
		}
	}
	for _, t := range over {
		m.each = append(m.each, t.account.members...)
		hear(t.policy)
		for _, docs := range t.account.rcps {
			hear(docs)
		}
	}
	if !m.everybody {
		return m
	}
	for _, t := range over {
		m.each = append(m.each, rd.ix.literal[t.account.ID]...)
		for i := range t.resource.Grants {
			p := grantee(t.resource.Grants[i].Grantee)
			m.each = append(m.each, rd.ix.named(&p)...)
		}
	}
	slices.Sort(m.asks)
	m.asks = slices.Compact(m.asks)
	return m
}
