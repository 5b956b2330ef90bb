package evaluate

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
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
				n := labelCase{values: append(slices.Clone(c.values), value), tier: c.tier, resource: without(c.resource, []ast.Ref{{ast.StringTerm(l.name)}})}
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

// tierMatters reports whether the settings of a rule depend on a tier that cannot be told. The severity may as well: see view.severity.
func (s *Subject) tierMatters(rl *rule) bool {
	for _, l := range s.open {
		if l.name != "tier" {
			continue
		}
		for _, tier := range l.candidates {
			if rl.terms[tier] != rl.terms[s.tier] {
				return true
			}
		}
	}
	return false
}

// distinct is the label with one tier of those that bring equal settings.
func (l openLabel) distinct(terms map[string]*ast.Term) openLabel {
	var kept []string
	for _, tier := range l.candidates {
		if !slices.ContainsFunc(kept, func(k string) bool { return terms[k] == terms[tier] }) {
			kept = append(kept, tier)
		}
	}
	l.candidates = kept
	return l
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
