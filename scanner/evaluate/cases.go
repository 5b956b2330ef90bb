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
	values   []string // in the order of the open labels
	tier     string
	resource ast.Object
}

// openFor lists the open labels that a rule's verdict or severity can hang on: those it refers to, and a tier on which its settings
// or its severity depend.
func (s *Subject) openFor(rl *rule) []openLabel {
	var out []openLabel
	for _, l := range s.open {
		if rl.program.reads.has(l.name) || l.name == "tier" && s.tierMatters(rl) {
			out = append(out, l)
		}
	}
	return out
}

// cases lists every combination of the candidates of open labels. The tier brings its settings with it: as unknowns of their own the
// two would lose their connection.
func (s *Subject) cases(open []openLabel) []labelCase {
	out := []labelCase{{tier: s.tier, resource: s.resource}}
	for _, l := range open {
		var next []labelCase
		for _, c := range out {
			for _, v := range l.candidates {
				n := labelCase{values: append(slices.Clone(c.values), v), tier: c.tier, resource: without(c.resource, ast.Ref{ast.StringTerm(l.name)})}
				if v != "" {
					n.resource = with(n.resource, ast.Ref{ast.StringTerm(l.name)}, ast.StringTerm(v))
				}
				if l.name == "tier" {
					n.tier = v
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
