package terraform

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// An instance is one instance of a resource or data source.
type instance struct {
	*scope
	block   *hclsyntax.Block
	address string
	env     names
	unsure  []string // see Instance.Uncertain
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
	for _, i := range f.members {
		i.unsure = s.uncertain
		if f.mode == uncertain {
			i.unsure = s.conditions(b, i.address)
		}
	}
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
