package evaluate

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reads are the paths below input.resource that a rule, with all it calls, refers to: {"key", "age_days"}. Nothing else of the
// resource can matter to it. Where it takes the resource or the input as a whole, everything may.
type reads struct {
	whole bool
	paths []ast.Ref // constant names; none is the beginning of another
}

// note adds what one rule refers to.
func (rs *reads) note(r *ast.Rule) { ast.WalkTerms(r, rs.term) }

func (rs *reads) term(t *ast.Term) bool {
	switch v := t.Value.(type) {
	case ast.Var:
		rs.whole = rs.whole || v.Equal(ast.InputRootDocument.Value)
	case ast.Ref:
		if v[0].Equal(ast.InputRootDocument) {
			rs.ref(v)
		}
		for _, inner := range v[1:] {
			ast.WalkTerms(inner, rs.term)
		}
		return true
	}
	return false
}

func (rs *reads) ref(r ast.Ref) {
	if len(r) > 1 && r[1].Equal(settingsKey) {
		return
	}
	if len(r) < 3 || !r[1].Equal(resourceKey) {
		rs.whole = true
		return
	}
	path := r[2:]
	if i := slices.IndexFunc(path, func(t *ast.Term) bool { _, text := t.Value.(ast.String); return !text }); i >= 0 {
		path = path[:i]
	}
	if len(path) == 0 {
		rs.whole = true
		return
	}
	if slices.ContainsFunc(rs.paths, path.HasPrefix) {
		return
	}
	rs.paths = slices.DeleteFunc(rs.paths, func(p ast.Ref) bool { return p.HasPrefix(path) })
	rs.paths = append(rs.paths, path)
}

// sort puts the paths into one order, whatever the order of the rules was; equal beginnings stand together.
func (rs *reads) sort() { slices.SortFunc(rs.paths, ast.RefCompare) }

// touches reports whether a path may matter to the rule.
func (rs *reads) touches(path ast.Ref) bool {
	return rs.whole || slices.ContainsFunc(rs.paths, func(p ast.Ref) bool { return p.HasPrefix(path) || path.HasPrefix(p) })
}

// access reports whether the rule looks at who may do what, by name.
func (rs *reads) access() bool { return !rs.whole && rs.touches(accessRef[2:]) }
