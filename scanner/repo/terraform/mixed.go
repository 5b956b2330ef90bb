package terraform

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// Mixed marks what cannot be resolved although text of the code goes into it: var.x ? "one" : local.y. That text may be a secret. What
// comes from elsewhere as a whole has no such mark.
type Mixed struct{}

// Written marks what cannot be resolved but is text of the code whichever way it goes: var.x ? "one" : "other". Unlike other marks it
// is taken off again by each expression that is more than a name.
type Written struct{}

// A share is how much of a value is text of the code.
type share int

const (
	none share = iota
	some
	whole
)

// mixed marks a value that is not known by how much of it is text of the expression, or of what the expression names.
func (s *scope) mixed(e hclsyntax.Expression, ctx *hcl.EvalContext, v cty.Value) cty.Value {
	bare, marks := v.Unmark()
	if bare.IsKnown() {
		return v
	}
	if t, ok := e.(*hclsyntax.ScopeTraversalExpr); ok && s.hasFallback(t.Traversal) {
		return v.Mark(Mixed{})
	}
	if isName(e) {
		return v
	}
	if _, ok := marks[Written{}]; ok {
		kept := cty.ValueMarks{}
		for m := range marks {
			if m != (Written{}) {
				kept[m] = struct{}{}
			}
		}
		v = bare.WithMarks(kept)
	}
	switch s.shareOf(e, ctx, 1) {
	case some:
		return v.Mark(Mixed{})
	case whole:
		return v.Mark(Written{})
	}
	return v
}

func isName(e hclsyntax.Expression) bool {
	switch e.(type) {
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr:
		return true
	}
	return false
}

// telling is how long a text has to be to count where it is joined with others: separators and formats are shorter, secrets are not.
const telling = 4

// verbs are those of format().
var verbs = regexp.MustCompile(`%[-+# 0]*[\d*.\[\]]*[a-zA-Z%]`)

// picks are the functions whose result is one of their arguments, from the one with a number on.
var picks = map[string]int{"coalesce": 0, "try": 0, "lookup": 2, "nonsensitive": 0, "sensitive": 0, "tostring": 0}

// tells are the arguments of functions that say what to do with another one and are no part of the result.
var tells = map[string]int{
	"element": 1, "formatdate": 0, "index": 1, "lookup": 1, "regex": 0, "regexall": 0, "replace": 1, "slice": 1, "split": 0, "substr": 1, "trim": 1,
	"trimprefix": 1, "trimsuffix": 1,
}

// shareOf tells how much of what an expression comes to is text of the code, of at least a number of characters. Conditions and keys
// choose a value and are no part of it.
func (s *scope) shareOf(e hclsyntax.Expression, ctx *hcl.EvalContext, least int) share {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return shareIn(e.Val, least)
	case *hclsyntax.ScopeTraversalExpr:
		if s.hasFallback(e.Traversal) {
			return some
		}
		if v, diags := e.Traversal.TraverseAbs(ctx); !diags.HasErrors() {
			return shareIn(v, least)
		}
		return none
	case *hclsyntax.ParenthesesExpr:
		return s.shareOf(e.Expression, ctx, least)
	case *hclsyntax.TemplateWrapExpr:
		return s.shareOf(e.Wrapped, ctx, least)
	case *hclsyntax.RelativeTraversalExpr:
		return s.shareOf(e.Source, ctx, least)
	case *hclsyntax.IndexExpr:
		return s.shareOf(e.Collection, ctx, least)
	case *hclsyntax.SplatExpr:
		return s.shareOf(e.Source, ctx, least)
	case *hclsyntax.ForExpr:
		return min(some, max(s.shareOf(e.CollExpr, ctx, least), s.shareOf(e.ValExpr, ctx, least)))
	case *hclsyntax.ConditionalExpr:
		return either(s.shareOf(e.TrueResult, ctx, least), s.shareOf(e.FalseResult, ctx, least))
	case *hclsyntax.TemplateExpr:
		if len(e.Parts) > 1 {
			least = telling
		}
		return s.sharesOf(e.Parts, ctx, least)
	case *hclsyntax.TemplateJoinExpr:
		return min(some, s.shareOf(e.Tuple, ctx, telling))
	case *hclsyntax.TupleConsExpr:
		return s.sharesOf(e.Exprs, ctx, least)
	case *hclsyntax.ObjectConsExpr:
		values := make([]hclsyntax.Expression, len(e.Items))
		for i, item := range e.Items {
			values[i] = item.ValueExpr
		}
		return s.sharesOf(values, ctx, least)
	case *hclsyntax.FunctionCallExpr:
		return s.shareOfCall(e, ctx, least)
	}
	return none // numbers and truth values
}

func (s *scope) shareOfCall(e *hclsyntax.FunctionCallExpr, ctx *hcl.EvalContext, least int) share {
	name := strings.TrimPrefix(e.Name, "core::")
	if first, ok := picks[name]; ok && len(e.Args) > 0 {
		found := s.shareOf(e.Args[0], ctx, least)
		for _, a := range e.Args[min(max(first, 1), len(e.Args)):] {
			found = either(found, s.shareOf(a, ctx, least))
		}
		return found
	}
	if l, ok := textOfLiteral(e.Args); ok && (name == "format" || name == "formatlist") && len(verbs.ReplaceAllString(l, "")) < telling {
		return min(some, s.sharesOf(e.Args[1:], ctx, telling))
	}
	told, ok := tells[name]
	found := none
	for i, a := range e.Args {
		if !ok || i != told {
			found = max(found, min(some, s.shareOf(a, ctx, telling)))
		}
	}
	return found
}

// textOfLiteral is the first of some arguments, if it is a plain text.
func textOfLiteral(args []hclsyntax.Expression) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	t, ok := args[0].(*hclsyntax.TemplateExpr)
	if !ok || !t.IsStringLiteral() {
		return "", false
	}
	v, _ := t.Value(nil)
	return v.AsString(), true
}

// either is the share of a value that is one of two.
func either(a, b share) share {
	if a == b {
		return a
	}
	return some
}

// sharesOf is the share of what is made of several parts.
func (s *scope) sharesOf(parts []hclsyntax.Expression, ctx *hcl.EvalContext, least int) share {
	all, found := whole, none
	for _, p := range parts {
		one := s.shareOf(p, ctx, least)
		all, found = min(all, one), max(found, one)
	}
	if found == whole && all != whole {
		return some
	}
	return found
}

// shareIn tells how much of a value is text of the code.
func shareIn(v cty.Value, least int) share {
	bare, marks := v.Unmark()
	if _, ok := marks[Mixed{}]; ok {
		return some
	}
	if _, ok := marks[Written{}]; ok {
		return whole
	}
	switch {
	case bare == cty.NilVal || !bare.IsKnown() || bare.IsNull() || bare.Type() == cty.Bool:
		return none
	case bare.Type().IsPrimitiveType():
		if text, err := convert.Convert(bare, cty.String); err == nil && len(text.AsString()) >= least {
			return whole
		}
	case bare.CanIterateElements():
		all, found := whole, none
		for it := bare.ElementIterator(); it.Next(); {
			_, item := it.Element()
			one := shareIn(item, least)
			all, found = min(all, one), max(found, one)
		}
		if found == whole && all != whole {
			return some
		}
		return found
	}
	return none
}

// shareOfUnknown is the share of a value that is not known, by its marks or as its Shape tells.
func shareOfUnknown(v cty.Value) share {
	bare, marks := v.UnmarkDeep()
	if _, ok := marks[Written{}]; ok && !bare.IsKnown() {
		return whole
	}
	if _, ok := marks[Mixed{}]; ok {
		return some
	}
	if bare.IsKnown() {
		return none
	}
	around := strings.NewReplacer(awspolicy.Unknown, "", awspolicy.Computed, "").Replace(shapeOf(v))
	if len(around) >= telling && !strings.HasPrefix(around, "arn:") {
		return some
	}
	return none
}

// reasons are the marks that say why a value is not known.
func reasons(marks cty.ValueMarks) cty.ValueMarks {
	out := cty.ValueMarks{}
	for m := range marks {
		switch m.(type) {
		case Mixed, Written, Several, Disputed:
		default:
			out[m] = struct{}{}
		}
	}
	return out
}
