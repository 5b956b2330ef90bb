package terraform

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// meta are what every resource may state and what says nothing about the thing itself.
var meta = map[string]bool{
	"count": true, "for_each": true, "provider": true, "depends_on": true, // arguments
	"lifecycle": true, "provisioner": true, "connection": true, "timeouts": true, // blocks
}

// stated lists the arguments and kinds of blocks that a resource states, sorted.
func (i *instance) stated() []string {
	all := map[string]bool{}
	for name := range i.block.Body.Attributes {
		all[name] = !meta[name]
	}
	for _, b := range i.block.Body.Blocks {
		all[blockName(b)] = !meta[blockName(b)]
	}
	for name, ok := range all {
		if !ok {
			delete(all, name)
		}
	}
	return sorted(all)
}

// attribute is a stated argument, or a list of the blocks of that name, or what can be computed from them; NilVal if there is none.
func (i *instance) attribute(name string) cty.Value {
	a := i.block.Body.Attributes[name]
	blocks := i.nested(i.block.Body, name)
	document := i.isDocument() && (name == "json" || name == "minified_json")
	if a == nil && blocks == nil && !document || meta[name] {
		return cty.NilVal
	}
	v := i.once(i.address+"."+name, i.block.DefRange(), func() cty.Value {
		switch {
		case document:
			return policyDocument(i)
		case a != nil:
			i.lines[name] = a.SrcRange
			return i.value(a.Expr, i.env)
		}
		return i.list(blocks, name, name, i.env)
	})
	if bare, _ := v.Unmark(); bare.IsNull() {
		return cty.NilVal
	}
	return v
}

// isDocument reports whether what is stated becomes a text of JSON.
func (i *instance) isDocument() bool {
	return i.block.Type == "data" && i.block.Labels[0] == "aws_iam_policy_document"
}

// nested lists the blocks of one name in a body, those to be made by "dynamic" included.
func (i *instance) nested(body *hclsyntax.Body, name string) []*hclsyntax.Block {
	var out []*hclsyntax.Block
	for _, b := range body.Blocks {
		if blockName(b) == name {
			out = append(out, b)
		}
	}
	return out
}

// Several marks an unknown element of a list of blocks: it stands for as many as a "dynamic" block makes.
type Several struct{}

// list is the list of objects that blocks of one name make. Where a "dynamic" block makes unknown ones it has an element for these, or
// is unknown as a whole if there are no others.
func (i *instance) list(blocks []*hclsyntax.Block, name, place string, env names) cty.Value {
	i.lines[place] = blocks[0].Range()
	var out []cty.Value
	add := func(b *hclsyntax.Block, body *hclsyntax.Body, env names) {
		at := place + "." + strconv.Itoa(len(out))
		i.lines[at] = b.Range()
		out = append(out, i.object(body, at, env))
	}
	for _, b := range blocks {
		if b.Type != "dynamic" {
			add(b, b.Body, env)
			continue
		}
		var content *hclsyntax.Block
		for _, inner := range b.Body.Blocks {
			if inner.Type == "content" {
				content = inner
			}
		}
		each := b.Body.Attributes["for_each"]
		if each == nil || content == nil {
			out = append(out, cty.DynamicVal.Mark(Several{}))
			continue
		}
		v, marks := i.value(each.Expr, env).Unmark()
		if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.LengthInt() > maxCopies || v.Type().IsSetType() && !v.IsWhollyKnown() {
			out = append(out, cty.DynamicVal.WithMarks(marks).Mark(Several{}))
			continue
		}
		iterator := name
		if a := b.Body.Attributes["iterator"]; a != nil {
			iterator = hcl.ExprAsKeyword(a.Expr)
		}
		for it := v.ElementIterator(); it.Next(); {
			key, item := it.Element()
			inner := names{iterator: cty.ObjectVal(names{"key": key, "value": item})}
			for name, v := range env {
				if _, hidden := inner[name]; !hidden {
					inner[name] = v
				}
			}
			add(content, content.Body, inner)
		}
	}
	if len(out) == 1 && isSeveral(out[0]) {
		bare, marks := out[0].Unmark()
		return bare.WithMarks(reasons(marks))
	}
	return cty.TupleVal(out)
}

func isSeveral(v cty.Value) bool {
	_, marks := v.Unmark()
	_, is := marks[Several{}]
	return is
}

// object is what one block states.
func (i *instance) object(body *hclsyntax.Body, place string, env names) cty.Value {
	out := map[string]cty.Value{}
	for _, name := range sorted(body.Attributes) {
		a := body.Attributes[name]
		i.lines[place+"."+name] = a.SrcRange
		v := i.value(a.Expr, env)
		if !v.IsWhollyKnown() && i.isDocument() {
			v = i.encoded(a.Expr, env)
		}
		if bare, _ := v.Unmark(); !bare.IsNull() {
			out[name] = v
		}
	}
	for _, b := range body.Blocks {
		if name := blockName(b); out[name] == cty.NilVal && !meta[name] {
			out[name] = i.list(i.nested(body, name), name, place+"."+name, env)
		}
	}
	return cty.ObjectVal(out)
}

// finish evaluates all that an instance states.
func (i *instance) finish() Instance {
	out := Instance{
		Root: i.root, Address: i.address, Type: i.block.Labels[0], Name: i.block.Labels[1], Data: i.block.Type == "data", Uncertain: i.unsure, Masked: i.mod.maskedBy(),
		Block: location(i.block.Range()), Lines: map[string]inventory.Location{},
	}
	values := map[string]cty.Value{}
	wanted := i.stated()
	if out.Data && out.Type == "aws_iam_policy_document" {
		wanted = append(wanted, "json")
	}
	for _, name := range wanted {
		if v := i.attribute(name); v != cty.NilVal {
			values[name] = settle(v)
		}
	}
	out.Values = cty.ObjectVal(values)
	if strings.HasPrefix(out.Type, "aws_") && !out.Data {
		if v := i.defaultTags(); v != cty.NilVal {
			out.DefaultTags = settle(v)
		}
	}
	for place, at := range i.lines {
		out.Lines[place] = location(at)
	}
	return out
}

// settle takes the marks off all that is known: they say why something is not. A collection keeps its kind only if it is known as a
// whole, for the elements of sets cannot be marked.
func settle(v cty.Value) cty.Value {
	if bare, _ := v.UnmarkDeep(); bare.IsWhollyKnown() {
		return bare
	}
	bare, marks := v.Unmark()
	switch {
	case !bare.IsKnown():
		return v
	case bare.Type().IsMapType() || bare.Type().IsObjectType():
		object := map[string]cty.Value{}
		for it := bare.ElementIterator(); it.Next(); {
			k, item := it.Element()
			object[k.AsString()] = settle(item.WithMarks(marks))
		}
		return cty.ObjectVal(object)
	case bare.CanIterateElements():
		var list []cty.Value
		for it := bare.ElementIterator(); it.Next(); {
			_, item := it.Element()
			list = append(list, settle(item.WithMarks(marks)))
		}
		return cty.TupleVal(list)
	}
	return bare
}

func location(r hcl.Range) inventory.Location {
	return inventory.Location{Path: r.Filename, StartLine: max(r.Start.Line, 1), EndLine: max(r.End.Line, r.Start.Line, 1)}
}
