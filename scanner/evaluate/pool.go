package evaluate

import (
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// pool holds compilers for partial evaluation, which no two goroutines may use at once: it writes into the terms of the rules and of
// the input that end up in a residual, if only what is there already. Plain evaluation does not, so all share one compiler for that.
// A compiler is made when the first fact that was not read asks for it, for one rule and what that may call, and kept.
type pool struct {
	mu   sync.Mutex
	free map[*rule][]*ast.Compiler
}

// take returns a compiler of its own for the caller, who gives it back.
func (e *Engine) take(rl *rule) (*ast.Compiler, error) {
	p := &e.partials
	p.mu.Lock()
	if free := p.free[rl]; len(free) > 0 {
		c := free[len(free)-1]
		p.free[rl] = free[:len(free)-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return compileModules(e.callable(rl), e.libs)
}

func (e *Engine) give(rl *rule, c *ast.Compiler) {
	p := &e.partials
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free = map[*rule][]*ast.Compiler{}
	}
	p.free[rl] = append(p.free[rl], c)
}

// callable lists a rule and the rules that it calls, if any, by whatever way.
func (e *Engine) callable(rl *rule) []*rule {
	out := []*rule{rl}
	for r := range reachable(e.compiler, packageOf(rl.ID)) {
		for _, other := range e.rules {
			if packageOf(other.ID).Equal(r.Module.Package.Path) && !slices.Contains(out, other) {
				out = append(out, other)
			}
		}
	}
	return out
}

// fresh copies a value down to its last term, so that nobody else holds any of them.
func fresh(v ast.Value) ast.Value {
	switch v := v.(type) {
	case ast.Object:
		items := make([][2]*ast.Term, 0, v.Len())
		v.Foreach(func(k, t *ast.Term) {
			items = append(items, [2]*ast.Term{{Value: k.Value}, {Value: fresh(t.Value)}})
		})
		return ast.NewObject(items...)
	case *ast.Array:
		terms := make([]*ast.Term, v.Len())
		for i := range terms {
			terms[i] = &ast.Term{Value: fresh(v.Elem(i).Value)}
		}
		return ast.NewArray(terms...)
	}
	return v
}
