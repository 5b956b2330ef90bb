package terraform

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// A hole stands for what is unknown within JSON text while the text is read. Its characters are for private use: no text has them.
const (
	holeStart = "\ue000"
	holeEnd   = "\ue001"
)

// document reads a template that writes JSON although parts of it are unknown, such as a policy in a heredoc that names the ARN of
// a key. The result is as of encodeJSON. It is false for what is not JSON, and where an unknown part could be more than one value.
func document(t *hclsyntax.TemplateExpr, value func(hclsyntax.Expression) cty.Value) (cty.Value, bool) {
	var text strings.Builder
	var holes []cty.Value
	for _, part := range t.Parts {
		v, marks := value(part).Unmark()
		if !v.IsKnown() {
			quoted := insideString(text.String())
			if quoted && writesQuotes(part) {
				return cty.NilVal, false
			}
			hole := holeStart + strconv.Itoa(len(holes)) + holeEnd
			if !quoted {
				hole = `"` + hole + `"`
				if of, ok := decoded(v.WithMarks(marks)); ok {
					v = of
				} else {
					v = cty.DynamicVal
				}
			}
			holes = append(holes, v.WithMarks(marks))
			text.WriteString(hole)
			continue
		}
		piece, ok := asText(v)
		if !ok || strings.Contains(piece, holeStart) || text.Len() == 0 && !startsObject(piece) {
			return cty.NilVal, false
		}
		text.WriteString(piece)
		if text.Len() > maxWeight {
			return cty.NilVal, false
		}
	}
	read, ok := readJSON(text.String())
	if !ok || !read.Type().IsObjectType() {
		return cty.NilVal, false
	}
	return encodeShaped(fill(read, holes)), true
}

func startsObject(s string) bool { return strings.HasPrefix(strings.TrimSpace(s), "{") }

// insideString reports whether JSON text ends within a string.
func insideString(text string) bool {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		}
	}
	return quoted
}

// writesQuotes reports whether a part of a template could end the string that it stands in: it holds text with a quote.
func writesQuotes(e hclsyntax.Expression) bool {
	found := false
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if l, ok := n.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String && l.Val.IsKnown() && !l.Val.IsNull() {
			found = found || strings.Contains(l.Val.AsString(), `"`)
		}
		return nil
	})
	return found
}

// readJSON decodes a text of JSON. Of a text with unequal names in one object the last counts, as it does for AWS.
func readJSON(text string) (cty.Value, bool) {
	if !json.Valid([]byte(text)) || tooDeepJSON([]byte(text)) > 0 {
		return cty.NilVal, false
	}
	typ, err := ctyjson.ImpliedType([]byte(text))
	if err != nil {
		return cty.NilVal, false
	}
	v, err := ctyjson.Unmarshal([]byte(text), typ)
	return v, err == nil
}

// fill puts the unknown values in the place of their holes. Text around a hole makes an unknown string of which the beginning is known.
func fill(v cty.Value, holes []cty.Value) cty.Value {
	switch {
	case v.IsNull():
		return v
	case v.Type() == cty.String:
		return fillText(v.AsString(), holes)
	case v.Type().IsObjectType():
		object := map[string]cty.Value{}
		for it := v.ElementIterator(); it.Next(); {
			k, item := it.Element()
			name := shapeOf(fillText(k.AsString(), holes))
			if _, twice := object[name]; twice {
				return cty.DynamicVal
			}
			object[name] = fill(item, holes)
		}
		return cty.ObjectVal(object)
	case v.Type().IsTupleType():
		var list []cty.Value
		for it := v.ElementIterator(); it.Next(); {
			_, item := it.Element()
			list = append(list, fill(item, holes))
		}
		return cty.TupleVal(list)
	}
	return v
}

func fillText(text string, holes []cty.Value) cty.Value {
	before, rest, ok := strings.Cut(text, holeStart)
	if !ok {
		return cty.StringVal(text)
	}
	prefix, marks, first := before, []cty.ValueMarks{}, true
	var shape strings.Builder
	shape.WriteString(before)
	for ok {
		number, after, _ := strings.Cut(rest, holeEnd)
		n, err := strconv.Atoi(number)
		if err != nil || n >= len(holes) {
			return cty.DynamicVal
		}
		hole, m := holes[n].Unmark()
		marks = append(marks, m)
		if first && before == "" && after == "" { // the hole is all there is
			return holes[n]
		}
		if first && !hole.IsKnown() && hole.Type() == cty.String {
			prefix += hole.Range().StringPrefix()
		}
		first = false
		before, rest, ok = strings.Cut(after, holeStart)
		if shape.Len() <= maxShaped {
			shape.WriteString(shapeOf(holes[n]) + before)
		}
	}
	b := cty.UnknownVal(cty.String).Refine().NotNull()
	if prefix != "" {
		b = b.StringPrefixFull(prefix)
	}
	v := reshape(b.NewValue().WithMarks(marks...), false)
	if shape.Len() > maxShaped {
		return v
	}
	return v.Mark(Shape(shape.String()))
}
