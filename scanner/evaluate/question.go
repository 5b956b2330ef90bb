package evaluate

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// decide answers for one case of the labels.
func (r *run) decide(rl *rule, resource ast.Object, settings *ast.Term, unread []fact) outcome {
	if len(unread) == 0 {
		return r.plain(rl, input(resource, settings))
	}
	q := r.question(rl, resource, settings, unread)
	if !rl.program.partial {
		return outcome{verdict: finding.Unknown, deciding: q.everything()}
	}

	applies := residual{queries: []ast.Body{{}}}
	if rl.program.applies != nil {
		applies = q.ask(rl.program.applies)
	}
	if applies.holds() == no {
		return outcome{verdict: finding.NotApplicable}
	}
	violation := q.ask(rl.program.violation)
	if applies.holds() == yes {
		switch violation.holds() {
		case no:
			return outcome{verdict: finding.Pass}
		case yes:
			return outcome{verdict: finding.Fail, violations: q.certain()}
		}
	}
	open := openOf(applies, violation)
	if o, ok := q.cells(open); ok {
		return o
	}
	o := outcome{verdict: finding.Unknown, deciding: q.deciding(open)}
	for _, res := range open {
		if res.err != "" {
			return failed(res.err)
		}
	}
	return o
}

func openOf(rs ...residual) []residual {
	return slices.DeleteFunc(rs, func(r residual) bool { return r.holds() != maybe })
}

// question is one rule asked about one input, parts of which are unknown.
type question struct {
	run      *run
	rule     *rule
	resource ast.Object
	settings *ast.Term
	input    ast.Object
	unread   []fact
	exact    []ast.Ref // lifted
	wide     []ast.Ref // and widened
}

func (r *run) question(rl *rule, resource ast.Object, settings *ast.Term, unread []fact) *question {
	q := &question{run: r, rule: rl, resource: resource, settings: settings, unread: unread, exact: lift(resource, unread)}
	q.wide = widen(q.exact, rl.program.iterated)
	q.input = fresh(input(resource, settings)).(ast.Object)
	return q
}

// ask evaluates a query partially, and what is left of it once more where that may help.
func (q *question) ask(body ast.Body) residual {
	res := q.run.partial(q.rule, body, q.input, q.wide)
	if res.holds() != maybe || res.err != "" {
		return res
	}
	if _, simple := q.atoms([]residual{res}); simple {
		return res // cells decide it
	}
	return q.refine(res)
}
