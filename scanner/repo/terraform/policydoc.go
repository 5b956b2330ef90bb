package terraform

import "github.com/zclconf/go-cty/cty"

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
