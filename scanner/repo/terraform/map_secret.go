package terraform

import "github.com/zclconf/go-cty/cty"

// inCode tells of the arguments that can hold a secret's value whether one of them has it in the clear. What a variable without a
// value or another resource will give is not in the code.
func (d *draft) inCode(args ...string) (is bool, why string) {
	for _, arg := range args {
		v := d.raw(arg)
		if v == cty.NilVal {
			continue
		}
		bare, marks := v.UnmarkDeep()
		inner, encoded := decoded(v)
		switch {
		case bare.IsWhollyKnown():
			return true, ""
		case encoded:
			secret, sure := literal(inner)
			if secret {
				return true, ""
			}
			if !sure {
				why = d.path + arg + " is known in part"
			}
		case len(marks) == 0, bare.IsKnown(), bare.Type() == cty.String && bare.Range().StringPrefix() != "":
			why = d.path + arg + " is known in part"
		}
	}
	return false, why
}

// about are the members of a database's secret that are no secret themselves, from the page "JSON structure of AWS Secrets Manager
// secrets" of the user guide.
var about = map[string]bool{
	"dbClusterIdentifier": true, "dbInstanceIdentifier": true, "dbname": true, "engine": true, "host": true, "masterarn": true, "port": true, "ssl": true, "username": true,
}

// literal reports whether an object that is known in part holds a password that is known. Sure is false where what is known may be
// one by another name.
func literal(v cty.Value) (secret, sure bool) {
	bare, _ := v.Unmark()
	if !bare.IsKnown() || !bare.Type().IsObjectType() && !bare.Type().IsMapType() {
		return false, !bare.IsKnown()
	}
	sure = true
	for it := bare.ElementIterator(); it.Next(); {
		k, member := it.Element()
		key, _ := k.Unmark()
		member, _ = member.UnmarkDeep()
		switch name := key.AsString(); {
		case !member.IsKnown(), member.IsNull(), about[name]:
		case name == "password" && member.IsWhollyKnown():
			secret = true
		default:
			sure = false
		}
	}
	return secret, sure
}
