package terraform

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// A block is what an instance, or one of its blocks, states.
type block struct {
	in     *Instance
	path   string // of the block within the instance, with a dot at its end: "rotation_policy.0."
	values cty.Value
}

func ofInstance(in *Instance) *block { return &block{in: in, values: in.Values} }

// raw is an argument with its marks; cty.NilVal when it is not stated.
func (b *block) raw(arg string) cty.Value {
	bare, marks := b.values.Unmark()
	if !bare.IsKnown() {
		return cty.DynamicVal.WithMarks(marks)
	}
	if bare.IsNull() {
		return cty.NilVal
	}
	var v cty.Value
	switch ty := bare.Type(); {
	case ty.IsObjectType() && ty.HasAttribute(arg):
		v = bare.GetAttr(arg)
	case ty.IsMapType() && bare.HasIndex(cty.StringVal(arg)).True():
		v = bare.Index(cty.StringVal(arg))
	default:
		return cty.NilVal
	}
	if known, _ := v.Unmark(); known.IsKnown() && known.IsNull() {
		return cty.NilVal
	}
	return v
}

// read is an argument as a value of a type, without marks: what is stated, else the provider's default, else cty.NilVal. Why says
// what keeps it from being known.
func (b *block) read(arg string, ty cty.Type) (v cty.Value, why string) {
	v = b.raw(arg)
	if v == cty.NilVal {
		return defaults[b.in.Type+"."+b.schema(arg)], ""
	}
	if bare, _ := v.UnmarkDeep(); bare.IsWhollyKnown() {
		if out, err := convert.Convert(bare, ty); err == nil {
			return out, ""
		}
		return cty.NilVal, fmt.Sprintf("%s%s is not a %s", b.path, arg, ty.FriendlyName())
	}
	return cty.NilVal, b.unresolved(arg, v)
}

// schema is the path of an argument without the numbers of blocks: "rotation_policy.expire_after".
func (b *block) schema(arg string) string {
	var names []string
	for name := range strings.SplitSeq(b.path+arg, ".") {
		if _, err := strconv.Atoi(name); err != nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, ".")
}

// unresolved says in a few words why a value is not known.
func (b *block) unresolved(arg string, v cty.Value) string {
	if v == cty.NilVal {
		return b.path + arg + " is not stated"
	}
	_, marks := v.UnmarkDeep()
	unset := ""
	for m := range marks {
		if plans, ok := m.(Disputed); ok {
			return fmt.Sprintf("%s%s is not the same in %s", b.path, arg, plans)
		}
		if u, ok := m.(Unset); ok && (unset == "" || string(u) < unset) {
			unset = string(u)
		}
	}
	if unset != "" {
		return unset + " has no value"
	}
	if refs := references(v); len(refs) > 0 {
		return fmt.Sprintf("%s%s comes from %s", b.path, arg, refs[0])
	}
	return fmt.Sprintf("%s%s cannot be resolved", b.path, arg)
}

// stated reports whether an argument is there, whatever its value. Sure is false where that cannot be told.
func (b *block) stated(arg string) (is, sure bool) {
	v := b.raw(arg)
	if v == cty.NilVal {
		return false, true
	}
	bare, _ := v.Unmark()
	return true, bare.IsKnown() || bare.Range().DefinitelyNotNull()
}

// first is the first of the given names that is stated, else the first of all: a provider renames arguments.
func (b *block) first(names ...string) string {
	for _, name := range names {
		if b.raw(name) != cty.NilVal {
			return name
		}
	}
	return names[0]
}

// blocks are the known blocks of a name, in order. Why says what keeps others from being known; of a known block anything may be unknown.
func (b *block) blocks(name string) (list []*block, why string) {
	v := b.raw(name)
	if v == cty.NilVal {
		return nil, ""
	}
	bare, marks := v.Unmark()
	ty := bare.Type()
	switch {
	case !bare.IsKnown():
		return nil, b.unresolved(name, v)
	case ty.IsListType(), ty.IsTupleType(), ty.IsSetType():
		for it := bare.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if isSeveral(element) {
				why = b.unresolved(name, element)
				continue
			}
			list = append(list, b.inner(name, len(list), element.WithMarks(marks)))
		}
		return list, why
	}
	return []*block{b.inner(name, 0, v)}, ""
}

func (b *block) inner(name string, i int, values cty.Value) *block {
	return &block{in: b.in, path: fmt.Sprintf("%s%s.%d.", b.path, name, i), values: values}
}

// block is the only block of a name; nil when there is none, or that cannot be told.
func (b *block) block(name string) (inner *block, why string) {
	list, why := b.blocks(name)
	if len(list) == 0 || why != "" {
		return nil, why
	}
	return list[0], ""
}

// text is an argument that is known to be a string; ok is false when it is not stated or not known.
func (b *block) text(arg string) (s string, ok bool) {
	v, why := b.read(arg, cty.String)
	if why != "" || v == cty.NilVal {
		return "", false
	}
	return v.AsString(), true
}
