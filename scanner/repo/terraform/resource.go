package terraform

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A family is what count or for_each makes of one block: resources, or modules.
type family[T any] struct {
	mode    mode
	keys    []string // of for_each
	members []T
}

type mode int

const (
	alone     mode = iota // neither count nor for_each
	counted               // [0], [1], ...
	keyed                 // ["a"], ["b"], ...
	uncertain             // how many there are cannot be resolved: one member stands for each that there would be
)

// expand makes a family of a block. Make is called with the end of each member's address and the names that its arguments may use.
func expand[T any](s *scope, b *hclsyntax.Block, address string, env names, made func(key string, env names) T) *family[T] {
	f := &family[T]{}
	one := func(key string, more names) { f.members = append(f.members, made(key, more)) }
	unsure := func(at hcl.Range, what string, marks cty.ValueMarks) {
		s.notes.unresolved(noteCount, at, fmt.Sprintf("%s of %q cannot be resolved, so it is judged as one", what, address))
		f.mode = uncertain
		one("", names{
			"count": cty.ObjectVal(names{"index": because(cty.Number, marks, "count.index")}),
			"each":  cty.ObjectVal(names{"key": because(cty.String, marks, "each.key"), "value": because(cty.DynamicPseudoType, marks, "each.value")}),
		})
	}
	if a := b.Body.Attributes["count"]; a != nil {
		v, marks := s.value(a.Expr, env).Unmark()
		n, ok := natural(v)
		if !ok || n > maxCopies {
			unsure(a.SrcRange, "count", marks)
			return f
		}
		f.mode = counted
		for i := range n {
			one("["+strconv.Itoa(i)+"]", names{"count": cty.ObjectVal(names{"index": cty.NumberIntVal(int64(i))})})
		}
		return f
	}
	a := b.Body.Attributes["for_each"]
	if a == nil {
		one("", nil)
		return f
	}
	v, marks := s.value(a.Expr, env).Unmark()
	if !iterable(v) || v.LengthInt() > maxCopies {
		unsure(a.SrcRange, "for_each", marks)
		return f
	}
	f.mode = keyed
	for it := v.ElementIterator(); it.Next(); {
		k, item := it.Element()
		key := k.AsString()
		f.keys = append(f.keys, key)
		one("["+quoteKey(key)+"]", names{"each": cty.ObjectVal(names{"key": cty.StringVal(key), "value": item})})
	}
	return f
}

// because is an unknown value for the reasons that another one is; if that gives none, for its own name.
func because(t cty.Type, marks cty.ValueMarks, name string) cty.Value {
	if len(marks) == 0 {
		return cty.UnknownVal(t).Mark(Unset(name))
	}
	return cty.UnknownVal(t).WithMarks(marks)
}

// natural is a number that counts something.
func natural(v cty.Value) (int, bool) {
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.Number {
		return 0, false
	}
	n, accuracy := v.AsBigFloat().Int64()
	return int(n), accuracy == 0 && n >= 0
}

// iterable reports whether for_each may go over a value: a map, an object, or a set of strings that are all known.
func iterable(v cty.Value) bool {
	if !v.IsKnown() || v.IsNull() {
		return false
	}
	t := v.Type()
	if t.IsSetType() {
		if !v.IsWhollyKnown() {
			return false
		}
		for it := v.ElementIterator(); it.Next(); {
			if k, item := it.Element(); k.Type() != cty.String || item.IsNull() {
				return false
			}
		}
		return true
	}
	return t.IsMapType() || t.IsObjectType()
}

// quoteKey writes a key as Terraform does in addresses.
func quoteKey(key string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(key))
}

// An instance is one instance of a resource or data source.
type instance struct {
	*scope
	block   *hclsyntax.Block
	address string
	env     names
	lines   map[string]hcl.Range
}

// family returns the instances of a resource of this module.
func (s *scope) family(label string) *family[*instance] {
	if f, ok := s.resources[label]; ok {
		return f
	}
	b := s.mod.resources[label]
	if _, busy := s.cells["count of "+label]; busy { // its count depends on itself
		s.notes.unresolved(noteCycle, b.DefRange(), fmt.Sprintf("%s depends on itself", label))
		return &family[*instance]{mode: uncertain}
	}
	s.cells["count of "+label] = &cell{}
	f := expand(s, b, s.path+label, nil, func(key string, env names) *instance {
		return &instance{scope: s, block: b, address: s.path + label + key, env: env, lines: map[string]hcl.Range{}}
	})
	s.resources[label] = f
	return f
}

// reference is the value of a resource for an expression that takes certain things of it.
func (s *scope) reference(label string, taken []hcl.Traversal) cty.Value {
	if s.mod.resources[label] == nil {
		return cty.DynamicVal.Mark(Reference(s.path + label))
	}
	f := s.family(label)
	if f.mode == uncertain {
		return indexed(Reference(s.path+label), taken)
	}
	wanted, all := map[string]bool{}, false
	for _, t := range taken {
		if name, ok := attribute(t, f.mode); ok {
			wanted[name] = true
		} else {
			all = true
		}
	}
	if all {
		return s.once("all of "+label, s.mod.resources[label].DefRange(), func() cty.Value {
			return f.value(func(i *instance) cty.Value { return i.offer(append(i.stated(), s.run.names...)) })
		})
	}
	return f.value(func(i *instance) cty.Value { return i.offer(sorted(wanted)) })
}

// indexed is the value of a resource of which it is not known how many there are, for an expression that takes one attribute each of
// certain ones: of aws_kms_key.this[0].arn more is known than of all of aws_kms_key.this.
func indexed(of Reference, taken []hcl.Traversal) cty.Value {
	all := cty.DynamicVal.Mark(of)
	object := map[string]map[string]cty.Value{}
	for _, t := range taken {
		if len(t) < 2 {
			return all
		}
		index, ok := t[0].(hcl.TraverseIndex)
		attribute, ok2 := t[1].(hcl.TraverseAttr)
		if !ok || !ok2 {
			return all
		}
		key, ok := asText(index.Key)
		if !ok {
			return all
		}
		if object[key] == nil {
			object[key] = map[string]cty.Value{}
		}
		object[key][attribute.Name] = refer(of, attribute.Name)
	}
	members := map[string]cty.Value{}
	for key, attributes := range object {
		members[key] = cty.ObjectVal(attributes)
	}
	return cty.ObjectVal(members)
}

// attribute is the name of the one attribute that a traversal takes of a resource, or of each instance of it; false if it takes more.
func attribute(t hcl.Traversal, m mode) (string, bool) {
	if len(t) > 0 && m != alone {
		if _, ok := t[0].(hcl.TraverseIndex); ok {
			t = t[1:]
		}
	}
	if len(t) == 0 {
		return "", false
	}
	a, ok := t[0].(hcl.TraverseAttr)
	return a.Name, ok
}

// value puts the members of a family together as an expression sees them.
func (f *family[T]) value(of func(T) cty.Value) cty.Value {
	switch f.mode {
	case alone:
		return of(f.members[0])
	case counted:
		list := make([]cty.Value, 0, len(f.members))
		for _, m := range f.members {
			list = append(list, of(m))
		}
		return cty.TupleVal(list)
	}
	object := make(map[string]cty.Value, len(f.members))
	for i, m := range f.members {
		object[f.keys[i]] = of(m)
	}
	return cty.ObjectVal(object)
}

// offer is an object with certain attributes: as stated, else to be told by an apply only.
func (i *instance) offer(wanted []string) cty.Value {
	object := make(map[string]cty.Value, len(wanted))
	for _, name := range wanted {
		v := i.attribute(name)
		if v == cty.NilVal {
			v = refer(Reference(i.address), name)
		}
		object[name] = v
	}
	return cty.ObjectVal(object)
}

// module is the value of a module call for an expression that takes certain outputs of it.
func (s *scope) module(name string, taken []hcl.Traversal) cty.Value {
	elsewhere := cty.DynamicVal.Mark(Reference(s.path + "module." + name))
	if s.mod.calls[name] == nil {
		return elsewhere
	}
	f := s.instances(name)
	if f.mode == uncertain {
		return elsewhere
	}
	wanted := map[string]bool{}
	for _, t := range taken {
		output, ok := attribute(t, f.mode)
		if !ok {
			for _, m := range f.members {
				for output := range m.mod.outputs {
					wanted[output] = true
				}
			}
			continue
		}
		wanted[output] = true
	}
	return f.value(func(m *scope) cty.Value {
		object := map[string]cty.Value{}
		for _, output := range sorted(wanted) {
			object[output] = m.output(output)
		}
		return cty.ObjectVal(object)
	})
}

func (s *scope) output(name string) cty.Value {
	a := s.mod.outputs[name]
	if a == nil {
		return cty.DynamicVal.Mark(Reference(strings.TrimSuffix(s.path, ".")))
	}
	return s.once("output."+name, a.SrcRange, func() cty.Value { return s.value(a.Expr, nil) })
}

// instances returns the instances of a module that this one calls; none of a module that is not in the repository.
func (s *scope) instances(name string) *family[*scope] {
	if f, ok := s.children[name]; ok {
		return f
	}
	b := s.mod.calls[name]
	none := &family[*scope]{mode: uncertain}
	s.children[name] = none // what its count makes of itself
	dir, local := s.mod.source(b)
	mod := s.tree.modules[dir]
	switch {
	case !local:
		s.notes.unresolved(noteModule, b.DefRange(), fmt.Sprintf("module %q comes from outside of this repository", name))
		return none
	case mod == nil:
		s.notes.unresolved(noteModule, b.DefRange(), fmt.Sprintf("module %q names a folder without configuration that can be read", name))
		return none
	}
	for up := s; up != nil; up = up.above {
		if up.mod == mod {
			s.notes.unresolved(noteCycle, b.DefRange(), fmt.Sprintf("module %q calls itself, directly or through others", name))
			return none
		}
	}
	f := expand(s, b, s.path+"module."+name, nil, func(key string, env names) *scope {
		child := s.run.scope(mod, s.path+"module."+name+key+".")
		child.above, child.call, child.env, child.dir = s, b, env, relative(s.root, dir)
		return child
	})
	s.children[name] = f
	return f
}

// relative is the path to a folder from the root module, as Terraform shows it in path.module.
func relative(root, dir string) string {
	from, to := strings.Split(path.Join("/", root), "/"), strings.Split(path.Join("/", dir), "/")
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to = from[1:], to[1:]
	}
	from = slices.DeleteFunc(from, func(s string) bool { return s == "" })
	return path.Join(strings.Repeat("../", len(from)) + strings.Join(to, "/"))
}
