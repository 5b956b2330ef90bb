package terraform

import (
	"context"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// A run evaluates one root module. Everything is evaluated when it is first asked for, and once.
type run struct {
	*tree
	ctx       context.Context
	root      string
	functions map[string]function.Function
	names     []string          // that expressions take from anything, in all modules of this root
	handed    map[string]string // by address without keys, what modules that are not read are given, and to which
	depth     int               // of what is being evaluated because of something else
	out       []Instance
}

// maxChain is how many values may follow from each other. Deeper ones are unknown, and told.
const maxChain = 300

// A scope is one instance of a module.
type scope struct {
	*run
	mod   *module
	path  string // "module.keys[\"eu\"]."
	dir   string // what path.module is
	above *scope
	call  *hclsyntax.Block // nil of the root
	env   names            // of the call

	uncertain []string // see Instance

	cells     map[string]*cell
	children  map[string]*family[*scope]
	resources map[string]*family[*instance]
}

// names are what an expression may name besides what its module declares: each, count, the iterators of dynamic blocks.
type names map[string]cty.Value

// A cell is one value that is evaluated once.
type cell struct {
	value cty.Value
	done  bool
}

func (r *run) scope(mod *module, path string) *scope {
	return &scope{run: r, mod: mod, path: path, dir: ".", cells: map[string]*cell{}, children: map[string]*family[*scope]{}, resources: map[string]*family[*instance]{}}
}

// once evaluates what name stands for, or recalls it. What depends on itself is unknown, and told.
func (s *scope) once(name string, at hcl.Range, evaluate func() cty.Value) cty.Value {
	c := s.cells[name]
	switch {
	case c == nil:
	case c.done:
		return c.value
	default:
		s.notes.unresolved(noteCycle, at, fmt.Sprintf("%s depends on itself", name))
		return cty.DynamicVal
	}
	if s.depth >= maxChain || s.ctx.Err() != nil {
		s.notes.unresolved(noteSize, at, fmt.Sprintf("%s depends on more than %d other values, one through the other", name, maxChain))
		return cty.DynamicVal
	}
	c = &cell{}
	s.cells[name] = c
	s.depth++
	v := evaluate()
	s.depth--
	if weigh(v) > maxWeight {
		s.notes.unresolved(noteSize, at, fmt.Sprintf("%s has a value of more than %d MB", name, maxWeight>>20))
		v = cty.DynamicVal
	}
	c.value, c.done = v, true
	return v
}

// value is what an expression comes to. What cannot be resolved is unknown, and says with marks why.
func (s *scope) value(e hclsyntax.Expression, env names) cty.Value {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return e.Val
	case *hclsyntax.ParenthesesExpr:
		return s.value(e.Expression, env)
	case *hclsyntax.TemplateWrapExpr:
		return s.value(e.Wrapped, env)
	case *hclsyntax.ConditionalExpr: // only the branch that counts, for the marks of the other would say what is not so
		if yes, err := convert.Convert(s.value(e.Condition, env), cty.Bool); err == nil {
			if yes, _ := yes.Unmark(); yes.IsKnown() && !yes.IsNull() {
				if yes.True() {
					return s.value(e.TrueResult, env)
				}
				return s.value(e.FalseResult, env)
			}
		}
	}
	ctx := s.context(e, env)
	if costly(e, ctx) {
		s.notes.unresolved(noteSize, e.Range(), "an expression takes too long to evaluate")
		return cty.DynamicVal
	}
	v, diags := evaluate(e, ctx)
	if diags.HasErrors() {
		s.notes.unresolved(noteExpr, e.Range(), "an expression cannot be evaluated: "+summary(diags))
		return s.mixed(e, ctx, cty.DynamicVal.WithMarks(marksOf(ctx)))
	}
	if bare, _ := v.Unmark(); !bare.IsKnown() {
		if t, ok := e.(*hclsyntax.TemplateExpr); ok {
			if doc, ok := document(t, func(part hclsyntax.Expression) cty.Value { return s.value(part, env) }); ok {
				return doc
			}
		}
	}
	if !v.IsWhollyKnown() && weigh(v) < maxShaped {
		if finer, ok := s.parts(e, env, ctx); ok {
			v = finer
		}
	}
	return s.mixed(e, ctx, s.shape(e, env, v))
}

// evaluate guards against what the library cannot take: it panics on some calls with unknown or marked values.
func evaluate(e hcl.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics) {
	defer func() {
		if r := recover(); r != nil {
			v, diags = cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Evaluation broke off"}}
		}
	}()
	return e.Value(ctx)
}

func summary(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			return d.Summary
		}
	}
	return ""
}

func marksOf(ctx *hcl.EvalContext) cty.ValueMarks {
	all := cty.ValueMarks{}
	for _, v := range ctx.Variables {
		_, marks := v.UnmarkDeep()
		for m := range marks {
			switch m.(type) {
			case Encoded, Shape, Written:
			default:
				all[m] = struct{}{}
			}
		}
	}
	return all
}

// context holds just what an expression names.
func (s *scope) context(e hclsyntax.Expression, env names) *hcl.EvalContext {
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: s.functions}
	asked := map[string]map[string][]hcl.Traversal{} // root, name, what is taken of it
	for _, t := range hclsyntax.Variables(e) {
		root := t.RootName()
		if v, ok := env[root]; ok {
			ctx.Variables[root] = v
			continue
		}
		name, rest := "", t[1:]
		if len(t) > 1 {
			if a, ok := t[1].(hcl.TraverseAttr); ok {
				name, rest = a.Name, t[2:]
			}
		}
		if root == "data" && len(rest) > 0 {
			if a, ok := rest[0].(hcl.TraverseAttr); ok {
				name, rest = name+"."+a.Name, rest[1:]
			}
		}
		if asked[root] == nil {
			asked[root] = map[string][]hcl.Traversal{}
		}
		asked[root][name] = append(asked[root][name], rest)
	}
	for _, root := range sorted(asked) {
		ctx.Variables[root] = s.namespace(root, asked[root], e.Range())
	}
	return ctx
}

// namespace is what the first word of a reference stands for, with the names that are asked of it.
func (s *scope) namespace(root string, asked map[string][]hcl.Traversal, at hcl.Range) cty.Value {
	members := map[string]cty.Value{}
	data := map[string]map[string]cty.Value{}
	for _, name := range sorted(asked) {
		if name == "" { // all of it, which Terraform does not allow
			return cty.DynamicVal
		}
		switch root {
		case "var":
			members[name] = s.variable(name, at)
		case "local":
			members[name] = s.local(name)
		case "module":
			members[name] = s.module(name, asked[name])
		case "path":
			members[name] = s.folder(name)
		case "data":
			typ, label := splitData(name)
			if label == "" {
				return cty.DynamicVal
			}
			if data[typ] == nil {
				data[typ] = map[string]cty.Value{}
			}
			data[typ][label] = s.reference("data."+name, asked[name])
		case "each", "count", "self", "terraform", "tofu":
			members[name] = cty.DynamicVal.Mark(Unset(root + "." + name))
		default:
			members[name] = s.reference(root+"."+name, asked[name])
		}
	}
	for typ, labels := range data {
		members[typ] = cty.ObjectVal(labels)
	}
	return cty.ObjectVal(members)
}

func splitData(name string) (typ, label string) {
	for i := range name {
		if name[i] == '.' {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}

func (s *scope) local(name string) cty.Value {
	a, ok := s.mod.locals[name]
	if !ok {
		return cty.DynamicVal.Mark(Unset("local." + name))
	}
	return s.once("local."+name, a.SrcRange, func() cty.Value { return s.value(a.Expr, nil) })
}

// variable is what a caller, or a file of values, or else the default gives.
func (s *scope) variable(name string, at hcl.Range) cty.Value {
	v, declared := s.mod.variables[name]
	unset := cty.DynamicVal.Mark(Unset("var." + name))
	if s.call == nil && (s.mod.muddled || s.mod.elsewhere[name]) {
		unset = unset.Mark(Mixed{}) // by a file of the repository
	}
	if !declared {
		return unset
	}
	return s.once("var."+name, at, func() cty.Value {
		given, ok := cty.NilVal, false
		if s.call == nil {
			if given, ok = s.mod.given[name]; s.mod.muddled {
				return unset
			}
		} else if a := s.call.Body.Attributes[name]; a != nil {
			given, ok = s.above.value(a.Expr, s.env), true
		}
		if ok && given.IsNull() && v.notNull {
			ok = false
		}
		switch {
		case ok && v.notNull && v.fallback != nil && mayBeNull(given) && shareIn(s.value(v.fallback, nil), 1) != none:
			return v.convert(given).Mark(Mixed{}) // for null, the default counts
		case ok:
			return v.convert(given)
		case v.fallback != nil:
			return v.convert(s.value(v.fallback, nil))
		}
		return unset
	})
}

func mayBeNull(v cty.Value) bool {
	bare, _ := v.Unmark()
	return !bare.IsKnown() && !bare.Range().DefinitelyNotNull()
}

// folder is path.module or path.root, relative to the root module, from where Terraform is run.
func (s *scope) folder(name string) cty.Value {
	switch name {
	case "module":
		return cty.StringVal(s.dir)
	case "root":
		return cty.StringVal(".")
	}
	return cty.DynamicVal.Mark(Unset("path." + name))
}
