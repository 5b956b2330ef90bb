package terraform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// addReaders adds the functions that read files, as Terraform resolves their paths: from the folder of the root module. A file that
// is not in the repository, or not of a kind that is read, is unknown and not missing.
func (t *tree) addReaders(out map[string]function.Function, root string) {
	out["file"] = textFileFunc(t, root, func(data []byte) (cty.Value, error) {
		if !utf8.Valid(data) {
			return cty.UnknownVal(cty.String), errArgument
		}
		return cty.StringVal(string(data)), nil
	})
	out["filebase64"] = textFileFunc(t, root, func(data []byte) (cty.Value, error) {
		return cty.StringVal(base64.StdEncoding.EncodeToString(data)), nil
	})
	out["fileexists"] = function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := at(root, args[0].AsString())
			_, ok := t.files[name]
			if !ok && !wants(name) {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(ok), nil
		},
	})
	out["fileset"] = t.filesetFunc(root)
	out["templatefile"] = t.templateFunc(root, out)
	out["basename"] = textFunc(func(s string) (string, error) { return path.Base(s), nil })
	out["dirname"] = textFunc(func(s string) (string, error) { return path.Dir(s), nil })
	out["yamldecode"] = yamlDecodeFunc
}

func at(root, name string) string { return path.Join(root, name) }

func textFileFunc(t *tree, root string, read func([]byte) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			f, ok := t.files[at(root, args[0].AsString())]
			if !ok || len(f.Data) > maxWeight {
				return cty.UnknownVal(cty.String), nil
			}
			return read(f.Data)
		},
	})
}

// filesetFunc lists the files of a folder by a pattern. Only where the pattern names a kind of file that is always read is the list
// known to be whole.
func (t *tree) filesetFunc(root string) function.Function {
	set := cty.Set(cty.String)
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "folder", Type: cty.String}, {Name: "pattern", Type: cty.String}},
		Type:   function.StaticReturnType(set),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			dir, pattern := at(root, args[0].AsString()), args[1].AsString()
			if !wants("x"+path.Ext(pattern)) || strings.ContainsAny(path.Ext(pattern), "*?[{") || strings.ContainsAny(pattern, "{}") {
				return cty.UnknownVal(set), nil
			}
			found := []cty.Value{}
			for name := range t.files {
				rel, inside := strings.CutPrefix(name, dir+"/")
				if dir == "." || dir == "" {
					rel, inside = name, true
				}
				if inside && matches(strings.Split(pattern, "/"), strings.Split(rel, "/")) {
					found = append(found, cty.StringVal(rel))
				}
			}
			if len(found) == 0 {
				return cty.SetValEmpty(cty.String), nil
			}
			return cty.SetVal(found), nil
		},
	})
}

// matches compares the parts of a path with those of a pattern, of which ** stands for any number.
func matches(pattern, name []string) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	if pattern[0] == "**" {
		for i := range len(name) + 1 {
			if matches(pattern[1:], name[i:]) {
				return true
			}
		}
		return false
	}
	if len(name) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], name[0])
	return err == nil && ok && matches(pattern[1:], name[1:])
}

// templateFunc renders a file as a template with the given names, in which it may call all functions but this one.
func (t *tree) templateFunc(root string, functions map[string]function.Function) function.Function {
	inside := map[string]function.Function{}
	for name, f := range functions {
		inside[name] = f
	}
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "path", Type: cty.String},
			{Name: "names", Type: cty.DynamicPseudoType, AllowMarked: true, AllowUnknown: true, AllowDynamicType: true},
		},
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			given, marks := args[1].Unmark()
			f, ok := t.files[at(root, args[0].AsString())]
			if !ok || !given.IsKnown() || given.IsNull() || !given.Type().IsObjectType() && !given.Type().IsMapType() || len(f.Data) > maxWeight {
				return cty.UnknownVal(cty.String).WithMarks(marks), nil
			}
			data := bytes.TrimPrefix(f.Data, []byte("\xef\xbb\xbf"))
			if tooDeepTemplate(data) {
				return cty.NilVal, errors.New("nested too deeply")
			}
			e, diags := hclsyntax.ParseTemplate(data, f.Path, hcl.InitialPos)
			if diags.HasErrors() {
				return cty.NilVal, errors.New("not a template")
			}
			ctx := &hcl.EvalContext{Variables: given.AsValueMap(), Functions: inside}
			if costly(e, ctx) {
				return cty.DynamicVal, nil
			}
			v, diags := evaluate(e, ctx)
			if diags.HasErrors() {
				return cty.NilVal, errors.New("the template cannot be rendered")
			}
			if bare, _ := v.Unmark(); !bare.IsKnown() {
				if template, ok := e.(*hclsyntax.TemplateExpr); ok {
					part := func(p hclsyntax.Expression) cty.Value {
						v, diags := evaluate(p, ctx)
						if diags.HasErrors() {
							return cty.DynamicVal
						}
						return v
					}
					if doc, ok := document(template, part); ok {
						return doc, nil
					}
				}
			}
			return v.WithMarks(marks), nil
		},
	})
}

// yamlDecodeFunc reads the first document of a YAML text whose values are all plain.
var yamlDecodeFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String}},
	Type:   function.StaticReturnType(cty.DynamicPseudoType),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		documents, err := yamlnode.Documents([]byte(args[0].AsString()))
		if err != nil || len(documents) != 1 {
			return cty.NilVal, errors.New("not a document of YAML")
		}
		return fromYAML(documents[0]), nil
	},
})

func fromYAML(n *yamlnode.Node) cty.Value {
	if n.Tag != "" {
		return cty.DynamicVal
	}
	switch n.Kind {
	case yamlnode.Null:
		return cty.NullVal(cty.DynamicPseudoType)
	case yamlnode.Bool:
		if b, ok := n.Bool(); ok {
			return cty.BoolVal(b)
		}
	case yamlnode.Int, yamlnode.Float:
		if v, err := cty.ParseNumberVal(n.Text); err == nil {
			return v
		}
	case yamlnode.String:
		return cty.StringVal(n.Text)
	case yamlnode.List:
		list := make([]cty.Value, 0, len(n.Items))
		for _, item := range n.Items {
			list = append(list, fromYAML(item))
		}
		return cty.TupleVal(list)
	case yamlnode.Map:
		object := make(map[string]cty.Value, len(n.Keys))
		for i, key := range n.Keys {
			if _, own := object[key.Text]; !own { // what << merges comes after a map's own
				object[key.Text] = fromYAML(n.Values[i])
			}
		}
		return cty.ObjectVal(object)
	}
	return cty.DynamicVal
}
