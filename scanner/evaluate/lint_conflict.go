package evaluate

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// conflicts finds rules and functions with several definitions that could give two values at once. In plain evaluation that is an
// error; partial evaluation misses it and would decide by one of the two.
func conflicts(files []*file) []Problem {
	byName := map[string][]definition{}
	var order []string
	for _, f := range files {
		for _, r := range f.module.Rules {
			if r.Default || r.Head.RuleKind() == ast.MultiValue {
				continue
			}
			name := r.Head.Ref().String()
			if byName[name] == nil {
				order = append(order, name)
			}
			byName[name] = append(byName[name], definition{f, r})
		}
	}
	var out []Problem
	for _, name := range order {
		ds := byName[name]
		for i, a := range ds {
			for _, b := range ds[:i] {
				if !exclusive(a.rule, b.rule) {
					out = append(out, Problem{
						File: a.file.name, Line: a.rule.Location.Row,
						Text: name + " is defined several times, and two definitions could hold at once with different values; begin each with a comparison of one fact with another constant",
					})
					break
				}
			}
		}
	}
	return out
}

type definition struct {
	file *file
	rule *ast.Rule
}

// exclusive reports whether two definitions can never disagree: they give the same constant, an argument is another constant in each,
// or one fact has to equal another constant in each.
func exclusive(a, b *ast.Rule) bool {
	if sameConstant(a, b) {
		return true
	}
	for i := range min(len(a.Head.Args), len(b.Head.Args)) {
		x, y := a.Head.Args[i], b.Head.Args[i]
		if ast.IsScalar(x.Value) && ast.IsScalar(y.Value) && !x.Equal(y) {
			return true
		}
	}
	other := equalities(b)
	for fact, constant := range equalities(a) {
		if c, ok := other[fact]; ok && !c.Equal(constant) {
			return true
		}
	}
	return false
}

func sameConstant(a, b *ast.Rule) bool {
	for _, r := range []*ast.Rule{a, b} {
		for ; r != nil; r = r.Else {
			if !ast.IsConstant(r.Head.Value.Value) || !r.Head.Value.Equal(a.Head.Value) {
				return false
			}
		}
	}
	return true
}

// equalities lists what has to equal a constant for a definition to hold.
func equalities(r *ast.Rule) map[string]*ast.Term {
	out := map[string]*ast.Term{}
	if r.Else != nil {
		return out
	}
	for _, e := range r.Body {
		t, ok := e.Terms.([]*ast.Term)
		if !ok || e.Negated || len(t) != 3 {
			continue
		}
		if op := t[0].String(); op != "equal" && op != "eq" {
			continue
		}
		for i := 1; i <= 2; i++ {
			if _, isRef := t[i].Value.(ast.Ref); isRef && ast.IsScalar(t[3-i].Value) {
				out[t[i].String()] = t[3-i]
			}
		}
	}
	return out
}
