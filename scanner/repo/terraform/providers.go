package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A provider is known in its module as "aws", or "aws.eu" by its alias. A module has those that its caller hands it, and of those
// without an alias also the ones that its caller has.

// defaultTags are what the provider of AWS adds to the tags of all that it makes; cty.NilVal if there are none.
func (i *instance) defaultTags() cty.Value {
	name := "aws"
	if a := i.block.Body.Attributes["provider"]; a != nil {
		name = providerName(a.Expr)
	}
	s, b := i.provider(name)
	if b == nil {
		return cty.NilVal
	}
	return s.once("default tags of "+name, b.DefRange(), func() cty.Value {
		if a := b.Body.Attributes["default_tags"]; a != nil { // in JSON
			v := s.value(a.Expr, nil)
			if bare, _ := v.Unmark(); bare.IsKnown() && bare.Type().IsObjectType() && bare.Type().HasAttribute("tags") {
				return bare.GetAttr("tags")
			}
			return cty.DynamicVal
		}
		for _, inner := range b.Body.Blocks {
			switch a := inner.Body.Attributes["tags"]; {
			case blockName(inner) != "default_tags":
			case inner.Type == "dynamic":
				return cty.DynamicVal
			case a != nil:
				return s.value(a.Expr, nil)
			}
		}
		return cty.NilVal
	})
}

// provider is the block that configures a provider, and the module that it stands in; nil if there is none.
func (s *scope) provider(name string) (*scope, *hclsyntax.Block) {
	if b := s.mod.providers[name]; b != nil {
		return s, b
	}
	if s.call == nil {
		return nil, nil
	}
	if a := s.call.Body.Attributes["providers"]; a != nil {
		pairs, _ := hcl.ExprMap(a.Expr)
		for _, p := range pairs {
			if providerName(p.Key) == name {
				return s.above.provider(providerName(p.Value))
			}
		}
		return nil, nil
	}
	return s.above.provider(name)
}

// providerName reads a reference to a provider: aws.eu, or in JSON a text.
func providerName(e hcl.Expression) string {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		e = k.Wrapped
	}
	if t, diags := hcl.AbsTraversalForExpr(e); !diags.HasErrors() {
		name := t.RootName()
		if len(t) > 1 {
			if a, ok := t[1].(hcl.TraverseAttr); ok {
				name += "." + a.Name
			}
		}
		return name
	}
	v, _ := e.Value(nil)
	name, _ := asText(v)
	return name
}
