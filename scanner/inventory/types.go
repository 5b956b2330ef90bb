package inventory

import "slices"

// A TypeInfo describes one type of resource. Facts not listed as required are optional: missing means
// known to be absent, so a collector that could not read an optional fact has to list it as Unknown.
type TypeInfo struct {
	Type     string
	Kind     Kind
	About    string
	Required []Required
}

// Required is a fact that every resource of a type has. If is a fact that has to hold for it to be required: to be true, or, where
// Is names a value, or several with commas, to have it or one of them. Empty means always.
type Required struct {
	Fact string
	If   string
	Is   string
	Only Origin // only resources of this origin have it: the others cannot state it, and do not lack it. Empty: all
}

func required(facts ...string) []Required {
	out := make([]Required, len(facts))
	for i, f := range facts {
		out[i].Fact = f
	}
	return out
}

// live lists facts that a declared resource does not have.
func live(facts ...string) []Required {
	out := required(facts...)
	for i := range out {
		out[i].Only = Live
	}
	return out
}

// Types is the table of resource types. A required fact that a resource lacks and does not list as Unknown is added
// to Unknown as not_read by Complete, so that a collector's slip cannot become a pass.
var Types = slices.Concat(awsTypes, azureTypes, vaultTypes, kubernetesTypes, fileTypes, ledgerTypes)

// TypeOf returns the description of a resource type.
func TypeOf(typ string) (TypeInfo, bool) {
	for _, t := range Types {
		if t.Type == typ {
			return t, true
		}
	}
	return TypeInfo{}, false
}
