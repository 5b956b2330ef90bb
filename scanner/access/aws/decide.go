package aws

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Evaluator decides requests. It keeps the documents that it has compiled, up to a bound. It serves one goroutine at a time.
type Evaluator struct {
	cache cache
}

// New returns an evaluator that has seen no document yet.
func New() *Evaluator { return &Evaluator{} }

// Decide answers a request.
func (e *Evaluator) Decide(r Request) access.Answer {
	answer := e.decideOne(r)
	for _, use := range uses(&r) {
		answer = both(answer, e.decideOne(use))
	}
	return answer
}

// decideOne answers a request for what its action is on, whatever else has to be used for it.
func (e *Evaluator) decideOne(r Request) access.Answer {
	answer := access.Answer{ID: r.ID, Residual: []access.Residual{}, Because: []access.Because{}}
	run, err := e.weigh(&r, nil)
	if err != nil {
		answer.Decision, answer.Error = access.Failed, err.Error()
		return answer
	}
	run.answer(&answer)
	return answer
}

// weighing is one request being decided: what its documents say, by who may say it.
type weighing struct {
	facts   *facts
	caller  caller
	on      side // what the policy of the resource is
	nothing bool // the action is on no resource

	own    [session + 1]proof // identity, boundary and session
	scps   []proof            // by level
	rcps   []proof
	policy [namings]proof // of the resource
	denies proof

	changes map[spot]*change // of statements and grants, to see what would be
}

// weigh reads a request and lets all documents have their say, with some changes made to them.
func (e *Evaluator) weigh(r *Request, changes map[spot]*change) (*weighing, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	r.Resource.fixed()
	f, err := newFacts(r)
	if err != nil {
		return nil, err
	}
	if err := asked(f.action, r); err != nil {
		return nil, err
	}
	w := &weighing{facts: f, changes: changes}
	if w.caller, err = newCaller(&r.Principal, f.home); err != nil {
		return nil, err
	}
	w.caller.told(f.context["aws:principalarn"])
	docs, err := e.documents(r)
	if err != nil {
		return nil, err
	}
	f.caller = &w.caller
	w.settle(r)
	w.scps, w.rcps = make([]proof, len(r.SCPs)), make([]proof, len(r.RCPs))
	for i := range docs {
		w.hear(&docs[i], len(r.Principal.Boundary) > 0)
	}
	if f.action == "sts:getcalleridentity" { // which no denial stops: GetCallerIdentity in the AWS STS API Reference
		w.denies = proof{}
	}
	return w, nil
}

// settle leaves of the resource what the action is on. An action on no resource is on "*" for all policies.
func (w *weighing) settle(r *Request) {
	known, listed := universe.Actions[w.facts.action]
	if w.nothing = listed && len(known.Resources) == 0; w.nothing {
		r.Resource = Resource{}
	}
	w.on = policySide(r)
	if r.Resource.ARN == "" {
		r.Resource.ARN = "*"
	}
	if w.facts.home == "" || r.Resource.ARN == "*" {
		w.facts.home = w.caller.account
	}
}

// hear takes down what the statements of a document say.
func (w *weighing) hear(d *document, bounded bool) {
	if !w.counts(d.place.side) {
		return
	}
	for i := range d.policy.statements {
		s := &d.policy.statements[i]
		truth := s.applies(w.facts, d.place.side)
		at := spot{d.place, i}
		if c := w.changes[at]; c != nil {
			truth = truth.And(c.leaves(w.facts))
		}
		if truth == access.No {
			continue
		}
		by := [namings]access.Truth{anyone: access.Yes}
		if d.place.side.onResource() || d.place.side == rcp {
			by = s.naming(&w.caller, bounded)
		}
		m := &match{name: s.name, statement: s, at: at}
		m.exempt = s.denies && (d.place.side == scp || d.place.side == rcp) && w.caller.maybeLinked()
		for how, is := range by {
			is = is.And(truth)
			if s.denies && m.exempt {
				w.denies.add(is.And(access.Maybe), m)
			} else if s.denies {
				w.denies.add(is, m)
			}
			if s.allows {
				w.bucket(d.place, naming(how)).add(is, m)
			}
		}
	}
}

func (w *weighing) bucket(p place, how naming) *proof {
	switch p.side {
	case scp:
		return &w.scps[p.level]
	case rcp:
		return &w.rcps[p.level]
	case identity, boundary, session:
		return &w.own[p.side]
	}
	return &w.policy[how]
}

// counts reports whether documents of a side have a say in this request at all.
func (w *weighing) counts(s side) bool {
	r, c := w.facts.request, &w.caller
	switch s {
	case scp:
		return !c.outside() && !c.linked() && (r.Management == "" || r.Management != c.account)
	case rcp:
		return restrictable(w.facts.action) && !c.linked() && !managed(&r.Resource) && (r.Management == "" || r.Management != w.facts.home)
	case trustPolicy:
		return serviceOf(w.facts.action) == "sts"
	case keyPolicy, resourcePolicy:
		return !w.nothing
	}
	return !c.outside()
}

// managed reports whether a key is one that AWS manages for a service.
func managed(r *Resource) bool {
	return slices.ContainsFunc(r.Aliases, func(a string) bool { return strings.HasPrefix(a, "alias/aws/") })
}

// allowed puts together what allows the request, denials aside.
func (w *weighing) allowed() proof {
	if w.caller.free(w.facts.action) {
		return certain
	}
	limits := make([]proof, 0, 1+len(w.scps)+len(w.rcps))
	limits = append(limits, w.granted())
	if w.counts(scp) {
		limits = append(limits, w.levels(scp, w.scps)...)
	}
	if w.counts(rcp) {
		limits = append(limits, w.levels(rcp, w.rcps)...)
	}
	return allOf(limits...)
}

// levels is what levels of control policies allow. One that does not allow may not matter to the caller.
func (w *weighing) levels(s side, levels []proof) []proof {
	if !w.caller.maybeLinked() {
		return levels
	}
	out := make([]proof, len(levels))
	for i := range levels {
		m := &match{at: spot{place{side: s, level: i, alone: true}, -1}}
		m.left = []access.Residual{{Class: access.Who, Key: "aws:PrincipalArn", Statement: m.at.place.String()}}
		out[i] = oneOf(levels[i], proof{truth: access.Maybe, from: m})
	}
	return out
}

// granted says who gives the permission. Within an account a policy that names a user or a session needs nothing else, neither the
// identity's policies nor its boundary; one that names a role is held to boundary and session; and one that names the account leaves
// it to the identity's policies. A key and a role are nobody's whose own policy does not say so; of other resources the account's
// identities need no such word. Between accounts both sides have to allow. A grant is enough by itself. A session of GetFederationToken
// to which no policy was passed has nothing but what names it. From "Permissions for GetFederationToken" in the IAM User Guide.
func (w *weighing) granted() proof {
	r, p := w.facts.request, &w.policy
	limits := allOf(w.limit(boundary, len(r.Principal.Boundary)), w.limit(session, len(r.Principal.Session)))
	own := allOf(w.own[identity], limits)
	if w.caller.kind == root {
		own = limits
	}
	if w.caller.barred(w.facts.action) {
		return proof{}
	}
	if w.facts.action == "sts:assumeroot" {
		return allOf(own, w.central())
	}
	key := w.on == keyPolicy
	var byGrant, byGrantToAccount proof
	if key {
		byGrant, byGrantToAccount = w.grants()
	}
	switch {
	case w.caller.kind == federated && len(r.Principal.Session) == 0:
		if w.caller.account != w.facts.home {
			return byGrant
		}
		return oneOf(p[exactly], byGrant)
	case w.caller.outside():
		return oneOf(p[exactly], p[anyone], byGrant)
	case w.caller.account != w.facts.home && key && !abroad[w.facts.action]:
		return proof{}
	case w.caller.account != w.facts.home:
		return oneOf(allOf(oneOf(p[exactly], p[anyone], p[byRole], p[byAccount]), own), byGrant, allOf(byGrantToAccount, own))
	case key || w.on == trustPolicy && w.counts(trustPolicy):
		return oneOf(p[exactly], p[anyone], allOf(p[byRole], limits), allOf(p[byAccount], own), byGrant, allOf(byGrantToAccount, own))
	}
	return oneOf(p[exactly], p[anyone], allOf(p[byRole], limits), own)
}

// central says whether the caller's account looks after the root users of its organization: the management account does, and so does one
// that is delegated, which no request says. That of the management account itself nobody becomes. From AssumeRoot in the AWS STS API
// Reference, and "Centralize root access for member accounts" in the IAM User Guide.
func (w *weighing) central() proof {
	switch management := w.facts.request.Management; {
	case management != "" && management == w.facts.home:
		return proof{}
	case management == w.caller.account:
		return certain
	}
	m := &match{at: spot{place{side: identity, alone: true}, -1}}
	m.left = []access.Residual{{Class: access.Who, Key: "management_account", Statement: "organization"}}
	return proof{truth: access.Maybe, from: m}
}

// limit is what a boundary or session allows: all, when there is none.
func (w *weighing) limit(s side, documents int) proof {
	if documents == 0 {
		return certain
	}
	return w.own[s]
}

// answer decides, and says on what the decision rests.
func (w *weighing) answer(a *access.Answer) {
	allowed := w.allowed()
	a.Explicit = w.denies.truth == access.Yes
	seen := func(_ access.Truth, m *match) {
		if m.at.index < 0 { // no statement
			return
		}
		a.Because = append(a.Because, access.Because{Document: m.at.place.String(), Statement: m.name})
	}
	switch truth := allowed.truth.And(w.denies.truth.Not()); truth {
	case access.No:
		a.Decision = access.Denied
		if a.Explicit {
			w.denies.visit(seen)
		}
	case access.Yes:
		a.Decision = access.Allowed
		allowed.visit(seen)
	default:
		a.Decision = access.Conditional
		left := func(truth access.Truth, m *match) {
			if truth == access.Maybe {
				a.Residual = append(a.Residual, m.residual(w)...)
			}
		}
		for _, p := range []*proof{&allowed, &w.denies} {
			p.visit(seen)
			p.visit(left)
		}
	}
	tidy(a)
}

// tidy sorts what is left open, and drops repetitions.
func tidy(a *access.Answer) {
	a.Because = unique(a.Because)
	slices.SortFunc(a.Residual, func(x, y access.Residual) int {
		return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Key, y.Key), cmp.Compare(x.Statement, y.Statement))
	})
	a.Residual = slices.Compact(a.Residual)
}

// unique drops repetitions and keeps the order. Lists are short.
func unique(list []access.Because) []access.Because {
	out := list[:0]
	for _, b := range list {
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}
