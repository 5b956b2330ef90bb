package aws

import "slices"

// own is what stands on a principal's side: its policies, its boundary, and the SCPs above its account. What has been found out of it is in
// pairs, the rest still has to be asked about a resource.
type own struct {
	identity, boundary clause
	bounded            bool
	capped             pair     // what all levels of SCPs allow of which nothing has to be asked any more
	scps               []clause // the other levels
	denied             pair
	denials            []*term // of identity and boundary
	scpDenials         []*term
}

// clause is the statements that allow something in one place: one is enough.
type clause struct {
	fixed pair
	rest  []*term
}

// newOwn takes the documents of a principal and the SCPs above it, of which nothing has been asked yet.
func newOwn(identity, boundary []filed, scps [][]filed) own {
	o := own{bounded: len(boundary) > 0, capped: certainly(^Set(0))}
	o.identity = o.hear(identity, &o.denials)
	o.boundary = o.hear(boundary, &o.denials)
	for _, l := range scps {
		o.scps = append(o.scps, o.hear(l, &o.scpDenials))
	}
	return o
}

func (o *own) hear(docs []filed, denials *[]*term) (c clause) {
	for _, d := range docs {
		for _, l := range d.paper.lines {
			if l.allows {
				c.rest = append(c.rest, l.term)
			}
			if l.denies {
				*denials = append(*denials, l.term)
			}
		}
	}
	return c
}

// asking is a request as far as it is known, to ask terms about.
type asking struct {
	facts *facts
	realm realm
	upTo  level  // terms that depend on more are left
	site  string // the beginning of all ARNs there; empty if that is not known
}

// ask returns what terms say, and those that are left.
func (a *asking) ask(terms []*term, ofIdentity bool) (says pair, left []*term) {
	same := true
	for i, t := range terms {
		gone := len(t.classes[a.realm]) == 0 || t.span.missesSite(a.site)
		if !gone && t.level[a.realm] > a.upTo {
			if !same {
				left = append(left, t)
			}
			continue
		}
		if same {
			left, same = append(make([]*term, 0, len(terms)-1), terms[:i]...), false
		}
		if !gone {
			says = says.or(t.apply(a.facts, a.realm, ofIdentity))
		}
	}
	if same {
		return says, terms
	}
	return says, left
}

func (a *asking) clause(c clause, ofIdentity bool) clause {
	says, left := a.ask(c.rest, ofIdentity)
	return clause{c.fixed.or(says), left}
}

// butSome is what those terms say that are about all but some resources, whatever these are called: by NotResource.
func (a *asking) butSome(terms []*term) (says pair) {
	for _, t := range terms {
		if t.notResources && !slices.ContainsFunc(t.asks, func(key string) bool { return levelOf(key) >= byItself }) {
			says = says.or(t.apply(a.facts, a.realm, true))
		}
	}
	return says
}

// own asks as much as can be.
func (a *asking) own(o *own) own {
	out := own{bounded: o.bounded, capped: o.capped, denied: o.denied}
	out.identity, out.boundary = a.clause(o.identity, true), a.clause(o.boundary, true)
	for _, c := range o.scps {
		if c = a.clause(c, false); len(c.rest) == 0 {
			allows, _ := a.facts.caller.restricted(c.fixed, pair{})
			out.capped = out.capped.and(allows)
		} else {
			out.scps = append(out.scps, c)
		}
	}
	var says pair
	says, out.denials = a.ask(o.denials, true)
	out.denied = out.denied.or(says)
	says, out.scpDenials = a.ask(o.scpDenials, false)
	_, says = a.facts.caller.restricted(pair{}, says)
	out.denied = out.denied.or(says)
	return out
}

// settled reports whether nothing has to be asked any more.
func (o *own) settled() bool {
	return len(o.identity.rest)+len(o.boundary.rest)+len(o.scps)+len(o.denials)+len(o.scpDenials) == 0
}

// limits is what the boundary leaves.
func (o *own) limits() pair {
	if !o.bounded {
		return certainly(^Set(0))
	}
	return o.boundary.fixed
}
