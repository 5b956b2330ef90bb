package aws

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// value is a value of a condition, read as its operator needs it.
type value struct {
	raw    string
	text   text
	arn    arnPattern
	number float64
	time   time.Time
	net    netip.Prefix
	valid  bool // there is a number, date or network
}

func newValue(s string, op operator, variables bool) value {
	v := value{raw: s}
	switch op.kind {
	case asText:
		v.text = newText(s, variables && op.variables, op.wild)
		return v
	case asARN:
		v.arn = newARNPattern(s, variables)
	case asNumber:
		v.number, v.valid = number(s)
	case asDate:
		v.time, v.valid = date(s)
	case asNetwork:
		v.net = network(s)
		v.valid = v.net.IsValid()
	}
	v.text.open = newText(s, false, false).open
	return v
}

// variables calls do for each condition key that the value takes in.
func (v *value) variables(do func(key string)) {
	v.text.variables(do)
	v.arn.variables(do)
}

// valueKind is what an operator compares.
type valueKind int

const (
	asText valueKind = iota
	asARN
	asNumber
	asDate
	asNetwork
)

// test compares a value of a policy with one of a request.
type test func(f *facts, v *value, actual string) access.Truth

// operator is what a condition operator does. From "IAM JSON policy elements: Condition operators".
type operator struct {
	kind      valueKind
	test      test
	not       bool // the operator holds when the test does not
	variables bool // policy variables and, if wild, wildcards have their meaning in its values
	wild      bool
}

// operators by name in lower case, without set operator and IfExists. Null is no comparison.
var operators = map[string]operator{
	"stringequals":              {test: texts(equal), variables: true},
	"stringnotequals":           {test: texts(equal), variables: true, not: true},
	"stringequalsignorecase":    {test: texts(equalFold), variables: true},
	"stringnotequalsignorecase": {test: texts(equalFold), variables: true, not: true},
	"stringlike":                {test: texts(likeHoled), variables: true, wild: true},
	"stringnotlike":             {test: texts(likeHoled), variables: true, wild: true, not: true},
	"arnequals":                 {kind: asARN, test: arns},
	"arnlike":                   {kind: asARN, test: arns},
	"arnnotequals":              {kind: asARN, test: arns, not: true},
	"arnnotlike":                {kind: asARN, test: arns, not: true},
	"numericequals":             {kind: asNumber, test: numbers(func(order int) bool { return order == 0 })},
	"numericnotequals":          {kind: asNumber, test: numbers(func(order int) bool { return order == 0 }), not: true},
	"numericlessthan":           {kind: asNumber, test: numbers(func(order int) bool { return order < 0 })},
	"numericlessthanequals":     {kind: asNumber, test: numbers(func(order int) bool { return order <= 0 })},
	"numericgreaterthan":        {kind: asNumber, test: numbers(func(order int) bool { return order > 0 })},
	"numericgreaterthanequals":  {kind: asNumber, test: numbers(func(order int) bool { return order >= 0 })},
	"dateequals":                {kind: asDate, test: dates(func(order int) bool { return order == 0 })},
	"datenotequals":             {kind: asDate, test: dates(func(order int) bool { return order == 0 }), not: true},
	"datelessthan":              {kind: asDate, test: dates(func(order int) bool { return order < 0 })},
	"datelessthanequals":        {kind: asDate, test: dates(func(order int) bool { return order <= 0 })},
	"dategreaterthan":           {kind: asDate, test: dates(func(order int) bool { return order > 0 })},
	"dategreaterthanequals":     {kind: asDate, test: dates(func(order int) bool { return order >= 0 })},
	"bool":                      {test: texts(equalFold)},
	"binaryequals":              {test: texts(sameBytes)},
	"ipaddress":                 {kind: asNetwork, test: addresses},
	"notipaddress":              {kind: asNetwork, test: addresses, not: true},
}

// texts compares by text, variables put in. One without a value equals nothing.
func texts(same func(policy, actual string) access.Truth) test {
	return func(f *facts, v *value, actual string) access.Truth {
		s, known := v.text.resolve(f)
		if known == access.Yes {
			return same(s, actual)
		}
		return known
	}
}

// arns compares part by part, wildcards within their part.
func arns(f *facts, v *value, actual string) access.Truth { return v.arn.matches(f, actual, access.No) }

// numbers and dates hold by how the request's value is to the policy's: less, equal or greater. What is none holds for nothing.
func numbers(holds func(order int) bool) test {
	return func(_ *facts, v *value, actual string) access.Truth {
		n, ok := number(actual)
		switch {
		case v.text.open:
			return access.Maybe
		case !ok || !v.valid:
			return access.No
		case n < v.number:
			return access.Known(holds(-1))
		case n > v.number:
			return access.Known(holds(1))
		}
		return access.Known(holds(0))
	}
}

func dates(holds func(order int) bool) test {
	return func(_ *facts, v *value, actual string) access.Truth {
		t, ok := date(actual)
		switch {
		case v.text.open:
			return access.Maybe
		case !ok || !v.valid:
			return access.No
		}
		return access.Known(holds(t.Compare(v.time)))
	}
}

func addresses(_ *facts, v *value, actual string) access.Truth {
	if v.text.open {
		return access.Maybe
	}
	n := network(actual)
	return access.Known(n.IsValid() && v.valid && v.net.Bits() <= n.Bits() && v.net.Contains(n.Addr()))
}

func sameBytes(policy, actual string) access.Truth {
	a, errA := base64.StdEncoding.DecodeString(policy)
	b, errB := base64.StdEncoding.DecodeString(actual)
	return access.Known(errA == nil && errB == nil && bytes.Equal(a, b))
}

func number(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.+-eE") != "" { // such as "NaN"
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// layouts are the forms of ISO 8601 that the W3C's note on dates has.
var layouts = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"}

// date reads a date or the seconds since 1970.
func date(s string) (time.Time, bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	seconds, ok := number(s)
	if !ok || seconds > 1e11 {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(seconds * 1e6)), true
}

// network reads an address or a network. An IPv4 address within IPv6 is the IPv4 address.
func network(s string) netip.Prefix {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen())
}
