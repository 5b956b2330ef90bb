package terraform

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

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
		s.hand(name)
		return none
	case mod == nil:
		s.notes.unresolved(noteModule, b.DefRange(), fmt.Sprintf("module %q names a folder without configuration that can be read", name))
		s.hand(name)
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
	for _, child := range f.members {
		child.uncertain = s.uncertain
		if f.mode == uncertain {
			child.uncertain = s.conditions(b, child.path)
		}
	}
	s.children[name] = f
	return f
}

// hand notes the resources that a module which is not read is given: it may add to what they are.
func (s *scope) hand(name string) {
	why := fmt.Sprintf("%smodule.%s is given it and is not read", s.path, name)
	for _, a := range s.mod.calls[name].Body.Attributes {
		for _, t := range a.Expr.Variables() {
			if len(t) > 1 {
				if attr, ok := t[1].(hcl.TraverseAttr); ok && s.mod.resources[t.RootName()+"."+attr.Name] != nil {
					s.handed[withoutKeys(s.path+t.RootName()+"."+attr.Name)] = why
				}
			}
		}
		if meta[a.Name] || a.Name == "source" || a.Name == "providers" {
			continue
		}
		for _, r := range references(s.value(a.Expr, names{"each": cty.DynamicVal, "count": cty.DynamicVal})) {
			s.handed[withoutKeys(string(r))] = why
		}
	}
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
