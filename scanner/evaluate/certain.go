package evaluate

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// certain lists what a rule that fails for certain says for certain: the denies whose condition left no residual. What their heads
// mention of unread facts is not known. The rule is never evaluated with the facts absent for this: absent is a value too.
func (q *question) certain() []Violation {
	var out []Violation
	for _, b := range q.heads() {
		if head, ok := unconditional(b); ok && head != nil {
			out = append(out, violation(head))
		}
	}
	if len(out) == 0 {
		return []Violation{{Message: q.rule.Title}}
	}
	return tidy(out)
}

// everywhere lists the denies that hold in every cell. Their facts are those of the partially evaluated heads, never the values
// that stood for a cell.
func (q *question) everywhere(cells []outcome) []Violation {
	var out []Violation
	for _, b := range q.heads() {
		for _, e := range b {
			head, ok := headOf(e)
			if !ok {
				continue
			}
			v, exact := violation(head), !hasOpenPart(head)
			if !slices.ContainsFunc(cells, func(o outcome) bool {
				return !slices.ContainsFunc(o.violations, func(w Violation) bool { return w.Message == v.Message && (w.At == v.At || !exact) })
			}) {
				out = append(out, v)
			}
		}
	}
	if len(out) == 0 {
		return []Violation{{Message: q.rule.Title}}
	}
	return tidy(out)
}

// hasOpenPart reports whether the part of the resource that a deny names is not known.
func hasOpenPart(head ast.Object) bool {
	at := head.Get(ast.StringTerm("at"))
	return at != nil && value(at) == NotKnown
}

func (q *question) heads() []ast.Body {
	return q.run.partial(q.rule, q.rule.program.deny, q.input, q.wide).queries
}
