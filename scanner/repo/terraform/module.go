package terraform

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// A variable is an input of a module.
type variable struct {
	fallback hclsyntax.Expression // nil: a value must be given
	typ      cty.Type
	optional *typeexpr.Defaults // of optional attributes
	notNull  bool
}

// add takes one block of a file into a module. A block of an override file changes what it names, and adds it where it is not there.
func (m *module) add(b *hclsyntax.Block, overrides bool) {
	label := strings.Join(b.Labels, ".")
	switch {
	case b.Type == "terraform":
		m.rooted = m.rooted || states(b, "backend") || states(b, "cloud")
	case b.Type == "moved":
		m.moved = append(m.moved, b)
	case b.Type == "provider" && len(b.Labels) == 1:
		if a := b.Body.Attributes["alias"]; a != nil {
			label += "." + providerName(a.Expr)
		}
		put(m.providers, label, b, overrides)
	case b.Type == "locals":
		for name, a := range b.Body.Attributes {
			m.locals[name] = a
		}
	case b.Type == "variable" && len(b.Labels) == 1:
		if old := m.variables[label]; old != nil && overrides {
			old.read(b.Body)
		} else {
			v := &variable{typ: cty.DynamicPseudoType}
			v.read(b.Body)
			m.variables[label] = v
		}
	case b.Type == "output" && len(b.Labels) == 1:
		if a := b.Body.Attributes["value"]; a != nil {
			m.outputs[label] = a
		}
	case b.Type == "module" && len(b.Labels) == 1:
		put(m.calls, label, b, overrides)
	case b.Type == "resource" && len(b.Labels) == 2:
		put(m.resources, label, b, overrides)
	case b.Type == "data" && len(b.Labels) == 2:
		put(m.resources, "data."+label, b, overrides)
	}
}

// maskedBy says which file could change what a module states.
func (m *module) maskedBy() string {
	if m.masked == "" {
		return ""
	}
	return m.masked + " could not be read, which overrides"
}

// states reports whether a block states an argument or a block: JSON does not tell which.
func states(b *hclsyntax.Block, name string) bool {
	return b.Body.Attributes[name] != nil || slices.ContainsFunc(b.Body.Blocks, func(inner *hclsyntax.Block) bool { return inner.Type == name })
}

func put(into map[string]*hclsyntax.Block, name string, b *hclsyntax.Block, overrides bool) {
	if old := into[name]; old != nil && overrides {
		b = overlay(old, b)
	}
	into[name] = b
}

// overlay is a block as an override file changes it: each argument that the override states replaces the old one, and each kind
// of nested block all old ones of that kind.
func overlay(old, change *hclsyntax.Block) *hclsyntax.Block {
	body := *old.Body
	body.Attributes = hclsyntax.Attributes{}
	for name, a := range old.Body.Attributes {
		body.Attributes[name] = a
	}
	for name, a := range change.Body.Attributes {
		body.Attributes[name] = a
	}
	replaced := map[string]bool{}
	for _, b := range change.Body.Blocks {
		replaced[blockName(b)] = true
	}
	body.Blocks = nil
	for _, b := range old.Body.Blocks {
		if !replaced[blockName(b)] {
			body.Blocks = append(body.Blocks, b)
		}
	}
	body.Blocks = append(body.Blocks, change.Body.Blocks...)
	changed := *old
	changed.Body = &body
	return &changed
}

// blockName is the kind of a nested block, of which "dynamic" blocks make more.
func blockName(b *hclsyntax.Block) string {
	if b.Type == "dynamic" && len(b.Labels) == 1 {
		return b.Labels[0]
	}
	return b.Type
}

func (v *variable) read(b *hclsyntax.Body) {
	if a := b.Attributes["default"]; a != nil {
		v.fallback = a.Expr
	}
	if a := b.Attributes["nullable"]; a != nil {
		nullable, _ := a.Expr.Value(nil)
		v.notNull = nullable.RawEquals(cty.False)
	}
	a := b.Attributes["type"]
	if a == nil {
		return
	}
	var e hcl.Expression = a.Expr
	if text, diags := a.Expr.Value(nil); !diags.HasErrors() && text.Type() == cty.String { // in JSON, and in very old code
		e, diags = hclsyntax.ParseExpression([]byte(text.AsString()), a.SrcRange.Filename, a.SrcRange.Start)
		if diags.HasErrors() {
			return
		}
	}
	if typ, optional, diags := typeexpr.TypeConstraintWithDefaults(e); !diags.HasErrors() {
		v.typ, v.optional = typ, optional
	}
}

// convert gives a value the variable's type; what does not fit is unknown.
func (v *variable) convert(value cty.Value) cty.Value {
	if v.optional != nil && !value.IsNull() {
		value = v.optional.Apply(value)
	}
	if v.typ == cty.DynamicPseudoType {
		return value
	}
	converted, err := convert.Convert(value, v.typ)
	if err != nil {
		_, marks := value.Unmark()
		return cty.DynamicVal.WithMarks(marks)
	}
	return converted
}

// survey notes which attributes the expressions of a file name and which functions they call. From these follows what the value of
// a resource must offer when an expression takes it as a whole.
func (m *module) survey(blocks hclsyntax.Blocks, n *notes) {
	steps := func(t hcl.Traversal) {
		for _, step := range t {
			if a, ok := step.(hcl.TraverseAttr); ok {
				m.names[a.Name] = true
			}
		}
	}
	visit := func(node hclsyntax.Node) hcl.Diagnostics {
		switch e := node.(type) {
		case *hclsyntax.ScopeTraversalExpr:
			steps(e.Traversal)
		case *hclsyntax.RelativeTraversalExpr:
			steps(e.Traversal)
		case *hclsyntax.FunctionCallExpr:
			if !known(e.Name) {
				m.foreign[e.Name] = true
				n.unresolved(noteFunc, e.NameRange, fmt.Sprintf("%q is no function of Terraform's own, so what it returns is not known", e.Name))
			}
		case *hclsyntax.IndexExpr:
			if key, diags := e.Key.Value(nil); !diags.HasErrors() && key.Type() == cty.String && key.IsKnown() && !key.IsNull() {
				m.names[key.AsString()] = true
			}
		}
		return nil
	}
	for _, b := range blocks {
		switch {
		case b.Type == "terraform", b.Type == "moved": // names of providers and addresses, not of values
		case b.Type != "variable":
			_ = hclsyntax.VisitAll(b.Body, visit)
		case b.Body.Attributes["default"] != nil: // and not its type, whose constructors look like functions
			_ = hclsyntax.VisitAll(b.Body.Attributes["default"], visit)
		}
	}
}

// source is the folder in the repository that a module call takes its module from; false where it is not in the repository.
func (m *module) source(call *hclsyntax.Block) (string, bool) {
	a := call.Body.Attributes["source"]
	if a == nil {
		return "", false
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	text := v.AsString()
	if text != "." && text != ".." && !strings.HasPrefix(text, "./") && !strings.HasPrefix(text, "../") {
		return "", false
	}
	dir := path.Join(m.dir, text)
	if dir == ".." || strings.HasPrefix(dir, "../") {
		return "", false
	}
	if dir == "." {
		dir = ""
	}
	return dir, true
}

// onTrial reports whether a folder calls another one only to show or to test it: from below examples/ or tests/, where the other one
// is not.
func onTrial(from, to string) bool {
	parts := strings.Split(from, "/")
	for i, p := range parts {
		switch p {
		case "example", "examples", "test", "tests":
			if outer := strings.Join(parts[:i+1], "/"); to != outer && !strings.HasPrefix(to, outer+"/") {
				return true
			}
		}
	}
	return false
}

// roots lists the folders to evaluate by themselves: those that no other module of the repository calls, but to show or to test them,
// and those that Terraform is run in as well: with a backend, with values for variables, or with a plan. Where modules call each other
// in a circle, the first of the circle stands for it.
func (t *tree) roots(plans map[string][]*plan) []string {
	called := map[string]bool{}
	calls := map[string][]string{}
	for _, dir := range sorted(t.modules) {
		m := t.modules[dir]
		for _, name := range sorted(m.calls) {
			if to, ok := m.source(m.calls[name]); ok && to != dir && t.modules[to] != nil {
				called[to] = called[to] || !onTrial(dir, to)
				calls[dir] = append(calls[dir], to)
			}
		}
	}
	reached := map[string]bool{}
	var reach func(dir string)
	reach = func(dir string) {
		if !reached[dir] {
			reached[dir] = true
			for _, to := range calls[dir] {
				reach(to)
			}
		}
	}
	var out []string
	for _, circles := range []bool{false, true} {
		for _, dir := range sorted(t.modules) {
			own := !called[dir] || t.modules[dir].rooted || plans[dir] != nil
			if circles && !reached[dir] || !circles && own {
				out = append(out, dir)
				reach(dir)
			}
		}
	}
	return out
}
