package evaluate

import "github.com/open-policy-agent/opa/v1/ast"

// fields are the fields of input.resource that rules refer to. Where a rule takes the resource or the input as a whole, or tries
// several fields, all of them count.
type fields struct {
	all   bool
	named map[string]bool
}

// note adds what a rule refers to.
func (f *fields) note(r *ast.Rule) {
	ast.WalkTerms(r, f.term)
}

func (f *fields) term(t *ast.Term) bool {
	switch v := t.Value.(type) {
	case ast.Var:
		f.all = f.all || v.Equal(ast.InputRootDocument.Value)
	case ast.Ref:
		if v[0].Equal(ast.InputRootDocument) {
			f.ref(v)
		}
		for _, inner := range v[1:] {
			ast.WalkTerms(inner, f.term)
		}
		return true
	}
	return false
}

func (f *fields) ref(r ast.Ref) {
	if len(r) > 1 && r[1].Equal(settingsKey) {
		return
	}
	if len(r) > 2 && r[1].Equal(resourceKey) {
		if name, ok := r[2].Value.(ast.String); ok {
			if f.named == nil {
				f.named = map[string]bool{}
			}
			f.named[string(name)] = true
			return
		}
	}
	f.all = true
}

// has reports whether the field is among them.
func (f *fields) has(name string) bool { return f.all || f.named[name] }
