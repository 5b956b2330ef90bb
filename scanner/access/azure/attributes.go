package azure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// attributes are those of a request that are known: "Microsoft.Authorization/roleAssignments:RoleDefinitionId", in lower case, with its values.
type attributes map[string][]string

// newAttributes reads those of a request. Letter case does not tell their names apart.
func newAttributes(from map[string]Values) (attributes, error) {
	out := make(attributes, len(from))
	for name, values := range from {
		lower := strings.ToLower(name)
		if _, twice := out[lower]; twice {
			return nil, fmt.Errorf("request_attributes has %q twice; letter case does not tell names apart", lower)
		}
		out[lower] = values
	}
	return out, nil
}

// of returns the values of an operand, if it is an attribute of the request that is known.
func (a attributes) of(o operand) (values []string, known bool) {
	if o.source != "request" {
		return nil, false
	}
	values, known = a[strings.ToLower(o.name)]
	return values, known
}

// comparisons are those of single values by an operator's name in lower case. Others are not decided.
var comparisons = map[string]func(actual, wanted string) bool{
	"guidequals":                sameGUID,
	"guidnotequals":             func(actual, wanted string) bool { return !sameGUID(actual, wanted) },
	"stringequals":              func(actual, wanted string) bool { return actual == wanted },
	"stringnotequals":           func(actual, wanted string) bool { return actual != wanted },
	"stringequalsignorecase":    strings.EqualFold,
	"stringnotequalsignorecase": func(actual, wanted string) bool { return !strings.EqualFold(actual, wanted) },
}

// sameGUID compares GUIDs, which conditions spell with hyphens or without, and IDs of roles that end in one.
func sameGUID(a, b string) bool {
	plain := func(s string) string { return strings.ReplaceAll(s[strings.LastIndexByte(s, '/')+1:], "-", "") }
	return strings.EqualFold(plain(a), plain(b))
}

// compared says whether a comparison of an attribute of the request with literals holds: not known where the attribute is not. From "Azure role
// assignment condition format and syntax": of several values on either side a prefix of the operator says for how many it has to hold.
func (c *condition) compared(known attributes) access.Truth {
	actual, given := known.of(c.left)
	if !given || c.right.source != "" {
		return access.Maybe
	}
	quantity, name, several := strings.Cut(c.operator, ":")
	if !several {
		quantity, name = "forallofallvalues", c.operator
	}
	holds := comparisons[name]
	if holds == nil || len(actual) == 0 || !several && len(actual)+len(c.right.values) != 2 {
		return access.Maybe
	}
	some := func(a string) bool {
		return slices.ContainsFunc(c.right.values, func(w string) bool { return holds(a, w) })
	}
	every := func(a string) bool {
		return !slices.ContainsFunc(c.right.values, func(w string) bool { return !holds(a, w) })
	}
	switch quantity {
	case "foranyofanyvalues":
		return access.Known(slices.ContainsFunc(actual, some))
	case "foranyofallvalues":
		return access.Known(slices.ContainsFunc(actual, every))
	case "forallofanyvalues":
		return access.Known(!slices.ContainsFunc(actual, func(a string) bool { return !some(a) }))
	case "forallofallvalues":
		return access.Known(!slices.ContainsFunc(actual, func(a string) bool { return !every(a) }))
	}
	return access.Maybe
}
