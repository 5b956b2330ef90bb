package aws

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// Delegation is a statement of a key's or secret's policy that leaves something to the policies of its account's identities.
type Delegation struct {
	At       string // its Sid, else "#2": the second
	Actions  Set    // those that it certainly names
	Question bool   // it has conditions
}

// Delegations are the statements of a target's policy that name its account.
func (ix *Index) Delegations(arn string) ([]Delegation, error) {
	k, err := ix.find(arn)
	if err != nil {
		return nil, err
	}
	var out []Delegation
	for _, d := range k.policy {
		for i := range d.paper.lines {
			l := &d.paper.lines[i]
			if !l.allows || l.denies || l.who.notPrincipals || !slices.ContainsFunc(l.who.principals, func(p principal) bool { return p.account == k.account.ID }) {
				continue
			}
			if acts := l.acts(k.realm); acts != 0 {
				out = append(out, Delegation{At: at(l.name), Actions: acts, Question: len(l.conditions) > 0})
			}
		}
	}
	return out, nil
}

// at names a statement as people count: its Sid, else "#2" for the one with index 1.
func at(name string) string {
	if i, err := strconv.Atoi(name); err == nil {
		return "#" + strconv.Itoa(i+1)
	}
	return name
}

// Letting names the statement or grant of a target that gives a principal an action: its Sid, "#2", or "grant #2". It is empty if none
// does that was read.
func (ix *Index) Letting(principal, target string, action Set) string {
	k := ix.byARN[target]
	if k == nil {
		return ""
	}
	name := "kms:CreateGrant"
	if names := actionsOf[k.realm].Names(action); len(names) > 0 {
		name = names[0]
	}
	m, k, err := ix.pair(principal, name, target)
	if err != nil {
		return ""
	}
	r := ix.requests(m, k, name)[0]
	if action&FreeGrant != 0 && k.realm == keys {
		maps.Copy(r.Context, freeGrant)
	}
	for _, b := range ix.explain(New(), r, m, k).Because {
		if b.Document == sides[grantSide] {
			if i, err := strconv.Atoi(b.Statement); err == nil && k.resource.Grants[i].Grantee != awspolicy.Unknown {
				return "grant " + at(b.Statement)
			}
		}
		if slices.ContainsFunc(k.policy, func(d filed) bool { return d.name == b.Document && d.why == "" }) {
			return at(b.Statement)
		}
	}
	return ""
}

// limitsGrants are the condition keys by which a policy says what grants somebody may create, and for whom.
var limitsGrants = []string{"kms:grantoperations", "kms:granteeprincipal"}

// LimitsGrants reports whether a policy of a principal, or that of a key, says of which operations or for whom grants may be: one that is no
// FreeGrant may give the principal something all the same.
func (ix *Index) LimitsGrants(m Member, arn string) bool {
	limit := func(d filed) bool {
		return slices.ContainsFunc(d.paper.lines, func(l line) bool {
			return l.allows && slices.ContainsFunc(l.asks, func(key string) bool { return slices.Contains(limitsGrants, key) })
		})
	}
	k := ix.byARN[arn]
	return k != nil && (slices.ContainsFunc(m.m.identity, limit) || slices.ContainsFunc(k.policy, limit))
}

// GrantsItself says whether a principal may create a grant to itself of one of some actions on a key, that and nothing else.
func (ix *Index) GrantsItself(m Member, arn string, actions Set) (best access.Truth) {
	k := ix.byARN[arn]
	if k == nil || k.realm != keys {
		return access.No
	}
	e := ix.evaluator()
	defer ix.spare.Put(e)
	for _, name := range KeyActions.Names(actions & grantable) {
		r := ix.requests(m.m, k, "kms:CreateGrant")[0]
		maps.Copy(r.Context, freeGrant)
		r.Context["kms:grantoperations"], r.Context["kms:granteeprincipal"] = Values{operationIn(name)}, Values{m.m.caller.arn}
		switch e.Decide(r).Decision {
		case access.Allowed:
			return access.Yes
		case access.Conditional:
			best = access.Maybe
		}
	}
	return best
}

// evaluator takes one that is spare, or makes one.
func (ix *Index) evaluator() *Evaluator {
	if e, there := ix.spare.Get().(*Evaluator); there {
		return e
	}
	return New()
}

// Labelled says whether rights on a target may hang on its tags or aliases, so that whoever sets these decides who may do what.
func (ix *Index) Labelled(arn string) bool {
	k := ix.byARN[arn]
	if k == nil {
		return false
	}
	ix.labels.Do(func() {
		ix.labelled = map[*domain]bool{}
		for _, m := range ix.members {
			ix.labelled[m.account] = ix.labelled[m.account] || labelled(m.identity)
		}
	})
	return ix.labelled[k.account] || labelled(k.policy)
}

func labelled(docs []filed) bool {
	return slices.ContainsFunc(docs, func(d filed) bool { return d.paper.labelled })
}

// GoesByLabels reports whether a policy on the side of a principal, or that of a target, lets somebody in or keeps it out by what the target is
// called.
func (ix *Index) GoesByLabels(m Member, arn string) bool {
	k := ix.byARN[arn]
	labels := func(docs []filed) bool {
		return slices.ContainsFunc(docs, func(d filed) bool { return d.paper.labels })
	}
	return k != nil && (labels(m.m.identity) || labels(k.policy) || slices.ContainsFunc(m.m.account.scps, labels))
}

// ofLabels reports whether a condition key is about what a key or secret is called.
func ofLabels(key string) bool {
	return strings.HasPrefix(key, "aws:resourcetag/") || strings.HasPrefix(key, "secretsmanager:resourcetag/") || key == "kms:resourcealiases" || key == requestAlias
}

// UnreadOn lists what is not known on the side of a target and might let more principals in, or make more certain than is.
func (ix *Index) UnreadOn(arn string) []access.Unread {
	k := ix.byARN[arn]
	if k == nil {
		return nil
	}
	return append(k.unread(), ix.unlisted(k)...)
}
