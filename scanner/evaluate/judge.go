package evaluate

import (
	"cmp"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// judge lets one rule judge one subject. Where nothing is unknown that is one plain evaluation. Otherwise a verdict is certain if
// plain evaluation never looks at anything that was not read (watch.go), or if partial evaluation leaves nothing open (partial.go,
// refine.go), or if all values that the open facts can have give the same (cells.go).
func (r *run) judge(rl *rule, s *Subject) Judgement {
	j := Judgement{Rule: &rl.Rule, Severity: rl.SeverityFor(s.tier)}
	if len(s.unread) == 0 && len(s.open) == 0 {
		return j.from(r.plain(rl, input(s.resource, rl.terms[s.tier])))
	}
	rl.program.analyse(r.engine.compiler, rl.ID)
	open := s.openFor(rl)
	if !s.tierMatters(rl) {
		if o, untouched := r.watch(rl, s, open); untouched {
			return j.from(o)
		}
	}
	cases := s.cases(open)
	outcomes := make([]outcome, len(cases))
	for i, c := range cases {
		outcomes[i] = r.decide(rl, c.resource, rl.terms[c.tier], s.unread)
		if sev := rl.SeverityFor(c.tier); i == 0 || sev.Rank() > j.Severity.Rank() {
			j.Severity = sev
		}
	}
	return j.from(merge(outcomes, rl.Title)).labels(open, cases, outcomes)
}

// watch evaluates a rule with everything unread absent and reports whether it looked at none of it. A panic or an error in
// OPA, which does not expect an object like ours, counts as having looked.
func (r *run) watch(rl *rule, s *Subject, open []openLabel) (o outcome, untouched bool) {
	if !rl.program.watchable {
		return o, false
	}
	var paths []ast.Ref
	for _, ref := range lift(s.resource, s.unread) {
		paths = append(paths, ref[2:])
	}
	for _, l := range open {
		paths = append(paths, ast.Ref{ast.StringTerm(l.name)})
	}
	defer func() {
		if recover() != nil {
			untouched = false
		}
	}()
	note := false
	in := ast.NewObject([2]*ast.Term{settingsKey, rl.terms[s.tier]}, [2]*ast.Term{resourceKey, ast.NewTerm(watch(s.resource, paths, &note))})
	root := &watched{Object: in, note: &note}
	note = false
	o = r.plain(rl, root)
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

func (j Judgement) from(o outcome) Judgement {
	j.Verdict, j.Violations, j.Err = o.verdict, o.violations, o.err
	for _, f := range o.deciding {
		j.Deciding = append(j.Deciding, deciding(f.unknown))
	}
	return j.tidy()
}

// labels adds the open labels on which the verdict hangs: those where two cases that differ in nothing else differ in verdict.
func (j Judgement) labels(open []openLabel, cases []labelCase, outcomes []outcome) Judgement {
	if j.Verdict != finding.Unknown {
		return j
	}
	for k, l := range open {
		matters := false
		for a := range cases {
			for b := range a {
				matters = matters || cases[a].differOnlyIn(cases[b], k) && outcomes[a].verdict != outcomes[b].verdict
			}
		}
		if matters {
			j.Deciding = append(j.Deciding, deciding(l.unknown))
		}
	}
	return j.tidy()
}

func (j Judgement) tidy() Judgement {
	slices.SortFunc(j.Deciding, func(a, b finding.Deciding) int { return cmp.Compare(a.Fact, b.Fact) })
	j.Deciding = slices.CompactFunc(j.Deciding, func(a, b finding.Deciding) bool { return a.Fact == b.Fact })
	return j
}

func deciding(u inventory.Unknown) finding.Deciding {
	return finding.Deciding{Fact: u.Fact, Why: u.Why, Call: u.Call, Hint: u.Hint}
}
