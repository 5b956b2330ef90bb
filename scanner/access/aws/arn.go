package aws

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// arnPattern is a pattern that ARNs are compared with part by part: wildcards stay in their part.
type arnPattern struct {
	everything bool   // "*"
	parts      []text // at most six; the last of six may hold colons
	runsOn     bool   // there are fewer than six, and a "*" at the end runs over the rest
	open       bool   // some of it is not resolved, colons perhaps
}

// newARNPattern reads a pattern. Colons within a policy variable separate nothing.
func newARNPattern(s string, variables bool) arnPattern {
	if s != "" && strings.Trim(s, "*") == "" {
		return arnPattern{everything: true}
	}
	var p arnPattern
	start, depth := 0, 0
	for i := 0; i < len(s) && len(p.parts) < 5; i++ {
		switch {
		case variables && strings.HasPrefix(s[i:], "${") && strings.Contains(s[i:], "}"):
			depth = 1
		case s[i] == '}':
			depth = 0
		case s[i] == ':' && depth == 0:
			p.parts = append(p.parts, newText(s[start:i], variables, true))
			start = i + 1
		}
	}
	p.parts = append(p.parts, newText(s[start:], variables, true))
	for i := range p.parts {
		p.open = p.open || p.parts[i].open
	}
	p.runsOn = len(p.parts) < 6 && strings.HasSuffix(s, "*")
	return p
}

// matches compares with an ARN. Short is whether parts that are missing at the end are as "*".
func (p *arnPattern) matches(f *facts, arn string, short access.Truth) access.Truth {
	switch {
	case p.everything:
		return access.Yes
	case p.open:
		return access.Maybe
	}
	truth := access.Yes
	for i := range p.parts {
		last := i == len(p.parts)-1
		part, rest, more := strings.Cut(arn, ":")
		if i == 5 || last && p.runsOn {
			part, rest, more = arn, "", false
		}
		pattern, known := p.parts[i].resolve(f)
		if known == access.Yes {
			known = likeHoled(pattern, part)
		}
		switch truth = truth.And(known); {
		case truth == access.No:
			return access.No
		case last && more:
			return truth.And(short)
		case !last && !more:
			return access.No
		}
		arn = rest
	}
	return truth
}

// isShort reports whether it depends on parts that are missing at its end whether it describes an ARN.
func (p *arnPattern) isShort(f *facts, arn string) bool {
	return p.matches(f, arn, access.Yes) != p.matches(f, arn, access.No)
}

func (p *arnPattern) variables(do func(key string)) {
	for i := range p.parts {
		p.parts[i].variables(do)
	}
}

// resource returns the last part of an ARN, which may hold colons.
func resource(arn string) string {
	for range 5 {
		_, rest, found := strings.Cut(arn, ":")
		if !found {
			return ""
		}
		arn = rest
	}
	return arn
}

// Parts of an ARN, counted from 0.
const (
	partition = 1
	service   = 2
	region    = 3
	account   = 4
)

// part returns one of the first five parts of an ARN, or "".
func part(arn string, n int) string {
	for ; n > 0; n-- {
		_, rest, found := strings.Cut(arn, ":")
		if !found {
			return ""
		}
		arn = rest
	}
	head, _, _ := strings.Cut(arn, ":")
	return head
}
