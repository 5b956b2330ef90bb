package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// A Shape marks an unknown string of which more is known than how it begins: it is the text, with the markers of awspolicy in the
// place of what is not known. "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" names an account, whichever it is.
//
// Marks outlive what becomes of a string: each expression whose parts are marked is marked. So a Shape is made by a template or by
// refer only, passes through names, lists and objects, and is taken off by everything else. See shape.
type Shape string

// oneThing are attributes that name one thing for certain: they are not empty and hold no wildcard.
var oneThing = map[string]bool{
	"account_id": true, "arn": true, "dns_suffix": true, "id": true, "key_id": true, "partition": true, "region": true, "url": true,
}

// shape gives the result of an expression its Shapes, in all its parts, and takes off those that are not its own.
func (s *scope) shape(e hclsyntax.Expression, env names, v cty.Value) cty.Value {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return reshape(v, true)
	case *hclsyntax.TemplateExpr:
		return s.shapeText(e, env, reshape(v, false))
	}
	if weigh(v) > maxShaped || v.IsWhollyKnown() {
		return reshape(v, false)
	}
	item := func(e hclsyntax.Expression) cty.Value { return s.value(e, env) }
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		return s.shapeList(e, item)
	case *hclsyntax.ObjectConsExpr:
		if object, ok := s.shapeObject(e, env, knownKey, item); ok {
			return object
		}
	case *hclsyntax.FunctionCallExpr:
		if (e.Name == "jsonencode" || e.Name == "core::jsonencode") && len(e.Args) == 1 && !e.ExpandFinal {
			return encodeShaped(s.encoded(e.Args[0], env))
		}
	}
	return reshape(v, false)
}

// maxShaped is the weight of a value up to which its parts get Shapes, and the length of one. Policies are smaller.
const maxShaped = 64 << 10

// shapeText is the Shape of a template: its literal parts, and the Shapes of the others.
func (s *scope) shapeText(t *hclsyntax.TemplateExpr, env names, v cty.Value) cty.Value {
	if bare, _ := v.Unmark(); bare.IsKnown() || bare.Type() != cty.String {
		return v
	}
	var text strings.Builder
	for _, part := range t.Parts {
		if text.WriteString(shapeOf(s.value(part, env))); text.Len() > maxShaped {
			return v
		}
	}
	return v.Mark(Shape(text.String()))
}

// shapeList is a list whose items have Shapes of their own.
func (s *scope) shapeList(e *hclsyntax.TupleConsExpr, item func(hclsyntax.Expression) cty.Value) cty.Value {
	list := make([]cty.Value, len(e.Exprs))
	for i := range list {
		list[i] = item(e.Exprs[i])
	}
	return cty.TupleVal(list)
}

// shapeObject is an object whose members have Shapes of their own. Key says how a member is called; it is false for a name that is
// not known.
func (s *scope) shapeObject(e *hclsyntax.ObjectConsExpr, env names, key func(cty.Value) (string, bool), item func(hclsyntax.Expression) cty.Value) (cty.Value, bool) {
	object := map[string]cty.Value{}
	for _, i := range e.Items {
		k := i.KeyExpr
		if wrapped, is := k.(*hclsyntax.ObjectConsKeyExpr); is && (wrapped.ForceNonLiteral || hcl.ExprAsKeyword(wrapped.Wrapped) == "") {
			k = wrapped.Wrapped // what is no bare word
		}
		name, ok := key(s.value(k, env))
		if _, twice := object[name]; !ok || twice {
			return cty.NilVal, false
		}
		object[name] = item(i.ValueExpr)
	}
	return cty.ObjectVal(object), true
}

// encoded is a value that becomes JSON text. There a member whose name is not known goes by its Shape, which the text holds: the key
// of a condition of a trust policy, "${local.issuer}:sub".
func (s *scope) encoded(e hclsyntax.Expression, env names) cty.Value {
	item := func(e hclsyntax.Expression) cty.Value { return s.encoded(e, env) }
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return s.encoded(e.Expression, env)
	case *hclsyntax.TupleConsExpr:
		return s.shapeList(e, item)
	case *hclsyntax.ObjectConsExpr:
		if object, ok := s.shapeObject(e, env, shapedKey, item); ok {
			return object
		}
	case *hclsyntax.FunctionCallExpr:
		if lists[strings.TrimPrefix(e.Name, "core::")] && !e.ExpandFinal {
			if v := s.value(e, env); v.IsWhollyKnown() {
				return v
			}
			return joined(e.Args, strings.TrimPrefix(e.Name, "core::") == "flatten", item)
		}
	case *hclsyntax.ScopeTraversalExpr:
		if a, ok := s.definition(e.Traversal); ok {
			if v := s.value(e, env); v.IsWhollyKnown() {
				return v
			}
			return s.once(e.Traversal[1].(hcl.TraverseAttr).Name+" in a document", e.Range(), func() cty.Value { return s.encoded(a.Expr, nil) })
		}
	}
	return s.value(e, env)
}

// definition is that of the local value that a name is, and not a part of it.
func (s *scope) definition(t hcl.Traversal) (*hclsyntax.Attribute, bool) {
	if len(t) != 2 || t.RootName() != "local" {
		return nil, false
	}
	name, ok := t[1].(hcl.TraverseAttr)
	if !ok || s.mod.locals[name.Name] == nil {
		return nil, false
	}
	return s.mod.locals[name.Name], true
}

// lists are the functions that put lists together, or a list in another form. A document means the same whatever the order of a list
// is, and however often an item stands in it.
var lists = map[string]bool{"compact": true, "concat": true, "distinct": true, "flatten": true, "setunion": true, "sort": true, "tolist": true, "toset": true}

// joined is what such a function makes of lists for a text of JSON: a list that is not known stands in it as one item that is not known,
// so that the statements of a policy beside it, and the actions of one, can still be read.
func joined(parts []hclsyntax.Expression, deep bool, item func(hclsyntax.Expression) cty.Value) cty.Value {
	var out []cty.Value
	var add func(v cty.Value, level int)
	add = func(v cty.Value, level int) {
		list, marks := v.Unmark()
		ty := list.Type()
		if level == 0 || !list.IsKnown() || list.IsNull() || !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
			if level > 0 && !list.IsKnown() {
				v = cty.DynamicVal.WithMarks(marks)
			}
			out = append(out, v)
			return
		}
		for it := list.ElementIterator(); it.Next(); {
			_, inner := it.Element()
			add(inner.WithMarks(marks), level-1)
		}
	}
	level := 1
	if deep {
		level = -1 // whatever is a list in a list, too
	}
	for _, e := range parts {
		add(item(e), level)
	}
	return cty.TupleVal(out)
}

func knownKey(v cty.Value) (string, bool) {
	bare, _ := v.Unmark()
	text, err := convert.Convert(bare, cty.String)
	if err != nil || !text.IsKnown() || text.IsNull() {
		return "", false
	}
	return text.AsString(), true
}

func shapedKey(v cty.Value) (string, bool) {
	if name, ok := knownKey(v); ok {
		return name, true
	}
	bare, _ := v.Unmark()
	return shapeOf(v), !bare.IsKnown()
}

// shapeOf is what is known of a string, with markers in the place of the rest.
func shapeOf(v cty.Value) string {
	bare, marks := v.Unmark()
	if bare.IsKnown() {
		if text, err := convert.Convert(bare, cty.String); err == nil && !text.IsNull() {
			return text.AsString()
		}
		return awspolicy.Unknown
	}
	if bare.Type() != cty.String {
		return awspolicy.Unknown
	}
	found := awspolicy.Unknown
	shapes := 0
	for m := range marks {
		if shape, ok := m.(Shape); ok {
			found, shapes = string(shape), shapes+1
		}
	}
	if shapes != 1 {
		return bare.Range().StringPrefix() + awspolicy.Unknown
	}
	return found
}

// reshape takes the Shapes off a value: all of them, or those that do not stand on an unknown string itself, as after a conversion to
// a set, whose marks are those of all its members.
func reshape(v cty.Value, keep bool) cty.Value {
	if !anyShape(v) {
		return v
	}
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		bare, marks := v.Unmark()
		if keep && bare.Type() == cty.String && !bare.IsKnown() {
			return v, nil
		}
		kept := cty.ValueMarks{}
		for m := range marks {
			if _, ok := m.(Shape); !ok {
				kept[m] = struct{}{}
			}
		}
		return bare.WithMarks(kept), nil
	})
	if err != nil {
		return cty.DynamicVal
	}
	return out
}

func anyShape(v cty.Value) bool {
	bare, marks := v.Unmark()
	for m := range marks {
		if _, ok := m.(Shape); ok {
			return true
		}
	}
	if bare == cty.NilVal || !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return false
	}
	for it := bare.ElementIterator(); it.Next(); {
		if _, item := it.Element(); anyShape(item) {
			return true
		}
	}
	return false
}
