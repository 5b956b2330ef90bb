package evaluate

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// deciding names the unread facts that residuals mention, themselves or through the rules they refer to.
func (q *question) deciding(rs []residual) []*fact {
	found := map[*fact]bool{}
	look := func(r ast.Ref) {
		for i := range q.unread {
			if overlap(r, q.unread[i].ref) {
				found[&q.unread[i]] = true
			}
		}
	}
	visited := map[*ast.Rule]bool{}
	var visit func(x any)
	visit = func(x any) {
		ast.WalkRefs(x, func(r ast.Ref) bool {
			switch {
			case r[0].Equal(ast.InputRootDocument):
				look(r)
			case r[0].Equal(ast.DefaultRootDocument):
				for _, rule := range q.run.engine.compiler.GetRulesDynamicWithOpts(r, ast.RulesOptions{IncludeHiddenModules: true}) {
					for ; rule != nil && !visited[rule]; rule = rule.Else {
						visited[rule] = true
						visit(rule)
					}
				}
			}
			return false
		})
	}
	for _, r := range rs {
		for _, b := range r.queries {
			visit(b)
		}
		for _, m := range r.support {
			visit(m)
		}
	}
	var out []*fact
	for i := range q.unread {
		if found[&q.unread[i]] {
			out = append(out, &q.unread[i])
		}
	}
	if len(out) == 0 {
		return q.everything() // the residual hides them
	}
	return out
}

// everything names every unread fact: any may decide.
func (q *question) everything() []*fact {
	out := make([]*fact, len(q.unread))
	for i := range q.unread {
		out[i] = &q.unread[i]
	}
	return out
}

// overlap reports whether a reference may arrive at a path, at something in it, or at something that holds it.
func overlap(r, path ast.Ref) bool {
	for i := 1; i < min(len(r), len(path)); i++ {
		if r[i].IsGround() && !r[i].Equal(path[i]) {
			return false
		}
	}
	return true
}
