package terraform

import (
	"math"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Few lines of HCL can ask for more than any machine has: locals that each name another twice, loops within loops. These bounds are
// far above what infrastructure is described with.
const (
	maxWeight = 2 << 20 // of one value, in bytes, more or less
	maxTurns  = 1 << 20 // of all loops of an expression
	maxLooped = 1 << 33 // bytes that an expression handles if each turn handles all that it names
	maxCopied = 1 << 28 // bytes that an expression copies if each name in it copies all that it names
	maxCopies = 10_000  // of a resource or module, by count or for_each
	maxTotal  = 100_000 // instances of one repository
)

// weigh estimates what a value takes in memory if it shares nothing. It stops counting above maxWeight.
func weigh(v cty.Value) int {
	total := 0
	var add func(v cty.Value)
	add = func(v cty.Value) {
		total += 16
		if total > maxWeight {
			return
		}
		v, _ = v.Unmark()
		switch {
		case v == cty.NilVal || !v.IsKnown() || v.IsNull():
		case v.Type() == cty.String:
			total += len(v.AsString())
		case v.CanIterateElements():
			for it := v.ElementIterator(); it.Next() && total <= maxWeight; {
				k, item := it.Element()
				if k.Type() == cty.String && k.IsKnown() {
					total += len(k.AsString())
				}
				add(item)
			}
		}
	}
	add(v)
	return total
}

// costly estimates from the nesting of loops and from what they may loop over whether an expression can be evaluated in short time.
func costly(e hclsyntax.Expression, ctx *hcl.EvalContext) bool {
	l := &loops{}
	_ = hclsyntax.Walk(e, l)
	if l.deepest == 0 && l.references < 30 {
		return false
	}
	longest, weight := l.literal, 0
	for _, v := range ctx.Variables {
		longest = max(longest, longestIn(v))
		weight += weigh(v)
	}
	turns := math.Pow(float64(longest), float64(l.deepest))
	return turns > maxTurns || turns*float64(weight) > maxLooped || l.references*weight > maxCopied
}

// loops counts what multiplies the work of an expression.
type loops struct {
	depth, deepest int // of loops within each other
	references     int
	literal        int // the longest list that the expression itself makes
}

func (l *loops) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.ForExpr:
		l.depth++
	case *hclsyntax.FunctionCallExpr:
		switch n.Name {
		case "range":
			l.literal = max(l.literal, 1024)
		case "setproduct":
			l.depth += len(n.Args) - 1
			l.deepest = max(l.deepest, l.depth+1)
		}
	case *hclsyntax.ScopeTraversalExpr:
		l.references++
	case *hclsyntax.TupleConsExpr:
		l.literal = max(l.literal, len(n.Exprs))
	case *hclsyntax.ObjectConsExpr:
		l.literal = max(l.literal, len(n.Items))
	}
	l.deepest = max(l.deepest, l.depth)
	return nil
}

func (l *loops) Exit(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.ForExpr:
		l.depth--
	case *hclsyntax.FunctionCallExpr:
		if n.Name == "setproduct" {
			l.depth -= len(n.Args) - 1
		}
	}
	return nil
}

// longestIn is the length of the longest list, map or set in a value.
func longestIn(v cty.Value) int {
	v, _ = v.Unmark()
	if v == cty.NilVal || !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return 0
	}
	longest := v.LengthInt()
	for it := v.ElementIterator(); it.Next(); {
		_, item := it.Element()
		longest = max(longest, longestIn(item))
	}
	return longest
}
