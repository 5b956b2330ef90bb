package terraform

import (
	"encoding/json"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"
)

// combine builds the values of one resource: what will be, where that is known, without nulls, which are arguments not stated. Where a
// plan has the configuration, as sources, also an argument is not stated that is none of them: the provider computes it. Blocks made
// by "dynamic" are not among them.
//
// A plan shows the value of a secret also where it was generated. Only one that the configuration holds as a constant is known as
// text of the code; how the others come about, the code itself must tell.
func combine(c *tfjson.ResourceChange, after map[string]any, sources map[string]source) cty.Value {
	object := map[string]cty.Value{}
	open, _ := c.Change.AfterUnknown.(map[string]any)
	for name, v := range after {
		if v != nil {
			object[name] = join(v, open[name])
		}
	}
	for name, u := range open {
		_, stated := sources[name]
		computed := sources != nil && !stated && c.Mode != tfjson.DataResourceMode && !blockNames[name] && name != "tags_all"
		if v := object[name]; !computed && (v == cty.NilVal && hasUnknown(u) || u == true) {
			object[name] = cty.DynamicVal
		} else if computed && u == true {
			delete(object, name)
		}
	}
	for name, v := range object {
		from := sources[name].from
		if from == "" {
			continue
		}
		if c.ModuleAddress != "" {
			from = Reference(c.ModuleAddress + "." + string(from))
		}
		if !v.IsKnown() {
			object[name] = refer(from, name)
		} else if v.Type() == cty.String {
			object[name] = v.Mark(from)
		}
	}
	for name, s := range sources {
		if object[name] == cty.NilVal && strings.HasSuffix(name, "_wo") { // write-only: never among what will be
			if object[name] = cty.DynamicVal; s.constant != nil {
				object[name] = join(s.constant, nil)
			}
		}
	}
	for _, name := range secretArguments[c.Type] {
		if _, there := object[name]; there && sources[name].constant == nil {
			object[name] = cty.DynamicVal
		}
	}
	return cty.ObjectVal(object)
}

// join is a value of which parts, of the same shape, may be unknown.
func join(v, unknown any) cty.Value {
	if unknown == true {
		return cty.DynamicVal
	}
	switch v := v.(type) {
	case nil:
		if hasUnknown(unknown) {
			return cty.DynamicVal
		}
		return cty.NullVal(cty.DynamicPseudoType)
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case json.Number:
		if n, err := cty.ParseNumberVal(v.String()); err == nil {
			return n
		}
		return cty.DynamicVal
	case map[string]any:
		open, _ := unknown.(map[string]any)
		object := map[string]cty.Value{}
		for name, item := range v {
			if item != nil {
				object[name] = join(item, open[name])
			}
		}
		for name, u := range open {
			if object[name] == cty.NilVal && hasUnknown(u) {
				object[name] = cty.DynamicVal
			}
		}
		return cty.ObjectVal(object)
	case []any:
		open, _ := unknown.([]any)
		list := make([]cty.Value, 0, len(v))
		for i, item := range v {
			var u any
			if i < len(open) {
				u = open[i]
			}
			list = append(list, join(item, u))
		}
		return cty.TupleVal(list)
	}
	return cty.DynamicVal
}

func hasUnknown(u any) bool {
	switch u := u.(type) {
	case bool:
		return u
	case map[string]any:
		for _, item := range u {
			if hasUnknown(item) {
				return true
			}
		}
	case []any:
		for _, item := range u {
			if hasUnknown(item) {
				return true
			}
		}
	}
	return false
}
