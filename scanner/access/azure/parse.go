package azure

import (
	"errors"
	"fmt"
	"strings"
)

// A conditionError tells where a condition cannot be understood: at which byte, counted from 1.
type conditionError struct {
	at    int
	cause error
}

func (e *conditionError) Error() string { return fmt.Sprintf("at byte %d: %v", e.at, e.cause) }
func (e *conditionError) Unwrap() error { return e.cause }

// parseCondition reads a condition. It refuses AND beside OR without parentheses, which the language does not define. An error is a
// *conditionError.
func parseCondition(text string) (*condition, error) {
	tokens, places, err := lexCondition(text)
	if err != nil {
		return nil, &conditionError{places[len(places)-1] + 1, err}
	}
	p := &conditionParser{tokens: tokens}
	c, err := p.expression(0)
	if err == nil && p.at < len(tokens) {
		err = fmt.Errorf("unexpected %q", p.next())
	}
	switch {
	case err == nil:
		return c, nil
	case p.at > len(tokens):
		return nil, &conditionError{len(text), err} // it ends too early
	}
	return nil, &conditionError{places[max(0, p.at-1)] + 1, err}
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
		p.next()
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
	if operator == "" || isPunctuation(operator) || operator[0] == '\'' || operator[0] == '@' {
		return nil, fmt.Errorf("expected an operator, found %q", operator)
	}
	right, err := p.operand()
	return &condition{op: compare, left: left, operator: operator, right: right}, err
}

// operand reads an attribute, a literal, or literals in braces.
func (p *conditionParser) operand() (operand, error) {
	switch t := p.next(); {
	case t == "" || t != "{" && isPunctuation(t):
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
		if t == "" || isPunctuation(t) || t[0] == '@' {
			return operand{}, fmt.Errorf("expected a value in braces, found %q", t)
		}
		o.values = append(o.values, strings.TrimPrefix(t, "'"))
		if p.peek() == "," {
			p.next()
		} else if p.peek() != "}" {
			return operand{}, fmt.Errorf("expected %q, found %q", "}", p.next())
		}
	}
	p.next()
	return o, nil
}
