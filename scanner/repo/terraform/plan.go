package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// looksLikePlan reports whether a JSON file is what "terraform show -json PLAN" prints.
func looksLikePlan(data []byte) bool {
	return bytes.Contains(data, []byte(`"format_version"`)) &&
		(bytes.Contains(data, []byte(`"planned_values"`)) || bytes.Contains(data, []byte(`"resource_changes"`)))
}

// A plan is what a plan file says of one root module.
type plan struct {
	file      string
	instances []Instance
	at        map[string]int  // by address
	blocks    map[string]bool // addresses without keys of all that the plan speaks of: what it lacks of these is not there
}

// readPlan reads a plan. Values that only an apply can tell are unknown, with a mark where the plan says from what they come.
func readPlan(f declare.File) (*plan, error) {
	var read tfjson.Plan
	read.UseJSONNumber(true)
	if err := json.Unmarshal(bytes.TrimPrefix(f.Data, []byte("\xef\xbb\xbf")), &read); err != nil {
		if !json.Valid(f.Data) {
			return nil, fmt.Errorf("it looks like a plan of Terraform but is not valid JSON")
		}
		return nil, fmt.Errorf("it looks like a plan of Terraform but is of a form that is not known (format_version %q)", read.FormatVersion)
	}
	p := &plan{file: f.Path, at: map[string]int{}, blocks: map[string]bool{}}
	sources := configured(read.Config)
	for _, c := range read.ResourceChanges {
		if c == nil || c.Change == nil || c.DeposedKey != "" {
			continue
		}
		p.blocks[withoutKeys(c.Address)] = true
		if after, ok := c.Change.After.(map[string]any); ok {
			p.add(c.Address, c.Type, c.Name, c.Mode, combine(after, c.Change.AfterUnknown, c.ModuleAddress, sources[withoutKeys(c.Address)]))
		}
	}
	if read.PlannedValues != nil {
		p.planned(read.PlannedValues.RootModule)
	}
	if read.Complete != nil && *read.Complete {
		for address := range sources {
			p.blocks[address] = true
		}
	}
	return p, nil
}

func (p *plan) add(address, typ, name string, mode tfjson.ResourceMode, values cty.Value) {
	if _, ok := p.at[address]; ok || address == "" {
		return
	}
	p.at[address] = len(p.instances)
	p.instances = append(p.instances, Instance{
		Root: folder(p.file), Address: address, Type: typ, Name: name, Data: mode == tfjson.DataResourceMode, Values: values,
		Block: inventory.Location{Path: p.file, StartLine: 1, EndLine: 1},
	})
}

// planned adds what the planned values hold and no change speaks of: they are there in a plan that was shortened.
func (p *plan) planned(m *tfjson.StateModule) {
	if m == nil {
		return
	}
	for _, r := range m.Resources {
		if r != nil {
			p.blocks[withoutKeys(r.Address)] = true
			// Planned values leave out what an apply tells, so that it cannot be told from what is absent.
			p.add(r.Address, r.Type, r.Name, r.Mode, cty.DynamicVal)
		}
	}
	for _, child := range m.ChildModules {
		p.planned(child)
	}
}

// combine builds the values of one resource: what will be, where that is known, without nulls, which are arguments not stated.
func combine(after map[string]any, unknown any, module string, sources map[string]Reference) cty.Value {
	object := map[string]cty.Value{}
	open, _ := unknown.(map[string]any)
	for name, v := range after {
		if v != nil {
			object[name] = join(v, open[name])
		}
	}
	for name, u := range open {
		if v := object[name]; v == cty.NilVal && hasUnknown(u) || u == true {
			object[name] = cty.DynamicVal
		}
	}
	for name, v := range object {
		if source := sources[name]; source != "" && !v.IsKnown() {
			if module != "" {
				source = Reference(module + "." + string(source))
			}
			object[name] = refer(source, name)
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

// configured lists by address without keys what the arguments of each resource refer to.
func configured(c *tfjson.Config) map[string]map[string]Reference {
	out := map[string]map[string]Reference{}
	var walk func(m *tfjson.ConfigModule, path string)
	walk = func(m *tfjson.ConfigModule, path string) {
		if m == nil {
			return
		}
		for _, r := range m.Resources {
			if r == nil {
				continue
			}
			sources := map[string]Reference{}
			for name, e := range r.Expressions {
				if e != nil && e.ExpressionData != nil {
					sources[name] = only(e.References)
				}
			}
			out[path+r.Address] = sources
		}
		for name, call := range m.ModuleCalls {
			if call != nil {
				walk(call.Module, path+"module."+name+".")
			}
		}
	}
	if c != nil {
		walk(c.RootModule, "")
	}
	return out
}

var resourceName = regexp.MustCompile(`^((?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_-]*(?:\[(?:\d+|"[^"]*")\])?)(?:\.|$)`)

// only is the one resource that references name. A plan lists "aws_kms_key.jwt.arn" and "aws_kms_key.jwt", each part of the way; of
// two resources none is it.
func only(references []string) Reference {
	found := ""
	for _, r := range references {
		m := resourceName.FindStringSubmatch(r)
		switch {
		case m == nil || strings.HasPrefix(found, m[1]):
		case found == "" || strings.HasPrefix(m[1], found):
			found = m[1]
		default:
			return ""
		}
	}
	return Reference(found)
}

// withoutKeys is an address without the keys of count and for_each: of the block, not of one instance.
func withoutKeys(address string) string {
	var out strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case quoted && c == '\\':
			i++
			continue
		case c == '"':
			quoted = !quoted
			continue
		case quoted:
			continue
		case c == '[':
			depth++
			continue
		case c == ']':
			depth--
			continue
		}
		if depth == 0 {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// merge puts a plan over what the configuration of the same root module declares: the plan knows the values that variables really
// had, the configuration the places, and what an unknown value is made of.
func (p *plan) merge(list []Instance) []Instance {
	out := make([]Instance, 0, len(list)+len(p.instances))
	declared := map[string]*Instance{}
	byBlock := map[string]*Instance{}
	for i := range list {
		in := &list[i]
		declared[in.Address] = in
		byBlock[withoutKeys(in.Address)] = in
		if !p.blocks[withoutKeys(in.Address)] {
			out = append(out, *in)
		}
	}
	for _, planned := range p.instances {
		in := declared[planned.Address]
		if in == nil {
			if other := byBlock[withoutKeys(planned.Address)]; other != nil {
				planned.Block, planned.Lines = other.Block, other.Lines
			}
			out = append(out, planned)
			continue
		}
		planned.Block, planned.Lines = in.Block, in.Lines
		planned.Values = explain(planned.Values, in.Values)
		out = append(out, planned)
	}
	return out
}

// explain replaces what a plan does not know by what the configuration says of it, if that is unknown too. A plan without values
// takes those of the configuration.
func explain(planned, stated cty.Value) cty.Value {
	if !planned.IsKnown() {
		return stated
	}
	values := planned.AsValueMap()
	if values == nil {
		values = map[string]cty.Value{}
	}
	for name, v := range values {
		bare, _ := v.Unmark()
		if bare.IsKnown() || !stated.Type().HasAttribute(name) {
			continue
		}
		if of, _ := stated.GetAttr(name).Unmark(); !of.IsKnown() {
			values[name] = stated.GetAttr(name)
		}
	}
	return cty.ObjectVal(values)
}
