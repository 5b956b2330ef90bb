package evaluate

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// certain lists what a rule that fails for certain says for certain: the denies whose condition left no residual. What their heads
// mention of unread facts is not known. The rule is never evaluated with the facts absent for this: absent is a value too. A severity
// below the rule's stays where no deny that may hold as well says the same thing and asks for a higher one.
func (q *question) certain() []Violation {
	var out []Violation
	var open []ast.Body
	for _, b := range q.heads() {
		if head, ok := unconditional(b); ok && head != nil {
			out = append(out, violation(head))
		} else {
			open = append(open, b)
		}
	}
	for _, b := range open {
		head := headIn(b)
		for i := range out {
			if head == nil {
				out[i].Severity = ""
			} else if v := violation(head); v.Message == out[i].Message && (v.At == out[i].At || hasOpenPart(head)) {
				out[i].Severity = higher(out[i].Severity, v.Severity)
			}
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

// headIn is the deny that a residual query binds to answer, or nil.
func headIn(b ast.Body) ast.Object {
	for _, e := range b {
		if head, ok := headOf(e); ok {
			return head
		}
	}
	return nil
}

// hasOpenPart reports whether the part of the resource that a deny names is not known.
func hasOpenPart(head ast.Object) bool {
	at := head.Get(ast.StringTerm("at"))
	return at != nil && value(at) == NotKnown
}

func (q *question) heads() []ast.Body {
	return q.run.partial(q.rule, q.rule.program.deny, q.input, q.wide).queries
}
