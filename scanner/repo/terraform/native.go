package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// rootSchema is what a file of configuration may hold, as far as it matters.
var rootSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "terraform"},
	{Type: "moved"},
	{Type: "provider", LabelNames: []string{"name"}},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "locals"},
	{Type: "output", LabelNames: []string{"name"}},
	{Type: "module", LabelNames: []string{"name"}},
	{Type: "resource", LabelNames: []string{"type", "name"}},
	{Type: "data", LabelNames: []string{"type", "name"}},
}}

// blockNames are the blocks within those resources and data sources that are understood. JSON does not tell blocks from arguments,
// and without the schemas of providers their names must do.
var blockNames = map[string]bool{
	// aws_iam_policy_document, aws_iam_role
	"statement": true, "principals": true, "not_principals": true, "condition": true, "inline_policy": true,
	// aws_kms_grant, aws_secretsmanager_secret and its rotation
	"constraints": true, "replica": true, "rotation_rules": true,
	// aws_lambda_function
	"environment": true,
	// aws_cloudtrail
	"event_selector": true, "data_resource": true, "advanced_event_selector": true, "field_selector": true, "insight_selector": true,
	// azurerm_key_vault, its keys and its certificates
	"network_acls": true, "access_policy": true, "rotation_policy": true, "automatic": true, "certificate": true, "certificate_policy": true,
	"issuer_parameters": true, "key_properties": true, "lifetime_action": true, "action": true, "trigger": true,
	"secret_properties": true, "x509_certificate_properties": true, "subject_alternative_names": true, "password": true,
	// azurerm_monitor_diagnostic_setting
	"enabled_log": true, "log": true, "metric": true, "enabled_metric": true, "retention_policy": true,
	// vault_policy_document, vault_mount, vault_auth_backend, vault_kv_secret_v2
	"rule": true, "allowed_parameter": true, "denied_parameter": true, "tune": true, "custom_metadata": true,
	// everywhere
	"lifecycle": true, "provisioner": true, "connection": true, "timeouts": true, "content": true,
}

// nativeBlocks returns the blocks of a file in the form of native syntax, so that all that follows knows but one.
func nativeBlocks(file hcl.Body) (hclsyntax.Blocks, hcl.Diagnostics) {
	if b, ok := file.(*hclsyntax.Body); ok {
		return b.Blocks, nil
	}
	content, _, diags := file.PartialContent(rootSchema)
	if diags.HasErrors() {
		return nil, diags
	}
	var out hclsyntax.Blocks
	for _, b := range content.Blocks {
		attrs, more := b.Body.JustAttributes()
		diags = append(diags, more...)
		body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: b.DefRange, EndRange: b.DefRange}
		nested := b.Type == "resource" || b.Type == "data"
		for name, a := range attrs {
			body.SrcRange = hcl.RangeOver(body.SrcRange, a.Range)
			diags = append(diags, convertArgument(body, name, a.Expr, a.NameRange, nested)...)
		}
		out = append(out, &hclsyntax.Block{
			Type: b.Type, Labels: b.Labels, Body: body, LabelRanges: b.LabelRanges,
			TypeRange: first(b), OpenBraceRange: b.DefRange, CloseBraceRange: body.SrcRange,
		})
	}
	return out, diags
}

// first is the range from which on a block of JSON is about one thing alone: its last label.
func first(b *hcl.Block) hcl.Range {
	if n := len(b.LabelRanges); n > 0 {
		return b.LabelRanges[n-1]
	}
	return b.TypeRange
}

// convertArgument adds a property of a JSON object to a body: an argument, or a block.
func convertArgument(body *hclsyntax.Body, name string, e hcl.Expression, at hcl.Range, nested bool) hcl.Diagnostics {
	switch {
	case name == "//": // a comment
		return nil
	case nested && name == "dynamic":
		var diags hcl.Diagnostics
		for _, object := range objects(e) {
			pairs, _ := hcl.ExprMap(object)
			for _, p := range pairs {
				label, _ := p.Key.Value(nil)
				for _, content := range objects(p.Value) {
					b, more := convertBlock("dynamic", content, p.Key.Range())
					b.Labels = []string{label.AsString()}
					body.Blocks = append(body.Blocks, b)
					diags = append(diags, more...)
				}
			}
		}
		return diags
	case nested && blockNames[name] && objects(e) != nil:
		var diags hcl.Diagnostics
		for _, object := range objects(e) {
			b, more := convertBlock(name, object, at)
			body.Blocks = append(body.Blocks, b)
			diags = append(diags, more...)
		}
		return diags
	}
	expr, diags := convertExpression(e)
	body.Attributes[name] = &hclsyntax.Attribute{Name: name, Expr: expr, SrcRange: hcl.RangeBetween(at, e.Range()), NameRange: at}
	return diags
}

// objects lists the JSON objects that an expression is: itself, or the elements of a list; nil if it is neither.
func objects(e hcl.Expression) []hcl.Expression {
	if _, diags := hcl.ExprMap(e); !diags.HasErrors() {
		return []hcl.Expression{e}
	}
	list, diags := hcl.ExprList(e)
	if diags.HasErrors() || len(list) == 0 {
		return nil
	}
	for _, item := range list {
		if _, diags := hcl.ExprMap(item); diags.HasErrors() {
			return nil
		}
	}
	return list
}

func convertBlock(name string, object hcl.Expression, at hcl.Range) (*hclsyntax.Block, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: object.Range(), EndRange: object.Range()}
	pairs, _ := hcl.ExprMap(object)
	for _, p := range pairs {
		key, _ := p.Key.Value(nil)
		diags = append(diags, convertArgument(body, key.AsString(), p.Value, p.Key.Range(), true)...)
	}
	return &hclsyntax.Block{Type: name, Body: body, TypeRange: at, OpenBraceRange: object.Range(), CloseBraceRange: object.Range()}, diags
}

// convertExpression turns a JSON value into an expression: its strings, and the names in its objects, are templates.
func convertExpression(e hcl.Expression) (hclsyntax.Expression, hcl.Diagnostics) {
	if pairs, diags := hcl.ExprMap(e); !diags.HasErrors() {
		object := &hclsyntax.ObjectConsExpr{SrcRange: e.Range(), OpenRange: e.StartRange()}
		var diags hcl.Diagnostics
		for _, p := range pairs {
			key, more := convertExpression(p.Key)
			diags = append(diags, more...)
			value, more := convertExpression(p.Value)
			diags = append(diags, more...)
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{
				KeyExpr: &hclsyntax.ObjectConsKeyExpr{Wrapped: key, ForceNonLiteral: true}, ValueExpr: value,
			})
		}
		return object, diags
	}
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		tuple := &hclsyntax.TupleConsExpr{SrcRange: e.Range(), OpenRange: e.StartRange()}
		var diags hcl.Diagnostics
		for _, item := range list {
			value, more := convertExpression(item)
			diags = append(diags, more...)
			tuple.Exprs = append(tuple.Exprs, value)
		}
		return tuple, diags
	}
	v, diags := e.Value(nil)
	if v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: e.Range()}, diags
	}
	text := []byte(v.AsString())
	if tooDeepTemplate(text) {
		return nil, append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Expressions are nested too deeply", Subject: e.Range().Ptr()})
	}
	template, more := hclsyntax.ParseTemplate(text, e.Range().Filename, e.Range().Start)
	return template, append(diags, more...)
}
