package evaluate

import (
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// program is a rule's queries, and what its compiled text says about how it may be run.
type program struct {
	verdict   ast.Body // binds answer to the set of denies; undefined where the rule does not apply
	applies   ast.Body // nil: the rule always applies
	violation ast.Body // true where it fails, whatever it says
	deny      ast.Body // binds answer to each deny

	once      sync.Once
	iterated  []ast.Ref // references into the input that try several keys
	reads     reads     // what the rule looks at
	gate      reads     // and what it looks at to tell whether it applies
	watchable bool      // plain evaluation shows what it looks at
	partial   bool      // partial evaluation can be trusted
}

const answer = ast.Var("answer")

func newProgram(s *source) *program {
	p := &program{}
	pkg := packageOf(s.id)
	name := func(n string) *ast.Term { return ast.NewTerm(pkg.Append(ast.StringTerm(n))) }
	holds := func(n string) ast.Body { return ast.NewBody(ast.Equality.Expr(name(n), ast.InternedTerm(true))) }
	p.violation = holds(violationName)
	p.deny = ast.NewBody(ast.NewExpr(ast.NewTerm(pkg.Append(ast.StringTerm(denyName)).Append(ast.NewTerm(answer)))))
	for _, f := range s.files {
		for _, r := range f.module.Rules {
			if r.Head.Ref()[0].Value.Compare(ast.Var(appliesName)) == 0 {
				p.applies = holds(appliesName)
			}
		}
	}
	if p.applies != nil {
		p.verdict = p.applies.Copy()
	}
	p.verdict.Append(ast.Equality.Expr(name(denyName), ast.NewTerm(answer)))
	return p
}

// analyse looks at a rule and all it calls, once.
func (p *program) analyse(c *ast.Compiler, id string) {
	p.once.Do(func() {
		p.watchable, p.partial = true, true
		for r := range reachable(c, packageOf(id)) {
			ast.WalkRefs(r, func(ref ast.Ref) bool {
				if ref[0].Equal(ast.InputRootDocument) && !ref.IsGround() {
					p.iterated = append(p.iterated, ref)
				}
				return false
			})
			p.reads.note(r)
			p.watchable = p.watchable && comparesScalars(r)
			p.partial = p.partial && !openKeys(r)
		}
		p.reads.sort()
		for r := range reachable(c, packageOf(id).Append(ast.StringTerm(appliesName))) {
			p.gate.note(r)
		}
		p.gate.sort()
	})
}

// reachable is every rule of a package and every one that these refer to.
func reachable(c *ast.Compiler, pkg ast.Ref) map[*ast.Rule]bool {
	seen := map[*ast.Rule]bool{}
	var visit func(ref ast.Ref)
	visit = func(ref ast.Ref) {
		for _, r := range c.GetRulesDynamicWithOpts(ref, ast.RulesOptions{IncludeHiddenModules: true}) {
			for ; r != nil; r = r.Else {
				if seen[r] {
					continue
				}
				seen[r] = true
				ast.WalkRefs(r, func(inner ast.Ref) bool {
					if inner[0].Equal(ast.DefaultRootDocument) {
						visit(inner)
					}
					return false
				})
			}
		}
	}
	visit(pkg)
	return seen
}

// openKeys reports whether a rule makes an object or a set with keys that are not constant. Partial evaluation takes such a key, when
// it was not read, for one that no look-up finds.
func openKeys(r *ast.Rule) bool {
	found := false
	ast.WalkTerms(r, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Object:
			v.Foreach(func(k, _ *ast.Term) { found = found || !ast.IsConstant(k.Value) })
		case ast.Set:
			v.Foreach(func(e *ast.Term) { found = found || !ast.IsConstant(e.Value) })
		}
		return found
	})
	return found
}

// comparesScalars reports whether each comparison and membership test in a rule has a side that cannot be an object of the
// resource. OPA compares objects by their concrete type and would call a watched one unequal without looking into it.
func comparesScalars(r *ast.Rule) bool {
	ok := true
	check := func(terms []*ast.Term) {
		if len(terms) < 2 {
			return
		}
		switch terms[0].String() {
		case "equal", "neq", "internal.member_2", "internal.member_3":
			for _, t := range terms[1:] {
				if neverObject(t) {
					return
				}
			}
			ok = false
		}
	}
	ast.WalkTerms(r, func(t *ast.Term) bool {
		if c, is := t.Value.(ast.Call); is {
			check(c)
		}
		return false
	})
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		if ts, is := e.Terms.([]*ast.Term); is {
			check(ts)
		}
		return false
	})
	return ok
}

// neverObject reports whether a term is a scalar, a constant list or set of scalars, a setting, or a field that holds neither an
// object nor a list of objects.
func neverObject(t *ast.Term) bool {
	switch v := t.Value.(type) {
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return true
	case *ast.Array:
		return !v.Until(func(e *ast.Term) bool { return !ast.IsScalar(e.Value) })
	case ast.Set:
		return !v.Until(func(e *ast.Term) bool { return !ast.IsScalar(e.Value) })
	case ast.Ref:
		if len(v) < 3 || !v.IsGround() || !v[0].Equal(ast.InputRootDocument) {
			return false
		}
		if v[1].Equal(settingsKey) {
			return true
		}
		f := fieldAt(namesOf(v))
		return f != nil && f.shape != aStruct && f.shape != structs && f.shape != aMap
	}
	return false
}
