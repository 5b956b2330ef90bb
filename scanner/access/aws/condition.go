package aws

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// set says how the several values of a key are taken together.
type set int

const (
	single set = iota
	every      // ForAllValues
	some       // ForAnyValue
)

// condition is one operator on one key, made ready.
type condition struct {
	name     string // of the key, as the policy writes it
	key      string // in lower case
	set      set
	ifExists bool
	not      bool // the operator is a negated one
	null     bool
	open     bool // operator or key is not resolved
	test     test
	values   []value
}

// newCondition reads a condition of a policy. Names of operators and keys are not told apart by letter case.
func newCondition(c awspolicy.Condition, variables bool) (condition, error) {
	out := condition{name: c.Key, key: strings.ToLower(c.Key)}
	if strings.ContainsAny(c.Operator+c.Key, awspolicy.Unknown+awspolicy.Computed) {
		out.open = true
		return out, nil
	}
	base := strings.ToLower(c.Operator)
	if rest, found := strings.CutPrefix(base, "forallvalues:"); found {
		base, out.set = rest, every
	} else if rest, found := strings.CutPrefix(base, "foranyvalue:"); found {
		base, out.set = rest, some
	}
	base, out.ifExists = strings.CutSuffix(base, "ifexists")
	if base == "null" && !out.ifExists {
		out.null = true
	}
	op, known := operators[base]
	if !known && !out.null {
		return out, fmt.Errorf("condition operator %q: AWS does not know it", c.Operator)
	}
	out.not, out.test = op.not, op.test
	for _, v := range c.Values {
		if err := storedValue(v, op); err != nil {
			return out, fmt.Errorf("condition operator %q: key %q: %w", c.Operator, c.Key, err)
		}
		out.values = append(out.values, newValue(v, op, variables))
	}
	return out, nil
}

// holds evaluates the condition. A key that is missing fails a positive operator and satisfies a negated one. From "IAM JSON policy
// elements: Condition operators" and "Set operators for multivalued context keys".
func (c *condition) holds(f *facts) access.Truth {
	if c.open {
		return access.Maybe
	}
	values, state := f.of(c.key)
	if state == unknown && c.key == requestAlias {
		return c.holdsByAlias(f)
	}
	return c.holdsOf(f, values, state)
}

// requestAlias is the condition key of the alias by which a request names the key.
const requestAlias = "kms:requestalias"

// holdsByAlias evaluates a condition on the alias by which a request will name the key: one that the key has, or none. From "kms:RequestAlias" in
// "AWS KMS condition keys".
func (c *condition) holdsByAlias(f *facts) access.Truth {
	aliases, state := f.of("kms:resourcealiases")
	if state == unknown {
		return access.Maybe
	}
	truth := c.holdsOf(f, nil, absent)
	for i := range aliases {
		if c.holdsOf(f, aliases[i:i+1], given) != truth {
			return access.Maybe
		}
	}
	return truth
}

// holdsOf evaluates the condition of what is known of its key.
func (c *condition) holdsOf(f *facts, values []string, state state) access.Truth {
	if c.set != single && state == given && blank(values) {
		state = absent
	}
	switch {
	case state == unknown:
		return access.Maybe
	case c.null:
		return c.isNull(state == absent)
	case state == given:
		return c.compare(f, values)
	case c.ifExists && c.set == some: // the one holds and the other does not, and AWS does not say which goes first
		return access.Maybe
	case c.ifExists || c.set == every:
		return access.Yes
	case c.set == some:
		return access.No
	}
	return access.Known(c.not)
}

// blank reports whether there is no value but empty ones. To a set operator that is as if the key were missing.
func blank(values []string) bool {
	for _, v := range values {
		if v != "" {
			return false
		}
	}
	return true
}

func (c *condition) isNull(missing bool) access.Truth {
	truth := access.No
	for i := range c.values {
		v := &c.values[i]
		if v.text.open {
			truth = truth.Or(access.Maybe)
			continue
		}
		truth = truth.Or(access.Known(strings.EqualFold(v.raw, fmt.Sprint(missing))))
	}
	return truth
}

func (c *condition) compare(f *facts, values []string) access.Truth {
	least, most := access.Yes, access.No
	for _, actual := range values {
		is := c.one(f, actual)
		least, most = least.And(is), most.Or(is)
	}
	switch {
	case c.set == every || least == most:
		return least
	case c.set == some:
		return most
	}
	return access.Maybe // AWS demands a set operator for several values and does not say what it does without one
}

// one compares one value of the request with all of the policy.
func (c *condition) one(f *facts, actual string) access.Truth {
	truth := access.No
	for i := range c.values {
		truth = truth.Or(c.test(f, &c.values[i], actual))
		if truth == access.Yes {
			break
		}
	}
	if truth == access.Maybe && hole(actual) >= 0 && c.anyway(f, actual) {
		truth = access.Yes
	}
	if c.not {
		return truth.Not()
	}
	return truth
}
