package cloudformation

import (
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A truth is whether a condition holds; unsure with the reason.
type truth struct {
	is  certain
	why string
}

// certain is ordered so that "and" is the least of several and "or" the greatest.
type certain int

const (
	no certain = iota
	unsure
	yes
)

func sure(b bool) truth {
	if b {
		return truth{is: yes}
	}
	return truth{is: no}
}

func unsureWhy(format string, args ...any) truth {
	return truth{is: unsure, why: fmt.Sprintf(format, args...)}
}

// condition is whether a condition of the template holds.
func (t *template) condition(name string) truth {
	if known, ok := t.conditions[name]; ok {
		return known
	}
	n := t.root.Get("Conditions", name)
	if n == nil {
		return unsureWhy("the condition %q is not declared", name)
	}
	if t.asked >= maxAsks {
		return unsureWhy("the condition %q rests on too many others", name)
	}
	t.conditions[name] = unsureWhy("the condition %q rests on itself", name) // until it is known
	t.asked++
	known := t.holds(n)
	t.asked--
	t.conditions[name] = known
	return known
}

// holds resolves a function of a condition.
func (t *template) holds(n *yamlnode.Node) truth {
	if !t.spend(1) {
		return unsureWhy("the template asks for too much")
	}
	name, arg, ok := call(n)
	if n.Tag == "" && n.Kind == yamlnode.Map && len(n.Keys) == 1 && n.Keys[0].Text == "Condition" {
		name, arg, ok = "Condition", n.Values[0], true
	}
	if !ok {
		return unsureWhy("a condition is no function")
	}
	switch name {
	case "Condition":
		if id, ok := arg.Str(); ok {
			return t.condition(id)
		}
	case "Equals":
		if len(arg.Items) == 2 {
			return equals(t.eval(arg.Items[0]), t.eval(arg.Items[1]))
		}
	case "Not":
		if len(arg.Items) == 1 {
			inner := t.holds(arg.Items[0])
			inner.is = yes - inner.is
			return inner
		}
	case "And", "Or":
		if len(arg.Items) > 0 {
			return t.several(arg.Items, name == "And")
		}
	}
	return unsureWhy("Fn::%s in a condition is not resolved", name)
}

func (t *template) several(items []*yamlnode.Node, and bool) truth {
	out := t.holds(items[0])
	for _, item := range items[1:] {
		one := t.holds(item)
		if and && one.is < out.is || !and && one.is > out.is {
			out = one
		}
	}
	return out
}

func equals(a, b value) truth {
	left, ok := a.known()
	right, ok2 := b.known()
	if ok && ok2 {
		return sure(left == right)
	}
	if a.form == list && b.form == list && a.reason() == "" && b.reason() == "" {
		return sure(a.asJSON() == b.asJSON())
	}
	a.from(b)
	return unsureWhy("%s", a.reason())
}
