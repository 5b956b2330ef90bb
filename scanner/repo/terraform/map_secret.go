package terraform

import (
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// secretArguments are those that hold the value of a secret, by type.
var secretArguments = map[string][]string{
	"aws_secretsmanager_secret_version": {"secret_string", "secret_binary", "secret_string_wo"},
	"azurerm_key_vault_secret":          {"value", "value_wo"},
	"vault_kv_secret_v2":                {"data_json", "data_json_wo"},
	"vault_kv_secret":                   {"data_json"},
	"vault_generic_secret":              {"data_json"},
}

// inCode tells whether one of the arguments that hold a secret's value has it in the clear. What a variable without a value or another
// resource will give is not in the code, where it comes from there as a whole. An empty value is none.
func (d *draft) inCode() (is bool, why string) {
	for _, arg := range secretArguments[d.in.Type] {
		v := d.raw(arg)
		if v == cty.NilVal {
			continue
		}
		bare, marks := v.UnmarkDeep()
		inner, encoded := decoded(v)
		part := shareOfUnknown(v)
		switch {
		case bare.IsWhollyKnown() && empty(bare):
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
		case part == whole:
			return true, ""
		case disputed(v):
			why = d.unresolved(arg, v)
		case len(reasons(marks)) == 0, part == some, bare.IsKnown(), bare.Type() == cty.String && bare.Range().StringPrefix() != "":
			why = d.path + arg + " is known in part"
		}
	}
	return false, why
}

// empty reports whether a value holds nothing, such as an object that something else fills later.
func empty(v cty.Value) bool {
	text, err := convert.Convert(v, cty.String)
	if err != nil || text.IsNull() {
		return v.IsNull()
	}
	s := strings.Join(strings.Fields(text.AsString()), "")
	return s == "" || s == "{}"
}

// about are the members of a database's secret that are no secret themselves, from the page "JSON structure of AWS Secrets Manager
// secrets" of the user guide.
var about = map[string]bool{
	"dbClusterIdentifier": true, "dbInstanceIdentifier": true, "dbname": true, "engine": true, "host": true, "masterarn": true, "port": true, "ssl": true, "username": true,
}

// literal reports whether an object that is known in part holds a password that is text of the code. Sure is false where what is known
// may be one by another name.
func literal(v cty.Value) (secret, sure bool) {
	bare, _ := v.Unmark()
	if !bare.IsKnown() || !bare.Type().IsObjectType() && !bare.Type().IsMapType() {
		return false, !bare.IsKnown() && shareOfUnknown(v) == none
	}
	sure = true
	for it := bare.ElementIterator(); it.Next(); {
		k, member := it.Element()
		key, _ := k.Unmark()
		part := shareOfUnknown(member)
		member, _ = member.UnmarkDeep()
		if member.IsWhollyKnown() {
			part = shareIn(member, 1)
		}
		switch name := key.AsString(); {
		case part == none && !(member.IsKnown() && !member.IsWhollyKnown()), about[name]:
		case name == "password" && part == whole:
			secret = true
		default:
			sure = false
		}
	}
	return secret, sure
}
