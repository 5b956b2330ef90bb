package azure

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Delegation is what a condition lets the holder of roleAssignments/write or roleAssignments/delete assign or take away: an
// assignment passes if it is within all three limits.
type Delegation struct {
	Roles          Limit // GUIDs of roles
	Principals     Limit // GUIDs of principals
	PrincipalTypes Limit // User, Group, ServicePrincipal
}

// Limit is what values an attribute may have: any when Set is false, else those listed, or all but those if Except is true.
type Limit struct {
	Set    bool
	Except bool
	Values []string // sorted, in lower case, without repetition
}

// Allows says whether a value is within the limit. Case does not matter.
func (l Limit) Allows(value string) bool {
	return !l.Set || slices.Contains(l.Values, strings.ToLower(value)) != l.Except
}

// Delegations reads from a condition what its holder may do with action, which is Microsoft.Authorization/roleAssignments/write or
// delete. An assignment passes if any of them lets it pass; none means that no assignment does. False means that the condition has
// another form than lists of roles, principals and types, and its limits are not known.
// The forms: https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
func Delegations(conditionText, action string) ([]Delegation, bool) {
	c, err := parseCondition(conditionText)
	if err != nil {
		return nil, false
	}
	source := "request" // of write: the assignment that would be made
	if strings.HasSuffix(strings.ToLower(action), "/delete") {
		source = "resource" // of delete: the one that is there
	}
	return c.delegations(strings.ToLower(action), source)
}

// mostDelegations bounds the alternatives that ANDs of ORs multiply into; templates of Azure have one or two.
const mostDelegations = 64

func (c *condition) delegations(action, source string) ([]Delegation, bool) {
	switch c.truth(action) {
	case access.Yes:
		return []Delegation{{}}, true
	case access.No:
		return nil, true
	}
	switch c.op {
	case and:
		all := []Delegation{{}}
		for _, k := range c.kids {
			next, ok := k.delegations(action, source)
			if !ok || len(all)*len(next) > mostDelegations {
				return nil, false
			}
			var both []Delegation
			for _, a := range all {
				for _, b := range next {
					both = append(both, Delegation{
						a.Roles.and(b.Roles), a.Principals.and(b.Principals), a.PrincipalTypes.and(b.PrincipalTypes),
					})
				}
			}
			all = both
		}
		return all, true
	case or:
		var any []Delegation
		for _, k := range c.kids {
			next, ok := k.delegations(action, source)
			if !ok || len(any)+len(next) > mostDelegations {
				return nil, false
			}
			any = append(any, next...)
		}
		return any, true
	case compare:
		d, ok := c.delegation(source)
		return []Delegation{d}, ok
	default:
		return nil, false
	}
}

// delegation reads one comparison of an attribute with a list. An assignment has one role, one principal and one type, so that "any
// of any" equals and "any of all" differs are the two that mean a list.
func (c *condition) delegation(source string) (d Delegation, ok bool) {
	if c.left.source != source || c.right.source != "" {
		return d, false
	}
	cross, operator, crossed := strings.Cut(c.operator, ":")
	if !crossed {
		cross, operator = "", c.operator
	}
	l := Limit{Set: true}
	for _, v := range c.right.values {
		l.Values = append(l.Values, normalGUID(v))
	}
	slices.Sort(l.Values)
	l.Values = slices.Compact(l.Values)
	switch operator {
	case "guidequals", "stringequals", "stringequalsignorecase":
		ok = cross == "" || cross == "foranyofanyvalues" || cross == "forallofanyvalues"
	case "guidnotequals", "stringnotequals", "stringnotequalsignorecase":
		ok = cross == "" || cross == "foranyofallvalues" || cross == "forallofallvalues"
		l.Except = true
	}
	if cross == "" && len(c.right.values) != 1 {
		ok = false
	}
	switch strings.ToLower(c.left.name) {
	case "microsoft.authorization/roleassignments:roledefinitionid":
		d.Roles = l
	case "microsoft.authorization/roleassignments:principalid":
		d.Principals = l
	case "microsoft.authorization/roleassignments:principaltype":
		d.PrincipalTypes = l
	default:
		ok = false
	}
	return d, ok
}

// and is the limit of what is within both.
func (l Limit) and(m Limit) Limit {
	switch {
	case !l.Set:
		return m
	case !m.Set:
		return l
	case l.Except && m.Except:
		values := append(slices.Clone(l.Values), m.Values...)
		slices.Sort(values)
		return Limit{Set: true, Except: true, Values: slices.Compact(values)}
	case l.Except:
		return m.and(l)
	}
	out := Limit{Set: true}
	for _, v := range l.Values {
		if m.Allows(v) {
			out.Values = append(out.Values, v)
		}
	}
	return out
}

// normalGUID writes a GUID with dashes in lower case, as some built-in roles leave the dashes out. Other values are put in lower case.
func normalGUID(s string) string {
	s = strings.ToLower(s)
	if len(s) != 32 || strings.Trim(s, "0123456789abcdef") != "" {
		return s
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
