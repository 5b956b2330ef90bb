package terraform

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// policyDocument is the attribute json of a data.aws_iam_policy_document: the document that its arguments describe.
//
//	source_policy_documents, then the statements, then override_policy_documents;
//	a later statement with the sid of an earlier one takes its place
//
// The source is https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document.
func policyDocument(i *instance) cty.Value {
	p := &policy{}
	for _, name := range []string{"source_json", "source_policy_documents"} { // source_json is of provider versions before 4
		p.merge(i.attribute(name), false)
	}
	p.own(i.attribute("statement"))
	for _, name := range []string{"override_json", "override_policy_documents"} {
		p.merge(i.attribute(name), true)
	}
	document := map[string]cty.Value{"Version": cty.StringVal("2012-10-17"), "Statement": cty.TupleVal(p.statements)}
	if v := i.attribute("version"); v != cty.NilVal {
		document["Version"] = v
	}
	if v := i.attribute("policy_id"); v != cty.NilVal {
		document["Id"] = v
	}
	return encodeShaped(cty.ObjectVal(document))
}

// A policy is a list of statements, each an object as JSON has it, or unknown.
type policy struct{ statements []cty.Value }

// merge adds the statements of other documents: JSON texts, or one.
func (p *policy) merge(documents cty.Value, override bool) {
	if documents == cty.NilVal {
		return
	}
	bare, marks := documents.Unmark()
	if bare.Type() == cty.String || !bare.IsKnown() || !bare.CanIterateElements() {
		p.include(documents, override)
		return
	}
	for it := bare.ElementIterator(); it.Next(); {
		_, text := it.Element()
		p.include(text.WithMarks(marks), override)
	}
}

// include adds the statements of one document.
func (p *policy) include(text cty.Value, override bool) {
	bare, marks := text.Unmark()
	if bare.IsNull() || bare.IsKnown() && bare.Type() == cty.String && bare.AsString() == "" {
		return
	}
	read, ok := decoded(text)
	if !ok && bare.IsKnown() && bare.Type() == cty.String {
		read, ok = readJSON(bare.AsString())
	}
	if !ok || !read.Type().IsObjectType() {
		p.unknown(marks, override)
		return
	}
	if !read.Type().HasAttribute("Statement") {
		return
	}
	list, _ := read.GetAttr("Statement").Unmark()
	switch {
	case !list.IsKnown():
		p.unknown(marks, override)
	case list.Type().IsObjectType():
		p.put(list)
	case list.IsNull() || !list.CanIterateElements():
	default:
		for it := list.ElementIterator(); it.Next(); {
			_, statement := it.Element()
			if bare, marks := statement.Unmark(); bare.IsKnown() {
				p.put(statement)
			} else {
				p.unknown(marks, override)
			}
		}
	}
}

// unknown adds statements that cannot be told. They may take the place of any statement with a sid: when they come to override,
// of one that is there already; else a later one may take theirs, which leaves them as unknown as they are.
func (p *policy) unknown(marks cty.ValueMarks, override bool) {
	some := cty.DynamicVal.WithMarks(marks)
	if override {
		for n, s := range p.statements {
			if sid(s) != "" {
				p.statements[n] = some
			}
		}
	}
	p.statements = append(p.statements, some)
}

// put adds a statement, or replaces the one with its sid.
func (p *policy) put(statement cty.Value) {
	switch id := sid(statement); id {
	case "":
	case "?": // it may take the place of any
		for n, s := range p.statements {
			if sid(s) != "" {
				p.statements[n] = cty.DynamicVal
			}
		}
	default:
		for n, s := range p.statements {
			if sid(s) == id {
				p.statements[n] = statement
				return
			}
		}
	}
	p.statements = append(p.statements, statement)
}

// sid of a statement; "" if it has none, "?" if it has one that is not known.
func sid(statement cty.Value) string {
	bare, _ := statement.Unmark()
	if !bare.IsKnown() || !bare.Type().IsObjectType() || !bare.Type().HasAttribute("Sid") {
		return ""
	}
	id, _ := bare.GetAttr("Sid").Unmark()
	switch {
	case !id.IsKnown():
		return "?"
	case id.IsNull() || id.Type() != cty.String:
		return ""
	}
	return id.AsString()
}

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
