package terraform

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// own adds the statement blocks.
func (p *policy) own(blocks cty.Value) {
	if blocks == cty.NilVal {
		return
	}
	list, marks := blocks.Unmark()
	if !list.IsKnown() || !list.CanIterateElements() {
		p.unknown(marks, true)
		return
	}
	for it := list.ElementIterator(); it.Next(); {
		_, block := it.Element()
		if bare, marks := block.Unmark(); !bare.IsKnown() {
			p.unknown(reasons(marks), false)
			continue
		}
		p.put(statement(block))
	}
}

// statement is a block as JSON has it. The provider writes the variables of AWS, "&{aws:username}" in HCL, as AWS does.
func statement(block cty.Value) cty.Value {
	out := map[string]cty.Value{"Effect": cty.StringVal("Allow")}
	for from, to := range map[string]string{
		"sid": "Sid", "effect": "Effect", "actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource",
	} {
		if v := field(block, from); v != cty.NilVal {
			out[to] = v
		}
	}
	for _, name := range []string{"Resource", "NotResource"} {
		if v, ok := out[name]; ok {
			out[name] = variables(v)
		}
	}
	if v := principals(field(block, "principals")); v != cty.NilVal {
		out["Principal"] = v
	}
	if v := principals(field(block, "not_principals")); v != cty.NilVal {
		out["NotPrincipal"] = v
	}
	if v := conditions(field(block, "condition")); v != cty.NilVal {
		out["Condition"] = v
	}
	return cty.ObjectVal(out)
}

// variables writes "&{" as "${" in all that is known of a value.
func variables(v cty.Value) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		bare, marks := v.Unmark()
		if bare.Type() != cty.String || !bare.IsKnown() || bare.IsNull() {
			return v, nil
		}
		return cty.StringVal(strings.ReplaceAll(bare.AsString(), "&{", "${")).WithMarks(marks), nil
	})
	if err != nil {
		return cty.DynamicVal
	}
	return out
}

// field is what a block states; NilVal if it does not.
func field(block cty.Value, name string) cty.Value {
	if !block.Type().IsObjectType() || !block.Type().HasAttribute(name) {
		return cty.NilVal
	}
	v := block.GetAttr(name)
	if bare, _ := v.Unmark(); bare.IsNull() || bare.IsKnown() && bare.CanIterateElements() && bare.LengthInt() == 0 {
		return cty.NilVal
	}
	return v
}

// principals are {type: identifiers}. The provider writes type "*" with identifiers "*" as plain "*": anybody, also without a login.
func principals(blocks cty.Value) cty.Value {
	if blocks == cty.NilVal {
		return cty.NilVal
	}
	if bare, _ := blocks.Unmark(); !bare.IsKnown() {
		return blocks
	}
	byType := map[string]cty.Value{}
	for it := blocks.ElementIterator(); it.Next(); {
		_, block := it.Element()
		typ, ok := knownText(field(block, "type"))
		ids := field(block, "identifiers")
		if !ok || ids == cty.NilVal {
			return cty.DynamicVal
		}
		if typ == "*" {
			if id, ok := onlyText(ids); ok && id == "*" {
				return cty.StringVal("*")
			}
			if bare, _ := ids.UnmarkDeep(); !bare.IsWhollyKnown() {
				return cty.DynamicVal
			}
		}
		byType[typ] = both(byType[typ], variables(ids))
	}
	return cty.ObjectVal(byType)
}

// conditions are {test: {variable: values}}.
func conditions(blocks cty.Value) cty.Value {
	if blocks == cty.NilVal {
		return cty.NilVal
	}
	if bare, _ := blocks.Unmark(); !bare.IsKnown() {
		return blocks
	}
	tests := map[string]map[string]cty.Value{}
	for it := blocks.ElementIterator(); it.Next(); {
		_, block := it.Element()
		test, ok := knownText(field(block, "test"))
		variable, values := field(block, "variable"), field(block, "values")
		if !ok || variable == cty.NilVal || values == cty.NilVal {
			return cty.DynamicVal
		}
		if tests[test] == nil {
			tests[test] = map[string]cty.Value{}
		}
		key := shapeOf(variable)
		tests[test][key] = both(tests[test][key], variables(values))
	}
	out := map[string]cty.Value{}
	for test, variables := range tests {
		out[test] = cty.ObjectVal(variables)
	}
	return cty.ObjectVal(out)
}

// both is one list of two; unknown if one of them is.
func both(a, b cty.Value) cty.Value {
	if a == cty.NilVal {
		return b
	}
	var all []cty.Value
	for _, v := range []cty.Value{a, b} {
		bare, marks := v.Unmark()
		if !bare.IsKnown() || !bare.CanIterateElements() {
			return cty.DynamicVal.WithMarks(marks)
		}
		for it := bare.ElementIterator(); it.Next(); {
			_, item := it.Element()
			all = append(all, item.WithMarks(marks))
		}
	}
	return cty.TupleVal(all)
}

func knownText(v cty.Value) (string, bool) {
	if v == cty.NilVal {
		return "", false
	}
	bare, _ := v.Unmark()
	return asText(bare)
}

// asText is a known value as a template would write it.
func asText(v cty.Value) (string, bool) {
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil || !text.IsKnown() {
		return "", false
	}
	return text.AsString(), true
}

// onlyText is the one element of a list of one.
func onlyText(list cty.Value) (string, bool) {
	bare, _ := list.UnmarkDeep()
	if !bare.IsKnown() || !bare.CanIterateElements() || bare.LengthInt() != 1 {
		return "", false
	}
	for it := bare.ElementIterator(); it.Next(); {
		_, v := it.Element()
		return asText(v)
	}
	return "", false
}
