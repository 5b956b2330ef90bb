package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxParts is how many elements of a loop are evaluated one by one.
const maxParts = 1000

// parts evaluates the arguments of a call, or the turns of a loop, by themselves, so that each part of the result that is not known
// has its own marks. The library evaluates them as one and knows only the names in them. Ok is false where it has to do.
func (s *scope) parts(e hclsyntax.Expression, env names, ctx *hcl.EvalContext) (v cty.Value, ok bool) {
	switch e := e.(type) {
	case *hclsyntax.FunctionCallExpr:
		switch strings.TrimPrefix(e.Name, "core::") {
		case "try", "can", "jsonencode": // the first two take expressions; for the last, see shape
			return cty.NilVal, false
		}
		call := *e
		call.Args = make([]hclsyntax.Expression, len(e.Args))
		for i, a := range e.Args {
			call.Args[i] = &hclsyntax.LiteralValueExpr{Val: s.value(a, env), SrcRange: a.Range()}
		}
		v, diags := evaluate(&call, ctx)
		return v, !diags.HasErrors()
	case *hclsyntax.ForExpr:
		return s.loop(e, env)
	}
	return cty.NilVal, false
}

func (s *scope) loop(e *hclsyntax.ForExpr, env names) (cty.Value, bool) {
	list, marks := s.value(e.CollExpr, env).Unmark()
	if !list.IsKnown() || list.IsNull() || !list.CanIterateElements() || list.LengthInt() > maxParts || list.Type().IsSetType() && !list.IsWhollyKnown() || e.Group || len(marks) > 0 {
		return cty.NilVal, false
	}
	object, tuple := map[string]cty.Value{}, []cty.Value{}
	for it := list.ElementIterator(); it.Next(); {
		key, item := it.Element()
		inner := names{}
		for name, v := range env {
			inner[name] = v
		}
		if inner[e.ValVar] = item; e.KeyVar != "" {
			inner[e.KeyVar] = key
		}
		if e.CondExpr != nil {
			bare, _ := s.value(e.CondExpr, inner).Unmark()
			yes, known := asText(bare)
			if !known {
				return cty.NilVal, false
			}
			if yes != "true" {
				continue
			}
		}
		if e.KeyExpr == nil {
			tuple = append(tuple, s.value(e.ValExpr, inner))
			continue
		}
		bare, _ := s.value(e.KeyExpr, inner).Unmark()
		name, known := asText(bare)
		if _, twice := object[name]; !known || twice {
			return cty.NilVal, false
		}
		object[name] = s.value(e.ValExpr, inner)
	}
	if e.KeyExpr == nil {
		return cty.TupleVal(tuple), true
	}
	return cty.ObjectVal(object), true
}
