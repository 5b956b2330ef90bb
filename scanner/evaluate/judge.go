package evaluate

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// judge lets one rule judge one subject, or remembers what it said of another that is equal in all that the rule can see. Whether it
// applies is asked first, and remembered apart: it hangs on few facts, and most rules do not apply to most subjects. A rule about who may
// do what is not about a resource of which only a file is there: that hangs on documents that no file holds together, and to say so of
// each key would bury what the file does say.
func (r *run) judge(rl *rule, s *Subject) Judgement {
	p := rl.program
	p.analyse(r.engine.compiler, rl.ID)
	if s.fileOnly && p.reads.access() {
		return newView(rl, &p.gate, s).judgement(&reply{outcome: outcome{verdict: finding.NotApplicable}})
	}
	if p.applies != nil {
		gate := newView(rl, &p.gate, s)
		if r.remember(&rl.gate, gate, r.gate).verdict == finding.NotApplicable {
			return gate.judgement(&reply{outcome: outcome{verdict: finding.NotApplicable}})
		}
	}
	v := newView(rl, &p.reads, s)
	return v.judgement(r.remember(&rl.memo, v, r.answer))
}

// remember returns the reply to a view from memory, or gets it.
func (r *run) remember(m *memo, v *view, get func(*view) *reply) *reply {
	key, ok := v.key(r.key[:0])
	if !ok {
		a, _ := r.inTime(v, get)
		return a
	}
	r.key = key
	if a := m.get(key); a != nil {
		return a
	}
	a, ended := r.inTime(v, get)
	if ended && r.ctx.Err() == nil {
		m.put(key, a)
	}
	return a
}

// inTime gets a reply, or says that it took too long. What an evaluation that was stopped says is not used: below a negation, OPA
// takes a stop for "undefined".
func (r *run) inTime(v *view, get func(*view) *reply) (a *reply, ended bool) {
	r.late.Store(false)
	watch := time.AfterFunc(r.engine.patience, func() { r.late.Store(true) })
	a = get(v)
	if !watch.Stop() {
		return &reply{outcome: failed(fmt.Sprintf("%s: judging one resource took longer than %s and was stopped; make the rule cheaper", v.rule.ID, r.engine.patience))}, false
	}
	return a, true
}

// gate tells whether a rule certainly does not apply; otherwise it says unknown, and the rule as a whole is asked.
func (r *run) gate(v *view) *reply {
	rl, body := v.rule, v.rule.program.applies
	a := &reply{outcome: outcome{verdict: finding.Unknown}}
	if v.known() {
		if bound, err := r.solve(body, input(v.resource, rl.terms[v.tier])); bound == nil && err == "" {
			a.verdict = finding.NotApplicable
		}
		return a
	}
	v.narrow()
	for _, c := range v.cases() {
		q := r.question(rl, c.resource, rl.terms[c.tier], v.unread)
		if !rl.program.partial || q.ask(body).holds() != no {
			return a
		}
	}
	a.verdict = finding.NotApplicable
	return a
}

// answer evaluates a rule. Where nothing is unknown that is one plain evaluation. Otherwise a verdict is certain if plain evaluation
// never looks at anything that was not read (watch.go), or if partial evaluation leaves nothing open (partial.go, refine.go), or if
// all values that the open facts can have give the same (cells.go).
func (r *run) answer(v *view) *reply {
	rl := v.rule
	if v.known() {
		return &reply{outcome: r.plain(rl, input(v.resource, rl.terms[v.tier]))}
	}
	v.narrow()
	if !v.subject.tierMatters(rl) {
		if o, untouched := r.watch(v); untouched {
			return &reply{outcome: o}
		}
	}
	cases := v.cases()
	outcomes := make([]outcome, len(cases))
	for i, c := range cases {
		outcomes[i] = r.decide(rl, c.resource, rl.terms[c.tier], v.unread)
	}
	a := &reply{outcome: merge(outcomes, rl.Title)}
	for i := range v.unread {
		if slices.Contains(a.deciding, &v.unread[i]) {
			a.facts = append(a.facts, i)
		}
	}
	a.deciding = nil
	if a.verdict == finding.Unknown {
		a.labels = decidingLabels(v.open, cases, outcomes)
	}
	return a
}

// watch evaluates a rule with everything unread absent and reports whether it looked at none of it. A panic or an error in
// OPA, which does not expect an object like ours, counts as having looked.
func (r *run) watch(v *view) (o outcome, untouched bool) {
	if !v.rule.program.watchable {
		return o, false
	}
	var paths []ast.Ref
	for _, ref := range lift(v.resource, v.unread) {
		paths = append(paths, ref[2:])
	}
	for _, l := range v.open {
		paths = append(paths, ast.Ref{ast.StringTerm(l.name)})
	}
	defer func() {
		if recover() != nil {
			untouched = false
		}
	}()
	note := false
	settings := v.rule.terms[v.tier]
	in := ast.NewObject([2]*ast.Term{settingsKey, settings}, [2]*ast.Term{resourceKey, ast.NewTerm(watch(v.resource, paths, &note))})
	root := &watched{Object: in, note: &note}
	note = false
	o = r.plain(v.rule, root)
	return o, !note && o.err == ""
}

// merge puts the outcomes of all cases together: they agree, or the verdict is unknown.
func merge(outcomes []outcome, title string) outcome {
	all := outcome{verdict: outcomes[0].verdict}
	var lists [][]Violation
	for _, o := range outcomes {
		all.deciding = append(all.deciding, o.deciding...)
		all.err = cmp.Or(all.err, o.err)
		lists = append(lists, o.violations)
		if o.verdict != all.verdict {
			all.verdict = finding.Unknown
		}
	}
	if all.verdict == finding.Fail {
		all.violations = common(lists, title)
	}
	return all
}

// decidingLabels lists the open labels on which the verdict hangs: those where two cases that differ in nothing else differ in verdict.
func decidingLabels(open []openLabel, cases []labelCase, outcomes []outcome) []int {
	var out []int
	for k := range open {
		matters := false
		for a := range cases {
			for b := range a {
				matters = matters || cases[a].differOnlyIn(cases[b], k) && outcomes[a].verdict != outcomes[b].verdict
			}
		}
		if matters {
			out = append(out, k)
		}
	}
	return out
}

func (j Judgement) tidy() Judgement {
	slices.SortFunc(j.Deciding, func(a, b finding.Deciding) int { return cmp.Compare(a.Fact, b.Fact) })
	j.Deciding = slices.CompactFunc(j.Deciding, func(a, b finding.Deciding) bool { return a.Fact == b.Fact })
	return j
}

func deciding(u inventory.Unknown) finding.Deciding {
	return finding.Deciding{Fact: u.Fact, Why: u.Why, Call: u.Call, Hint: u.Hint}
}
