package azure

import (
	"errors"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// A condition is what Azure calls a role assignment condition, as a tree. What it asks of the action is known; what it asks of
// attributes of the resource, the principal or the environment is not known before the request, nor is what it asks of attributes of the
// request that are not given.
// Its language: https://learn.microsoft.com/azure/role-based-access-control/conditions-format
type condition struct {
	op       connective
	kids     []*condition // of and, or, not
	action   pattern      // of actionMatches
	left     operand      // of compare and exists
	right    operand      // of compare
	operator string       // of compare, in lower case: "foranyofanyvalues:guidequals"
	unread   int          // of opaque: the byte, counted from 1, at which it cannot be understood; 0 when its version cannot
}

type connective uint8

const (
	opaque connective = iota // not understood
	and
	or
	not
	actionMatches
	subOperationMatches
	compare
	exists
)

// operand is one side of a comparison: an attribute or literals.
type operand struct {
	source string // in lower case: "request", "resource", "principal", "environment"; "" for literals
	name   string // the attribute
	values []string
}

// compileCondition reads a condition for evaluation: nil when there is none, opaque when it cannot be understood or is of a version
// other than 2.0, the only one there is now.
func compileCondition(text, version string) *condition {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if version != "" && version != "2.0" {
		return &condition{op: opaque}
	}
	c, err := parseCondition(text)
	var wrong *conditionError
	if errors.As(err, &wrong) {
		return &condition{op: opaque, unread: wrong.at}
	}
	return c
}

// truth evaluates a condition for an action in lower case. No condition is true.
func (c *condition) truth(action string, known attributes) access.Truth {
	if c == nil {
		return access.Yes
	}
	switch c.op {
	case and:
		t := access.Yes
		for _, k := range c.kids {
			t = t.And(k.truth(action, known))
		}
		return t
	case or:
		t := access.No
		for _, k := range c.kids {
			t = t.Or(k.truth(action, known))
		}
		return t
	case not:
		return c.kids[0].truth(action, known).Not()
	case actionMatches:
		return access.Known(c.action.match(action))
	case compare:
		return c.compared(known)
	case exists:
		if values, given := known.of(c.left); given {
			return access.Known(len(values) > 0)
		}
		return access.Maybe
	default:
		return access.Maybe
	}
}

// residual lists what is left to ask where the condition is unknown for an action.
func (c *condition) residual(action string, known attributes, statement string) []access.Residual {
	if c == nil || c.truth(action, known) != access.Maybe {
		return nil
	}
	var out []access.Residual
	for _, k := range c.kids {
		out = append(out, k.residual(action, known, statement)...)
	}
	for _, o := range []operand{c.left, c.right} {
		if o.source != "" {
			out = append(out, access.Residual{Class: o.class(), Key: o.String(), Statement: statement})
		}
	}
	if out == nil {
		key := "condition"
		if c.unread > 0 {
			key = fmt.Sprintf("condition (not understood at byte %d)", c.unread)
		}
		out = append(out, access.Residual{Class: access.How, Key: key, Statement: statement})
	}
	return out
}

func (o operand) String() string {
	return "@" + strings.ToUpper(o.source[:1]) + o.source[1:] + "[" + o.name + "]"
}

// class says what an attribute asks about, by where the attribute is from.
func (o operand) class() access.Class {
	switch o.source {
	case "principal":
		return access.Who
	case "resource":
		return access.What
	case "environment":
		if strings.EqualFold(o.name, "UtcNow") {
			return access.When
		}
		return access.Where // private links, private endpoints and subnets are all there is beside the time
	default:
		return access.How
	}
}
