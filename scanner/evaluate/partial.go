package evaluate

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// residual is what partial evaluation leaves of a query.
type residual struct {
	queries []ast.Body    // it holds if one of them does
	support []*ast.Module // rules that the queries refer to
	err     string        // nothing can be said
}

// tri is the answer to a query under unknown facts.
type tri int

const (
	no tri = iota
	maybe
	yes
)

// holds answers a query: no residual cannot hold, a residual without a condition holds.
func (r residual) holds() tri {
	if r.err != "" {
		return maybe
	}
	for _, q := range r.queries {
		if _, ok := unconditional(q); ok {
			return yes
		}
	}
	if len(r.queries) == 0 {
		return no
	}
	return maybe
}

// unconditional reports whether a residual query holds whatever the unknown facts are, and returns the deny that it binds to
// answer, if any. The head of a deny is always defined (see total).
func unconditional(b ast.Body) (head ast.Object, ok bool) {
	bound := map[ast.Var]bool{answer: true}
	for _, e := range b {
		if e.Negated || len(e.With) > 0 {
			return nil, false
		}
		if t, is := e.Terms.(*ast.Term); is {
			if v, is := t.Value.(ast.Boolean); is && bool(v) {
				continue
			}
			return nil, false
		}
		if !e.IsEquality() {
			return nil, false
		}
		if h, is := headOf(e); is {
			head = h
			continue
		}
		if !names(e.Operand(0), e.Operand(1), bound) && !names(e.Operand(1), e.Operand(0), bound) {
			return nil, false
		}
	}
	return head, true
}

// headOf is the deny in answer = {...}.
func headOf(e *ast.Expr) (ast.Object, bool) {
	if !e.IsEquality() || e.Negated {
		return nil, false
	}
	a, b := e.Operand(0), e.Operand(1)
	if b.Value.Compare(answer) == 0 {
		a, b = b, a
	}
	o, ok := b.Value.(ast.Object)
	return o, ok && a.Value.Compare(answer) == 0
}

// names reports whether v = t only gives a name, which nothing else has, to a value that is there for certain.
func names(v, t *ast.Term, bound map[ast.Var]bool) bool {
	name, ok := v.Value.(ast.Var)
	if !ok || bound[name] || !(name.IsWildcard() || name.IsGenerated()) || !defined(t, 0) {
		return false
	}
	bound[name] = true
	return true
}

// defined reports whether a term is there for certain: a constant, a list that may be empty, or an object or list of these and of names.
func defined(t *ast.Term, depth int) bool {
	switch v := t.Value.(type) {
	case *ast.ArrayComprehension:
		return true
	case ast.Var:
		return depth > 0
	case ast.Object:
		return !v.Until(func(k, e *ast.Term) bool { return !ast.IsConstant(k.Value) || !defined(e, depth+1) })
	case *ast.Array:
		return !v.Until(func(e *ast.Term) bool { return !defined(e, depth+1) })
	}
	return ast.IsConstant(t.Value)
}

// partial evaluates a query with some references unknown. Errors of built-ins on known values, which OPA would take for "undefined",
// make it say nothing.
func (r *run) partial(rl *rule, body ast.Body, in ast.Value, unknown []ast.Ref) residual {
	compiler, err := r.compiler(rl)
	if err != nil {
		return residual{err: errorText(err)}
	}
	terms := make([]*ast.Term, len(unknown))
	for i := range unknown {
		terms[i] = ast.NewTerm(unknown[i].Copy())
	}
	var errs []topdown.Error
	queries, support, err := r.query(body.Copy(), in, &errs).WithCompiler(compiler).WithUnknowns(terms).PartialRun(r.ctx)
	switch {
	case err != nil:
		return residual{err: errorText(err)}
	case len(errs) > 0:
		return residual{err: errorText(&errs[0])}
	case r.ctx.Err() != nil: // below a negation, OPA takes it for "undefined"
		return residual{err: r.ctx.Err().Error()}
	}
	return residual{queries: queries, support: support}
}

// lift shortens each unread path to its topmost part that the input lacks: iterating over an absent parent would never come to the
// unknown key. The result is sorted and without duplicates.
func lift(resource ast.Object, unread []fact) []ast.Ref {
	var out []ast.Ref
	for _, u := range unread {
		n := len(u.ref)
		var v ast.Value = resource
		for i := 2; i < n; i++ {
			o, ok := v.(ast.Object)
			if !ok {
				break
			}
			t := o.Get(u.ref[i])
			if t == nil {
				n = i + 1
				break
			}
			v = t.Value
		}
		out = append(out, u.ref[:n])
	}
	slices.SortFunc(out, func(a, b ast.Ref) int { return a.Compare(b) })
	return slices.CompactFunc(out, func(a, b ast.Ref) bool { return a.Equal(b) })
}

// widen shortens each unknown to what an iterating reference can bind: OPA asks whether a value it binds lies in an unknown, not
// whether an unknown lies in the value, so the value itself has to be unknown.
func widen(unknown, iterated []ast.Ref) []ast.Ref {
	out := make([]ast.Ref, len(unknown))
	for i, u := range unknown {
		n := len(u)
		for _, r := range iterated {
			if len(r) < n && mayReach(r, u) {
				n = len(r)
			}
		}
		out[i] = u[:n]
	}
	return out
}

// mayReach reports whether an iterating reference can arrive at the path that has its length.
func mayReach(r, path ast.Ref) bool {
	ground := true
	for i := 1; i < len(r); i++ {
		switch {
		case !r[i].IsGround():
			ground = false
		case !r[i].Equal(path[i]):
			return false
		}
	}
	return !ground
}
