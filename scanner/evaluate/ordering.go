package evaluate

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// orderings are the operators that ask for an order. Rego orders values of different types as well: every number comes before every
// text, so `age_days > "180"` would never hold, and a rule with such a slip would pass everything. Here only two numbers or two texts
// are in an order: lint refuses what it can tell (lint_order.go), and elsewhere evaluation ends in an error, which makes the verdict
// unknown.
var orderings = map[string]func(int) bool{
	ast.GreaterThan.Name:   func(c int) bool { return c > 0 },
	ast.GreaterThanEq.Name: func(c int) bool { return c >= 0 },
	ast.LessThan.Name:      func(c int) bool { return c < 0 },
	ast.LessThanEq.Name:    func(c int) bool { return c <= 0 },
}

// OPA keeps one table of built-in functions for the whole process, which is why this stands in an init.
func init() {
	for name, holds := range orderings {
		topdown.RegisterBuiltinFunc(name, func(_ topdown.BuiltinContext, args []*ast.Term, iter func(*ast.Term) error) error {
			if !ordered(args[0].Value, args[1].Value) {
				return fmt.Errorf("%s is compared with %s: only two numbers, or two texts, are in an order", typeOf(args[0].Value), typeOf(args[1].Value))
			}
			return iter(ast.InternedTerm(holds(args[0].Value.Compare(args[1].Value))))
		})
	}
}

func ordered(a, b ast.Value) bool {
	switch a.(type) {
	case ast.Number:
		_, same := b.(ast.Number)
		return same
	case ast.String:
		_, same := b.(ast.String)
		return same
	}
	return false
}

func typeOf(v ast.Value) string {
	switch v.(type) {
	case ast.Number:
		return "a number"
	case ast.String:
		return "a text"
	}
	return "a value of type " + ast.ValueName(v)
}
