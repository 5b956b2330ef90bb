package evaluate

import (
	"maps"
	"reflect"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// labelCase is one combination of what the open labels of a subject can be.
type labelCase struct {
	values   []string // in the order of view.open
	tier     string
	resource ast.Object
}

// cases lists every combination of the candidates of open labels. The tier brings its settings with it: as unknowns of their own the
// two would lose their connection.
func (v *view) cases() []labelCase {
	out := []labelCase{{tier: v.tier, resource: v.resource}}
	for _, l := range v.open {
		var next []labelCase
		for _, c := range out {
			for _, value := range l.candidates {
				n := labelCase{values: append(slices.Clone(c.values), value), tier: c.tier, resource: without(c.resource, ast.Ref{ast.StringTerm(l.name)})}
				if value != "" {
					n.resource = with(n.resource, ast.Ref{ast.StringTerm(l.name)}, ast.StringTerm(value))
				}
				if l.name == "tier" {
					n.tier = value
				}
				next = append(next, n)
			}
		}
		out = next
	}
	return out
}

// tierMatters reports whether the settings or the severity of a rule depend on a tier that cannot be told.
func (s *Subject) tierMatters(rl *rule) bool {
	for _, l := range s.open {
		if l.name != "tier" {
			continue
		}
		seen := map[finding.Severity]bool{}
		for _, tier := range l.candidates {
			seen[rl.SeverityFor(tier)] = true
			if !maps.EqualFunc(rl.settings[tier], rl.settings[s.tier], func(a, b any) bool { return reflect.DeepEqual(a, b) }) {
				return true
			}
		}
		return len(seen) > 1
	}
	return false
}

// differOnlyIn reports whether two cases differ in the k-th label alone.
func (c labelCase) differOnlyIn(o labelCase, k int) bool {
	for i := range c.values {
		if (c.values[i] != o.values[i]) != (i == k) {
			return false
		}
	}
	return true
}
