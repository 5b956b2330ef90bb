package evaluate

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// fallibleBuiltins are built-ins that end in an error on some values of the right type, and the check that would keep those away; ""
// where there is none. An error makes the verdict unknown. A name that ends in a dot stands for all below it.
var fallibleBuiltins = map[string]string{
	"to_number": "regex.match", "json.unmarshal": "json.is_valid", "yaml.unmarshal": "yaml.is_valid", "base64.decode": "base64.is_valid",
	"base64url.decode": "", "hex.decode": "regex.match", "urlquery.decode": "", "urlquery.decode_object": "", "semver.compare": "semver.is_valid",
	"net.cidr_contains": "net.cidr_is_valid", "net.cidr_intersects": "net.cidr_is_valid", "net.cidr_expand": "net.cidr_is_valid", "net.cidr_merge": "net.cidr_is_valid",
	"net.cidr_contains_matches": "net.cidr_is_valid", "time.parse_ns": "", "time.parse_rfc3339_ns": "", "time.parse_duration_ns": "regex.match",
	"units.parse": "regex.match", "units.parse_bytes": "regex.match", "json.patch": "", "graphql.": "", "crypto.x509.": "", "bits.lsh": "", "bits.rsh": "",
	"regex.template_match": "", "object.union_n": "", "numbers.range_step": "", "substring": "", "format_int": "", "indexof_n": "", "rego.": "",
}

// constantArgument are built-ins that fail only on a bad pattern, their first argument, or a zero divisor, their second.
var constantArgument = map[string]int{
	"regex.match": 0, "regex.split": 0, "regex.replace": 1, "regex.find_n": 0, "regex.find_all_string_submatch_n": 0, "glob.match": 0, "div": 1, "rem": 1,
}

// fallible reports built-ins that can fail on values that nothing has checked before.
func (l *linter) fallible(op string, args []*ast.Term, loc *ast.Location) {
	if i, ok := constantArgument[op]; ok {
		if i < len(args) && !ast.IsConstant(args[i].Value) && !l.nonZero(op, args[i]) {
			l.say(false, loc, "%s fails on some values of %s, and an error leaves the verdict unknown; use a constant%s", op, args[i],
				map[bool]string{true: ", or check that it is greater than 0 before"}[op == "div" || op == "rem"])
		}
		return
	}
	guard, ok := fallibleBuiltins[op]
	if !ok {
		for name, g := range fallibleBuiltins {
			if strings.HasSuffix(name, ".") && strings.HasPrefix(op, name) {
				guard, ok = g, true
			}
		}
	}
	if !ok {
		return
	}
	for _, a := range args {
		if ast.IsConstant(a.Value) || guard != "" && (l.guards[guard+" "+a.String()] || allChecked(guard, a)) {
			continue
		}
		hint := ""
		if guard != "" {
			hint = "; check it before with " + guard
		}
		l.say(false, loc, "%s fails on some values of %s, and an error leaves the verdict unknown%s", op, a, hint)
		return
	}
}

// allChecked reports whether a term is a list or set of what a check has let through: [b | some b in blocks; net.cidr_is_valid(b)].
func allChecked(guard string, list *ast.Term) bool {
	var head *ast.Term
	var body ast.Body
	switch c := list.Value.(type) {
	case *ast.ArrayComprehension:
		head, body = c.Term, c.Body
	case *ast.SetComprehension:
		head, body = c.Term, c.Body
	}
	for _, e := range body {
		if args := e.Operands(); !e.Negated && e.IsCall() && e.Operator().String() == guard && args[0].Equal(head) {
			return true
		}
	}
	return false
}

// nonZero reports whether a divisor has been compared with something before.
func (l *linter) nonZero(op string, divisor *ast.Term) bool {
	if op != "div" && op != "rem" {
		return false
	}
	d := divisor.String()
	return l.guards["gt "+d] || l.guards["neq "+d]
}
