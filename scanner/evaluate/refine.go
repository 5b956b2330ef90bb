package evaluate

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// refine partially evaluates each residual query again, with the exact paths unknown. It resolves what only came along because a
// whole object was taken for unknown, as after `key := input.resource.key`. Queries that refer to support rules stay as they are.
func (q *question) refine(res residual) residual {
	if len(res.support) > 0 {
		return res
	}
	compiler, err := q.run.compiler(q.rule)
	if err != nil {
		return res
	}
	out := residual{}
	for _, b := range res.queries {
		body, err := compiler.QueryCompiler().Compile(distinct(b))
		if err != nil {
			out.queries = append(out.queries, b)
			continue
		}
		var iterated []ast.Ref // the residual's own references need the same care
		ast.WalkRefs(body, func(r ast.Ref) bool {
			if r[0].Equal(ast.InputRootDocument) && !r.IsGround() {
				iterated = append(iterated, r)
			}
			return false
		})
		// What remains may call rules and functions, so their references count as well.
		again := q.run.partial(q.rule, body, q.input, widen(widen(q.exact, iterated), q.callees(body)))
		switch {
		case again.err != "":
			return again
		case len(again.support) > 0:
			out.queries = append(out.queries, b)
		default:
			out.queries = append(out.queries, again.queries...)
		}
	}
	return out
}

// callees are the iterating references of the rules that a query refers to: none if it refers to none.
func (q *question) callees(b ast.Body) []ast.Ref {
	calls := false
	ast.WalkRefs(b, func(r ast.Ref) bool {
		calls = calls || r[0].Equal(ast.DefaultRootDocument)
		return calls
	})
	if calls {
		return q.rule.program.iterated
	}
	return nil
}

// distinct copies a query without the repetitions that copy propagation leaves, which would not compile.
func distinct(b ast.Body) ast.Body {
	seen := map[string]bool{}
	var out ast.Body
	for _, e := range b.Copy() {
		if s := e.String(); !seen[s] {
			seen[s] = true
			out.Append(e)
		}
	}
	return out
}
