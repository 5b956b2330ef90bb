package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

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
		planned.DefaultTags = in.DefaultTags
		planned.Values = explain(planned.Values, in)
		out = append(out, planned)
	}
	return out
}

// tellsOf reports whether the plan says which instances there are of a block, by its address without keys: a resource, or a module.
func (p *plan) tellsOf(block string) bool {
	if p.blocks[block] {
		return true
	}
	for b := range p.blocks {
		if strings.HasPrefix(b, block+".") {
			return true
		}
	}
	return false
}

// explain replaces what a plan does not know by what the configuration says of it, if that is unknown too, and adds to what it knows
// the resource that this comes from. A plan without values takes those of the configuration. What it does not know of an argument
// that the configuration does not state, the provider computes. How the value of a secret comes about, the configuration tells.
func explain(planned cty.Value, in *Instance) cty.Value {
	stated := in.Values
	if !planned.IsKnown() {
		return stated
	}
	values := planned.AsValueMap()
	if values == nil {
		values = map[string]cty.Value{}
	}
	for name, v := range values {
		bare, _ := v.Unmark()
		if !stated.Type().HasAttribute(name) {
			if _, written := in.Lines[name]; !written && !bare.IsKnown() && !in.Data {
				delete(values, name)
			}
			continue
		}
		says := stated.GetAttr(name)
		of, _ := says.Unmark()
		switch {
		case slices.Contains(secretArguments[in.Type], name):
			values[name] = says
		case of.IsKnown():
		case !bare.IsKnown():
			values[name] = says
		case bare.Type() == cty.String:
			values[name] = bare
			for _, r := range references(says) {
				values[name] = values[name].Mark(r)
			}
		}
	}
	for name, says := range stated.AsValueMap() { // write-only arguments are not among what will be
		if _, planned := values[name]; !planned && strings.HasSuffix(name, "_wo") {
			values[name] = says
		}
	}
	return cty.ObjectVal(values)
}
