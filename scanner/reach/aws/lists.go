package aws

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
)

// conflicts lists who certainly both uses and administers the target. Those who do by statements about all keys, or all secrets, of the
// account go to the account, if its root user is there to tell it of.
func (t *asset) conflicts(wide *account) []access.Conflict {
	var out []access.Conflict
	d := &t.duties
	t.members(d.administer, func(r *eval.Rights, m eval.Member) {
		switch {
		case t.exempt(m):
		case d.conflict(r.Certain):
			c := access.Conflict{Principal: m.Name(), Use: d.actions.Told(r.Certain & d.use), Administer: d.actions.Told(r.Certain & d.administer)}
			if d.conflict(r.Wide) && m.Account() == t.account && t.s.roots[t.account] {
				c.Use, c.Administer = d.actions.Told(r.Wide&d.use), d.actions.Told(r.Wide&d.administer)
				wide.add(c)
				return
			}
			out = append(out, c)
		case d.conflict(r.Possible) && !m.Foreign():
			t.hangs(conflicts, m)
		}
	})
	return firstFew(out, func(c *access.Conflict) string { return c.Principal })
}

// selfGrants lists who may certainly not use the target and may certainly give itself that.
func (t *asset) selfGrants() []access.SelfGrant {
	var out []access.SelfGrant
	d := &t.duties
	t.members(d.rule|eval.FreeGrant|d.actions.Of(createGrant)|d.labels, func(r *eval.Rights, m eval.Member) {
		if t.exempt(m) {
			return
		}
		by, itself := d.selfGrant(r), access.No
		if by == "" && t.limited(r, m) {
			if itself = t.s.index.GrantsItself(m, t.arn, r.ByGrant&d.use); itself == access.Yes {
				by = createGrant
			}
		}
		if by == "" && t.relabels(r, m) {
			by = t.s.index.Relabels(m, t.arn, d.use)
		}
		if by != "" {
			out = append(out, access.SelfGrant{Principal: m.Name(), By: by})
		} else if itself == access.Maybe && !m.Foreign() {
			t.hangs(selfGrants, m)
		} else if r.Possible&(d.rule|eval.FreeGrant) != 0 && r.Certain&d.use == 0 && !m.Foreign() {
			t.hangs(selfGrants, m)
		}
	})
	return firstFew(out, func(s *access.SelfGrant) string { return s.Principal })
}

// limited reports whether somebody may create grants of some operations, or for some, of which its own use may be one.
func (t *asset) limited(r *eval.Rights, m eval.Member) bool {
	return !t.secret && r.Possible&t.duties.actions.Of(createGrant) != 0 && r.Possible&eval.FreeGrant == 0 && r.Certain&t.duties.use == 0 && t.s.index.LimitsGrants(m, t.arn)
}

// relabels reports whether somebody may set tags or aliases where rights go by these, and does not use the target already.
func (t *asset) relabels(r *eval.Rights, m eval.Member) bool {
	return r.Certain&t.duties.labels != 0 && r.Certain&t.duties.use == 0 && t.s.index.GoesByLabels(m, t.arn) && !t.exempt(m)
}

// accountWide lists the statements of a key's policy that leave its use to the account, with those who use it by them and by policies of
// their own about all keys. A statement with conditions counts where no other leaves the same.
func (t *asset) accountWide() []access.AccountWide {
	if t.secret { // which is its account's whatever its policy says
		delete(t.open, accountWide)
		delete(t.open, moreBeneficiaries)
		return nil
	}
	statements, err := t.s.index.Delegations(t.arn)
	if err != nil {
		return nil
	}
	statements = slices.DeleteFunc(statements, func(s eval.Delegation) bool { return s.Actions&t.duties.use == 0 })
	if _, unread := t.open[accountWide]; !unread && len(statements) == 0 {
		delete(t.open, moreBeneficiaries)
	}
	var plain eval.Set
	for _, s := range statements {
		if !s.Question {
			plain |= s.Actions
		}
	}
	out := make([]access.AccountWide, len(statements))
	names := make([]worst, len(statements))
	t.members(t.duties.use, func(r *eval.Rights, m eval.Member) {
		if t.exempt(m) || m.Account() != t.account {
			return
		}
		for i, s := range statements {
			if s.Question {
				s.Actions &^= plain
			}
			acts := s.Actions & t.duties.use
			switch {
			case r.Wide&acts != 0:
				out[i].Beneficiaries++
				names[i].add(m.Name())
			case r.Possible&^r.Certain&acts != 0:
				t.hangs(moreBeneficiaries, m)
			}
		}
	})
	for i, s := range statements {
		out[i].At, out[i].Actions, out[i].Worst = s.At, t.duties.actions.Told(s.Actions&t.duties.use), names[i]
	}
	return slices.DeleteFunc(out, func(w access.AccountWide) bool { return w.Beneficiaries == 0 })
}

// outsiders lists who of other accounts may use the target, one of each account: the account itself if its policies are left the use.
// Accounts of the estate are no others, but for those that are known to be of another organization. Administration that is given to outsiders has
// no effect.
func (t *asset) outsiders() []access.Outsider {
	worst := map[string]access.Outsider{}
	use := t.duties.use
	if !t.secret {
		use |= eval.FreeGrant
	}
	home, housed := t.s.orgs[t.account]
	for i := range t.rights {
		r := &t.rights[i]
		if r.Possible&use == 0 {
			continue
		}
		unsaid := map[string]bool{} // accounts whose members of these rights no statement that was read lets in
		for m := range r.Members() {
			if m.Account() == t.account || m.Account() == "" || m.Linked() || unsaid[m.Account()] {
				continue
			}
			org, known := m.Org()
			if apart := known && housed && org != home; !m.Foreign() && !apart {
				continue
			}
			if t.blind && r.Certain&use == 0 { // what any list hangs on is taken down already
				continue
			}
			o := access.Outsider{Principal: m.Name(), Account: m.Account(), Actions: t.duties.actions.Told(r.Possible & use), Certain: r.Certain&use != 0}
			if m.Root() {
				o.Principal = o.Account
			}
			if have, there := worst[o.Account]; there && !before(&o, &have) {
				continue
			}
			if o.At = t.s.index.Letting(m.Name(), t.arn, r.Possible&use); o.At == "" {
				t.hangs(outsiders, m) // only by what was not read
				unsaid[o.Account] = true
				continue
			}
			if m.Foreign() && home != "" && !t.s.index.Elsewhere(m.Name(), t.arn, home, r.Possible&use) { // if it is of the organization, it is none
				continue
			}
			worst[o.Account] = o
		}
	}
	out := make([]access.Outsider, 0, len(worst))
	for _, o := range worst {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b access.Outsider) int {
		if before(&a, &b) {
			return -1
		}
		return 1
	})
	return out
}

// before reports whether an outsider is told rather than, or before, another.
func before(a, b *access.Outsider) bool {
	if x, y := a.Principal == a.Account, b.Principal == b.Account; a.Account == b.Account && x != y {
		return x
	}
	if a.Certain != b.Certain {
		return a.Certain
	}
	return a.Principal < b.Principal
}

// grantors lists who may create grants of everything to anybody, and does not administer the key.
func (t *asset) grantors() []access.Grantor {
	if t.secret {
		delete(t.open, grantors)
		return nil
	}
	var all []access.Grantor
	t.members(eval.FreeGrant, func(r *eval.Rights, m eval.Member) {
		if r.Possible&eval.FreeGrant == 0 || r.Certain&t.duties.rule != 0 || t.exempt(m) && !m.Service() {
			return
		}
		certain := r.Certain&eval.FreeGrant != 0
		if t.blind && !certain {
			return
		}
		if !certain && !m.Foreign() && len(m.Unread()) > 0 {
			t.hangs(grantors, m)
			return
		}
		all = append(all, access.Grantor{Principal: m.Name(), Certain: certain})
	})
	byCertainty(all, func(g *access.Grantor) bool { return g.Certain }, func(g *access.Grantor) string { return g.Principal })
	var out []access.Grantor
	for _, g := range all {
		if g.At = t.s.index.Letting(g.Principal, t.arn, eval.FreeGrant); g.At == "" { // only by what was not read
			for _, u := range t.unread {
				t.hang(grantors, u)
			}
		} else if out = append(out, g); len(out) == few {
			break
		}
	}
	return out
}

// bypasses lists who may certainly do what its own boundary does not allow, as a policy names it directly, or a session of it.
func (t *asset) bypasses() []access.Bypass {
	var out []access.Bypass
	power := t.duties.use | t.duties.administer
	acts := map[string]eval.Set{}
	t.members(power, func(r *eval.Rights, m eval.Member) {
		switch {
		case !m.Bounded() || m.Linked() || m.Account() != t.account:
		case (r.Unbounded|r.Sessions)&power != 0:
			acts[m.Name()] = (r.Unbounded | r.Sessions) & power
			out = append(out, access.Bypass{Principal: m.Name(), Actions: t.duties.actions.Told(acts[m.Name()])})
		case r.Possible&power != 0 && (len(m.UnreadBoundary()) > 0 || r.Possible&^r.Certain&power != 0):
			t.hangs(bypasses, m)
		}
	})
	out = firstFew(out, func(b *access.Bypass) string { return b.Principal })
	for i := range out {
		out[i].At = t.s.index.Letting(out[i].Principal, t.arn, acts[out[i].Principal])
	}
	return out
}
