package azure

import "strings"

// pattern is a string of a role that stands for actions: * is any run of characters, slashes included, and case does not matter.
// It holds the texts between the asterisks, in lower case.
type pattern []string

func compilePattern(s string) pattern { return strings.Split(strings.ToLower(s), "*") }

// match reports whether the pattern stands for an action that is in lower case.
func (p pattern) match(action string) bool {
	first, last := p[0], p[len(p)-1]
	if len(p) == 1 {
		return action == first
	}
	if len(action) < len(first)+len(last) || !strings.HasPrefix(action, first) || !strings.HasSuffix(action, last) {
		return false
	}
	rest := action[len(first) : len(action)-len(last)]
	for _, part := range p[1 : len(p)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return true
}

type patterns []pattern

func compilePatterns(list []string) patterns {
	out := make(patterns, len(list))
	for i, s := range list {
		out[i] = compilePattern(s)
	}
	return out
}

func (ps patterns) match(action string) bool {
	for _, p := range ps {
		if p.match(action) {
			return true
		}
	}
	return false
}
