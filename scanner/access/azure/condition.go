package azure

import (
	"errors"
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// A condition is what Azure calls a role assignment condition, as a tree. What it asks of the action is known; what it asks of
// attributes of the resource, the request, the principal or the environment is not known before the request.
// Its language: https://learn.microsoft.com/azure/role-based-access-control/conditions-format
type condition struct {
	op       connective
	kids     []*condition // of and, or, not
	action   pattern      // of actionMatches
	left     operand      // of compare and exists
	right    operand      // of compare
	operator string       // of compare, in lower case: "foranyofanyvalues:guidequals"
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

// parseCondition reads a condition. It refuses AND beside OR without parentheses, which the language does not define.
func parseCondition(text string) (*condition, error) {
	tokens, err := lexCondition(text)
	if err != nil {
		return nil, err
	}
	p := &conditionParser{tokens: tokens}
	c, err := p.expression(0)
	if err == nil && p.at < len(p.tokens) {
		err = fmt.Errorf("unexpected %q", p.peek())
	}
	return c, err
}

// compileCondition reads a condition for evaluation: nil when there is none, opaque when it cannot be understood or is of a version
// other than 2.0, the only one there is now.
func compileCondition(text, version string) *condition {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	c, err := parseCondition(text)
	if err != nil || version != "" && version != "2.0" {
		return &condition{op: opaque}
	}
	return c
}

// truth evaluates a condition for an action in lower case. No condition is true.
func (c *condition) truth(action string) access.Truth {
	if c == nil {
		return access.Yes
	}
	switch c.op {
	case and:
		t := access.Yes
		for _, k := range c.kids {
			t = t.And(k.truth(action))
		}
		return t
	case or:
		t := access.No
		for _, k := range c.kids {
			t = t.Or(k.truth(action))
		}
		return t
	case not:
		return c.kids[0].truth(action).Not()
	case actionMatches:
		return access.Known(c.action.match(action))
	default:
		return access.Maybe
	}
}

// residual lists what is left to ask where the condition is unknown for an action.
func (c *condition) residual(action, statement string) []access.Residual {
	if c == nil || c.truth(action) != access.Maybe {
		return nil
	}
	var out []access.Residual
	for _, k := range c.kids {
		out = append(out, k.residual(action, statement)...)
	}
	for _, o := range []operand{c.left, c.right} {
		if o.source != "" {
			out = append(out, access.Residual{Class: o.class(), Key: o.String(), Statement: statement})
		}
	}
	if out == nil {
		out = append(out, access.Residual{Class: access.How, Key: "condition", Statement: statement})
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

// conditionParser is a recursive descent over tokens.
type conditionParser struct {
	tokens []string
	at     int
}

func (p *conditionParser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *conditionParser) next() string {
	t := p.peek()
	p.at++
	return t
}

func (p *conditionParser) expect(token string) error {
	if t := p.next(); t != token {
		return fmt.Errorf("expected %q, found %q", token, t)
	}
	return nil
}

// conjunction names the connective a token is, opaque if it is none.
func conjunction(token string) connective {
	switch strings.ToLower(token) {
	case "and", "&&":
		return and
	case "or", "||":
		return or
	}
	return opaque
}

var errDeep = errors.New("nested too deeply")

const deepest = 100 // conditions are at most 8 KB; none that people write nests more than a dozen levels

func (p *conditionParser) expression(depth int) (*condition, error) {
	if depth > deepest {
		return nil, errDeep
	}
	first, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	op := conjunction(p.peek())
	if op == opaque {
		return first, nil
	}
	c := &condition{op: op, kids: []*condition{first}}
	for conjunction(p.peek()) == op {
		p.next()
		kid, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		c.kids = append(c.kids, kid)
	}
	if conjunction(p.peek()) != opaque {
		return nil, errors.New("AND beside OR without parentheses")
	}
	return c, nil
}

func (p *conditionParser) unary(depth int) (*condition, error) {
	if depth > deepest {
		return nil, errDeep
	}
	switch token := p.peek(); strings.ToLower(token) {
	case "!", "not":
		p.next()
		kid, err := p.unary(depth + 1)
		return &condition{op: not, kids: []*condition{kid}}, err
	case "(":
		p.next()
		c, err := p.expression(depth + 1)
		if err != nil {
			return nil, err
		}
		return c, p.expect(")")
	case "actionmatches", "suboperationmatches":
		p.next()
		arg, err := p.operand()
		if err != nil {
			return nil, err
		}
		if len(arg.values) != 1 {
			return nil, fmt.Errorf("%s takes one value", token)
		}
		if strings.EqualFold(token, "suboperationmatches") {
			return &condition{op: subOperationMatches}, nil
		}
		return &condition{op: actionMatches, action: compilePattern(arg.values[0])}, nil
	case "exists":
		p.next()
		o, err := p.operand()
		return &condition{op: exists, left: o}, err
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	operator := strings.ToLower(p.next())
	if operator == "" || strings.ContainsAny(operator[:1], "(){},'@!&|") {
		return nil, fmt.Errorf("expected an operator, found %q", operator)
	}
	right, err := p.operand()
	return &condition{op: compare, left: left, operator: operator, right: right}, err
}

// operand reads an attribute, a literal, or literals in braces.
func (p *conditionParser) operand() (operand, error) {
	switch t := p.next(); {
	case t == "" || strings.Contains("(),!&&||}", t):
		return operand{}, fmt.Errorf("expected a value, found %q", t)
	case t[0] == '@':
		source, name, _ := strings.Cut(t[1:], "[")
		return operand{source: strings.ToLower(source), name: name}, nil
	case t != "{":
		return operand{values: []string{strings.TrimPrefix(t, "'")}}, nil
	}
	var o operand
	for p.peek() != "}" {
		t := p.next()
		if t == "" || strings.Contains("(),!&&||{", t) || t[0] == '@' {
			return operand{}, fmt.Errorf("expected a value in braces, found %q", t)
		}
		o.values = append(o.values, strings.TrimPrefix(t, "'"))
		if p.peek() == "," {
			p.next()
		} else if p.peek() != "}" {
			return operand{}, fmt.Errorf("expected %q, found %q", "}", p.peek())
		}
	}
	p.next()
	return o, nil
}
