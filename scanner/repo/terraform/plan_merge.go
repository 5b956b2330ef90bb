package terraform

import "github.com/zclconf/go-cty/cty"

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

// explain replaces what a plan does not know by what the configuration says of it, if that is unknown too, and adds to what it knows
// the resource that this comes from. A plan without values takes those of the configuration.
func explain(planned, stated cty.Value) cty.Value {
	if !planned.IsKnown() {
		return stated
	}
	values := planned.AsValueMap()
	if values == nil {
		values = map[string]cty.Value{}
	}
	for name, v := range values {
		if !stated.Type().HasAttribute(name) {
			continue
		}
		says := stated.GetAttr(name)
		bare, _ := v.Unmark()
		of, _ := says.Unmark()
		switch {
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
	return cty.ObjectVal(values)
}
