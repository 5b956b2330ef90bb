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
			p.add(c.Address, c.Type, c.Name, c.Mode, combine(c, after, sources[withoutKeys(c.Address)]))
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

// A source is what a plan tells of the expression of an argument: the one resource that it refers to, or the constant that it is.
type source struct {
	from     Reference
	constant any
}

// configured lists by address without keys what each resource states, and where it comes from.
func configured(c *tfjson.Config) map[string]map[string]source {
	out := map[string]map[string]source{}
	var walk func(m *tfjson.ConfigModule, path string)
	walk = func(m *tfjson.ConfigModule, path string) {
		if m == nil {
			return
		}
		for _, r := range m.Resources {
			if r == nil {
				continue
			}
			sources := map[string]source{}
			for name, e := range r.Expressions {
				sources[name] = source{}
				if e != nil && e.ExpressionData != nil {
					s := source{from: only(e.References)}
					if e.ConstantValue != tfjson.UnknownConstantValue {
						s.constant = e.ConstantValue
					}
					sources[name] = s
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
