package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
)

// hasFallback reports whether a name takes of a variable what the type of the variable has a text for: the default of an optional
// attribute, object({ password = optional(string, "text") }), holds also where a value of the variable is given.
func (s *scope) hasFallback(t hcl.Traversal) bool {
	if len(t) < 2 || t.RootName() != "var" {
		return false
	}
	a, ok := t[1].(hcl.TraverseAttr)
	if !ok || s.mod.variables[a.Name] == nil {
		return false
	}
	defaults := s.mod.variables[a.Name].optional
	for _, step := range t[2:] {
		if defaults == nil {
			return false
		}
		switch step := step.(type) {
		case hcl.TraverseAttr:
			if v, ok := defaults.DefaultValues[step.Name]; ok && shareIn(v, 1) != none {
				return true
			}
			defaults = defaults.Children[step.Name]
		default: // an element of a list or a map
			defaults = defaults.Children[""]
		}
	}
	return holdsText(defaults)
}

func holdsText(d *typeexpr.Defaults) bool {
	if d == nil {
		return false
	}
	for _, v := range d.DefaultValues {
		if shareIn(v, 1) != none {
			return true
		}
	}
	for _, child := range d.Children {
		if holdsText(child) {
			return true
		}
	}
	return false
}
