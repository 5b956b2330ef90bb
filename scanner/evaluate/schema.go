package evaluate

import (
	"encoding/json"
	"reflect"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Schema is the JSON Schema (draft 2020-12) of the input of rules, generated from the types that the input is built from.
func Schema() []byte {
	doc := map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "https://github.com/keyreeve/keyreeve/schemas/input.json",
		"title":       "The input of keyreeve's rules",
		"description": "Generated from the Go types. A fact that was not read is absent; rules never ask whether it was.",
	}
	for k, v := range inputSchema(map[string]any{"type": "object"}) {
		doc[k] = v
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic("evaluate: the schema cannot be written: " + err.Error()) // it holds maps, lists and strings only
	}
	return append(out, '\n')
}

func inputSchema(settings map[string]any) map[string]any {
	return map[string]any{
		"type":                 "object",
		"additionalProperties": false,
		"required":             []any{"resource", "settings"},
		"properties":           map[string]any{"resource": planOf(reflect.TypeFor[document]()).schema(), "settings": settings},
	}
}

func (p *plan) schema() map[string]any {
	props, required := map[string]any{}, []any{}
	for _, f := range p.fields {
		props[f.name] = f.schema()
		if !f.omit {
			required = append(required, f.name)
		}
		if f.derived != nil {
			props[f.derived.name] = f.derived.schema()
		}
	}
	out := map[string]any{"type": "object", "properties": props, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func (f *field) schema() map[string]any {
	text := map[string]any{"type": "string"}
	if f.enum != nil {
		values := make([]any, len(f.enum))
		for i, v := range f.enum {
			values[i] = v
		}
		text["enum"] = values
	}
	switch f.shape {
	case aString:
		return text
	case aBool:
		return map[string]any{"type": "boolean"}
	case anInt:
		return map[string]any{"type": "integer"}
	case days:
		about := "whole days from " + f.from + " to the clock"
		if f.until {
			about = "whole days from the clock to " + f.from
		}
		return map[string]any{"type": "integer", "description": about}
	case aTime:
		return map[string]any{"type": "string", "format": "date-time"}
	case aStruct:
		return f.sub.schema()
	case aMap:
		return map[string]any{"type": "object", "additionalProperties": text}
	case structs:
		return map[string]any{"type": "array", "items": f.sub.schema()}
	}
	return map[string]any{"type": "array", "items": text}
}

// settingsSchema is the schema of one rule's input.settings.
func settingsSchema(values map[string]any) map[string]any {
	props := map[string]any{}
	for name, v := range values {
		switch v := v.(type) {
		case map[string]any:
			props[name] = settingsSchema(v)
		case int, float64:
			props[name] = map[string]any{"type": "number"}
		case string:
			props[name] = map[string]any{"type": "string"}
		case bool:
			props[name] = map[string]any{"type": "boolean"}
		default:
			props[name] = map[string]any{"type": "array"}
		}
	}
	return map[string]any{"type": "object", "properties": props, "additionalProperties": false}
}

// checkTypes compiles rules, as they are written, against the schema of the input and of their own settings, so that a misspelt
// field or setting is an error. The modules must have been parsed with their annotations.
func checkTypes(rules []*rule, libs []*file) error {
	schemas := ast.NewSchemaSet()
	schemas.Put(ast.SchemaRootRef, any(inputSchema(map[string]any{"type": "object"})))
	modules := map[string]*ast.Module{}
	for _, l := range libs {
		modules[l.name] = l.module
	}
	for _, r := range rules {
		name := ast.Ref{ast.SchemaRootDocument, ast.StringTerm(r.ID)}
		schemas.Put(name, any(settingsSchema(r.settings[tiers[0]])))
		for _, f := range r.source.files {
			for _, a := range f.module.Annotations {
				if a.Scope == "package" {
					a.Schemas = append(a.Schemas, &ast.SchemaAnnotation{Path: ast.Ref{ast.InputRootDocument, settingsKey}, Schema: name})
				}
			}
			modules[f.name] = f.module
		}
	}
	c := ast.NewCompiler().WithCapabilities(strictCapabilities()).WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
	if c.Compile(modules); c.Failed() {
		return explainRego(c.Errors)
	}
	return nil
}
