package evaluate

import "github.com/open-policy-agent/opa/v1/ast"

// project returns a resource of which only the given paths are left, sorted so that equal beginnings stand together. The objects on
// the way to a path stay, even if the path itself is absent. It keeps the work of partial evaluation to what a rule can see.
func project(o ast.Object, paths []ast.Ref) ast.Object {
	items := make([][2]*ast.Term, 0, len(paths))
	for len(paths) > 0 {
		name := paths[0][0]
		n := 1
		for n < len(paths) && paths[n][0].Equal(name) {
			n++
		}
		same := paths[:n]
		paths = paths[n:]
		t := o.Get(name)
		if t == nil {
			continue
		}
		if sub, ok := t.Value.(ast.Object); ok && len(same[0]) > 1 {
			deeper := make([]ast.Ref, len(same))
			for i, p := range same {
				deeper[i] = p[1:]
			}
			t = ast.NewTerm(project(sub, deeper))
		}
		items = append(items, [2]*ast.Term{name, t})
	}
	return ast.NewObject(items...)
}
