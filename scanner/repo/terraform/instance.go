package terraform

import (
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// An Instance is one instance of a resource or data source, as HCL or a plan states it.
type Instance struct {
	Root    string // folder of the root module, relative to the repository; "" is the repository itself
	Address string // "module.keys[\"eu\"].aws_kms_key.jwt[0]", as terraform prints it
	Type    string // "aws_kms_key"
	Name    string // "jwt"
	Data    bool   // a data source
	// Values is an object with the arguments as they are stated: what is not stated is missing, what cannot be resolved is
	// cty.DynamicVal or an unknown value of some type. Blocks are lists of objects, as in a plan. References to other resources'
	// attributes that only an apply could tell are unknown and carry a Reference mark (see refer); what comes from a variable
	// without a value carries an Unset mark; JSON text of something unknown in part carries an Encoded mark (see encodeJSON).
	Values cty.Value
	// Uncertain are the conditions under which it is there, as count or for_each of it and of the modules around it state them, where
	// they cannot be resolved; see conditions. None means that it is there for certain.
	Uncertain []string
	// DefaultTags are those that the provider adds to what it makes; cty.NilVal if there are none.
	DefaultTags cty.Value
	// Missing says why resources may be missing that add to what this one is: "infra/rotation.tf could not be read".
	Missing string
	// Masked says why any argument may have another value than is stated.
	Masked string
	// Block is where it is declared; Lines has the place of each argument by its dotted path ("network_acls.0.default_action").
	Block inventory.Location
	Lines map[string]inventory.Location
}

// Reference marks a value that another resource will have: "aws_kms_key.jwt" of "aws_kms_key.jwt.arn", by its full address,
// without the keys that are not known.
type Reference string

// with reports whether an instance is there whenever another one is.
func (i *Instance) with(other *Instance) bool {
	return !slices.ContainsFunc(i.Uncertain, func(condition string) bool { return !slices.Contains(other.Uncertain, condition) })
}

// At is the place of an argument, or of the nearest block around it that has one.
func (i *Instance) At(path string) inventory.Location {
	for p := path; p != ""; {
		if l, ok := i.Lines[p]; ok {
			return l
		}
		cut := len(p) - 1
		for cut >= 0 && p[cut] != '.' {
			cut--
		}
		if cut < 0 {
			break
		}
		p = p[:cut]
	}
	return i.Block
}
