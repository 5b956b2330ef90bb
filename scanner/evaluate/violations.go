package evaluate

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// violations reads a set of denies.
func violations(denies ast.Set) []Violation {
	out := make([]Violation, 0, denies.Len())
	denies.Foreach(func(t *ast.Term) {
		if o, ok := t.Value.(ast.Object); ok {
			out = append(out, violation(o))
		}
	})
	return tidy(out)
}

// violation reads one deny. Its parts that were not constant come as a list of no or one value (see total); anything that is
// neither, such as what partial evaluation left of an unread fact, is not known.
func violation(o ast.Object) Violation {
	v := Violation{}
	o.Foreach(func(k, t *ast.Term) {
		switch name, _ := k.Value.(ast.String); name {
		case "message":
			s, _ := t.Value.(ast.String)
			v.Message = string(s)
		case "at":
			if s, ok := value(t).(string); ok && s != NotKnown {
				v.At = s
			}
		case "severity":
			if s, ok := value(t).(string); ok && finding.Severity(s).Rank() >= 0 {
				v.Severity = finding.Severity(s)
			}
		case "facts":
			facts, ok := t.Value.(ast.Object)
			if !ok {
				return
			}
			v.Facts = make(map[string]any, facts.Len())
			facts.Foreach(func(k, t *ast.Term) {
				name, _ := k.Value.(ast.String)
				v.Facts[string(name)] = value(t)
			})
		}
	})
	return v
}

// value is the JSON value of one part of a deny.
func value(t *ast.Term) any {
	list, ok := t.Value.(*ast.Array)
	switch {
	case ok && list.Len() == 1:
		t = list.Elem(0)
	case ok && list.Len() == 0:
		return NotKnown
	case !ast.IsConstant(t.Value):
		return NotKnown
	}
	if !ast.IsConstant(t.Value) {
		return NotKnown
	}
	v, err := ast.JSON(t.Value)
	if err != nil {
		return NotKnown
	}
	return natural(v)
}

// natural turns json.Number into int or float64.
func natural(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = natural(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = natural(v[k])
		}
	}
	return v
}

// tidy sorts violations by message and part and keeps one of each; facts on which two of them differ are not known, and of two
// severities the higher counts.
func tidy(vs []Violation) []Violation {
	slices.SortStableFunc(vs, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.At, b.At))
	})
	out := vs[:0]
	for _, v := range vs {
		if n := len(out); n > 0 && out[n-1].same(v) {
			out[n-1] = out[n-1].and(v)
			continue
		}
		out = append(out, v)
	}
	return out
}

func (v Violation) same(o Violation) bool { return v.Message == o.Message && v.At == o.At }

// and is what two violations that are the same say for certain.
func (v Violation) and(o Violation) Violation {
	v.Facts, v.Severity = agree(v.Facts, o.Facts), higher(v.Severity, o.Severity)
	return v
}

// higher is the higher of two severities that denies ask for, where "" asks for none below the rule's.
func higher(a, b finding.Severity) finding.Severity {
	switch {
	case a == "" || b == "":
		return ""
	case a.Rank() > b.Rank():
		return a
	}
	return b
}

// capped is the severity of a violation where the rule's is given, which it never exceeds.
func (v Violation) capped(rule finding.Severity) finding.Severity {
	if v.Severity == "" || v.Severity.Rank() > rule.Rank() {
		return rule
	}
	return v.Severity
}

// agree keeps the facts of which two violations say the same.
func agree(a, b map[string]any) map[string]any {
	if reflect.DeepEqual(a, b) {
		return a
	}
	out := make(map[string]any, len(a))
	for _, m := range []map[string]any{a, b} {
		for k := range m {
			if out[k] = a[k]; !reflect.DeepEqual(a[k], b[k]) {
				out[k] = NotKnown
			}
		}
	}
	return out
}

// common keeps the violations that all lists hold. Where they hold none in common, the subject fails all the same, and the rule's
// title says how.
func common(lists [][]Violation, title string) []Violation {
	var out []Violation
	for _, v := range lists[0] {
		everywhere := true
		for _, l := range lists[1:] {
			i := slices.IndexFunc(l, v.same)
			if i < 0 {
				everywhere = false
				break
			}
			v = v.and(l[i])
		}
		if everywhere {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		out = []Violation{{Message: title}}
	}
	return out
}
