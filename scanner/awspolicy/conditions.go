package awspolicy

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/glob"
)

// shape is how a value of a condition key has to be stated for it to hold a request to something.
type shape int

const (
	whole   shape = iota // no wildcard anywhere: an account ID
	leading              // none before the first "/" or ":": "o-a1b2c3d4e5/*", "AROAEXAMPLE:*"
	arn                  // none in the account, or, where the ARN has no account, none at all
	named                // some character that is no wildcard: "alias/app-*"
	network              // a network that is not most of the internet
)

// callers are the condition keys that say who calls, or from which network, and that a caller cannot choose. Tags of principals are not
// among them: strangers tag themselves as they like. Nor are those that say how somebody calls (kms:ViaService) or for what
// (kms:EncryptionContext:, kms:GrantIsForAWSResource). From "AWS global condition context keys" and "AWS KMS condition keys".
var callers = map[string]shape{
	"aws:principalorgid":    whole,
	"aws:principalorgpaths": leading,
	"aws:principalaccount":  whole,
	"aws:principalarn":      arn,
	"aws:userid":            leading,
	"aws:sourcearn":         arn,
	"aws:sourceaccount":     whole,
	"aws:sourceowner":       whole, // of old services
	"aws:sourceorgid":       whole,
	"aws:sourceorgpaths":    leading,
	"aws:sourcevpc":         whole,
	"aws:sourcevpcarn":      arn,
	"aws:sourcevpce":        whole,
	"aws:vpceaccount":       whole,
	"aws:vpceorgid":         whole,
	"aws:vpceorgpaths":      leading,
	"aws:sourceip":          network,
	"kms:calleraccount":     whole,
}

// picks are the condition keys that pick some keys or secrets out of all. A name that ends in "/" begins a key.
var picks = map[string]shape{
	"aws:resourcetag/":            named,
	"kms:resourcealiases":         named,
	"kms:requestalias":            named,
	"secretsmanager:resourcetag/": named,
	"secretsmanager:secretid":     named,
}

// narrows reports whether a condition certainly holds requests to some values of one of some keys. Conditions are all to hold, so one
// is enough.
func (s *Statement) narrows(which map[string]shape) certain {
	best := no
	for _, c := range s.Conditions {
		if demands := s.demands(c); demands > no {
			best = max(best, min(demands, c.narrows(which)))
		}
	}
	return best
}

// demands reports whether a condition fails when its key is missing or has another value. One with IfExists or ForAllValues does so
// only beside a Null that demands the key. Negated operators (StringNotEquals, ...) hold for all strangers but some.
func (s *Statement) demands(c Condition) certain {
	if strings.ContainsAny(c.Operator, Unknown+Computed) {
		return unresolved
	}
	op := strings.ToLower(c.Operator)
	op, all := strings.CutPrefix(op, "forallvalues:")
	base, exists := strings.CutSuffix(op, "ifexists")
	base = strings.TrimPrefix(base, "foranyvalue:")
	if !slices.Contains(positive, base) {
		return no
	}
	if all || exists {
		return between(slices.ContainsFunc(s.Conditions, func(n Condition) bool {
			return strings.EqualFold(n.Operator, "Null") && strings.EqualFold(n.Key, c.Key) && len(n.Values) == 1 && strings.EqualFold(n.Values[0], "false")
		}), false)
	}
	return yes
}

// positive are the operators that hold only for a value that is there. The first two take values as they stand; "*" is a star to them.
var positive = []string{"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}

func (c Condition) narrows(which map[string]shape) certain {
	need, known := shapeOf(which, c.Key)
	if known == no || len(c.Values) == 0 {
		return no
	}
	if known == unresolved || strings.ContainsAny(c.Operator, Unknown+Computed) {
		return unresolved
	}
	exact := strings.Contains(strings.ToLower(c.Operator), "stringequals")
	worst := known
	for _, v := range c.Values {
		worst = min(worst, holdsTo(need, v, exact))
	}
	return worst
}

// shapeOf looks a condition key up, in any letter case. A name that begins with ":" or "/" is the end of one.
func shapeOf(which map[string]shape, key string) (need shape, possible certain) {
	key = strings.ToLower(strings.ReplaceAll(key, Computed, Unknown))
	start, _, _ := strings.Cut(key, Unknown)
	for name, shape := range which {
		begins, ends := strings.HasSuffix(name, "/"), name[0] == ':' || name[0] == '/'
		switch {
		case key == name, begins && strings.HasPrefix(key, name), ends && strings.HasSuffix(key, name):
			return shape, yes
		case begins && strings.HasPrefix(name, start) && open(key), ends && strings.HasSuffix(key, Unknown), open(key) && glob.Match(atMost(key), name):
			possible = unresolved
		}
	}
	return need, possible
}

// holdsTo reports whether a value of a condition holds requests to something.
func holdsTo(need shape, value string, exact bool) certain {
	if need == network {
		return between(narrowNetwork(value), strings.ContainsAny(value, Unknown+Computed))
	}
	if openVariable(value) {
		return unresolved
	}
	if exact {
		return between(!open(value) && need.settled(value), open(value))
	}
	return between(need.fits(atMost(value)), need.fits(atLeast(value)))
}

// openVariable reports whether a value has a policy variable whose name, or where it ends, is not resolved.
func openVariable(value string) bool {
	for _, after := range strings.Split(value, "${")[1:] {
		name, _, _ := strings.Cut(after, "}")
		if strings.ContainsAny(name, Unknown+Computed) {
			return true
		}
	}
	return false
}

// holders are the policy variables that say who holds an identity's policy: by them it gets some keys or secrets out of all, as with
// "${aws:PrincipalTag/team}". From "IAM policy elements: Variables and tags".
var holders = []string{"aws:principal", "aws:username", "aws:userid"}

// resources are those that say what a call is about: "${aws:ResourceAccount}" holds callers to the account of the key.
var resources = []string{"aws:resource"}

// settled reports whether a value is not made of the very thing that it is to hold to something. A policy variable may be: a caller's
// account is "${aws:PrincipalAccount}" and a key's tag "${aws:ResourceTag/team}" in any case. One with a fallback ("${x, '*'}") counts
// as if it were.
func (need shape) settled(value string) bool {
	allowed := resources
	if need == named {
		allowed = holders
	}
	for rest := value; ; {
		_, after, found := strings.Cut(rest, "${")
		if !found {
			return true
		}
		name, after, closed := strings.Cut(strings.ToLower(after), "}")
		escape := name == "*" || name == "?" || name == "$"
		settles := slices.ContainsFunc(allowed, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) && !strings.Contains(name, ",")
		if !closed || !escape && !settles {
			return false
		}
		rest = after
	}
}

// fits reports whether a pattern has the shape.
func (need shape) fits(pattern string) bool {
	if !need.settled(pattern) {
		return false
	}
	wild := func(s string) bool { return strings.ContainsAny(s, "*?") }
	switch need {
	case leading:
		first, _, _ := strings.Cut(strings.ReplaceAll(pattern, ":", "/"), "/")
		return first != "" && !wild(first)
	case arn:
		segments := strings.SplitN(pattern, ":", 6)
		return !wild(pattern) || len(segments) == 6 && segments[4] != "" && !wild(segments[4])
	case named:
		return strings.Trim(pattern, "*?") != ""
	}
	return !wild(pattern)
}

// narrowNetwork reports whether a network is at most as large as the largest that one organisation was given.
func narrowNetwork(value string) bool {
	if _, err := netip.ParseAddr(value); err == nil {
		return true
	}
	p, err := netip.ParsePrefix(value)
	return err == nil && (p.Addr().Is4() && p.Bits() >= 8 || !p.Addr().Is4() && p.Bits() >= 32)
}
