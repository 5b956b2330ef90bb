package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// through is what a principal is after it has given any policy to another of its account and has become that one: the first with whom both
// is certain, or else the one with whom it hangs on the least. Whoever certainly gives itself any policy needs nobody else.
func (b *becoming) through(m *identity, own []form) (out []form) {
	if slices.ContainsFunc(own, func(f form) bool {
		return f.full && f.verdict.decision == access.Allowed && len(f.caller.Boundary) == 0
	}) {
		return nil
	}
	f := &own[0]
	gives := slices.ContainsFunc(empowers, func(e empowering) bool { return f.holds.one(e.action) })
	if !gives {
		return nil
	}
	for _, h := range b.members[accountIn(m.ARN)] {
		if h == m || !b.lets(h, f) {
			continue
		}
		given, by := b.given(f, h)
		if given.decision == access.Denied {
			continue
		}
		become, how := b.becomes(f, h)
		next := form{from: m.ARN, caller: b.plain(h), full: true, verdict: given.also(become), by: by + " (" + lastPart(h.ARN) + ") and " + how + ", then "}
		if next.verdict.decision == access.Denied {
			continue
		}
		next.caller.Identity.Identity = append(slices.Clone(h.Identity.Identity), anyPolicy)
		next.holds = ^powers(0)
		free := len(next.caller.Boundary) == 0
		switch {
		case out == nil, free && len(out[0].caller.Boundary) > 0, free == (len(out[0].caller.Boundary) == 0) && next.verdict.better(out[0].verdict):
			out = []form{next}
		}
		if free && next.verdict.decision == access.Allowed {
			break
		}
	}
	return out
}

// given says whether a form of a principal may give another one any policy, and by what.
func (b *becoming) given(f *form, h *identity) (most verdict, by string) {
	most = verdict{decision: access.Denied}
	kind, _, _ := strings.Cut(lastPart(h.ARN), "/")
	for _, e := range empowers {
		if !f.holds.one(e.action) {
			continue
		}
		for _, on := range b.held(h, kind, e.on) {
			v := b.may(&f.caller, e.action, on, nil)
			if e.unread != "" {
				v = v.hangs(access.What, e.unread, "not read")
			}
			if v.better(most) {
				most, by = v, e.action
			}
		}
	}
	return most, by
}

// becomes says whether a form of a principal may act as a user or a role of its account, and by what.
func (b *becoming) becomes(f *form, h *identity) (verdict, string) {
	if t := b.trusts[h.ARN]; t != nil {
		return b.may(&f.caller, assumeRole, b.role(t), nil), assumeRole
	}
	return b.may(&f.caller, "iam:CreateAccessKey", object{arn: h.ARN, tags: h.Tags}, nil), "iam:CreateAccessKey"
}

// lets leaves out those whom a form of a principal certainly does not become, without asking the evaluator.
func (b *becoming) lets(h *identity, f *form) bool {
	t := b.trusts[h.ARN]
	if t == nil {
		return f.holds.one("iam:CreateAccessKey")
	}
	p := b.read(t.document)
	if t.document.Text == nil || p.err != nil || f.holds.one(assumeRole) {
		return true
	}
	for _, s := range p.doc.Statements {
		if s.Effect == "Deny" {
			continue
		}
		if s.NotPrincipals != nil {
			return true
		}
		for _, who := range s.Principals { // beside it: whose policies allow it, which f's do not
			if who.Type == "*" || who.Value == "*" || who.Value == f.caller.ARN || !strings.HasPrefix(who.Value, "arn:") && !isAccount(who.Value) {
				return true
			}
		}
	}
	return false
}
