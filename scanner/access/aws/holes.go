package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Holes stand in a value of a request for what is not known of it. Like wildcards they are no part of any UTF-8. A value has one at most.
const (
	anyPath = '\xFD' // nothing, or parts of a path, each with "/" at its end: of a role that only a session names
	anyID   = '\xFC' // what is unique in the ID of a principal: capital letters and digits
)

// hole returns where the hole in a value is, or -1.
func hole(s string) int {
	return max(strings.IndexByte(s, anyPath), strings.IndexByte(s, anyID))
}

// holed reports whether a single value has a hole.
func holed(values []string) bool { return len(values) == 1 && hole(values[0]) >= 0 }

// equal and equalFold compare texts, wildcards meaning nothing.
func equal(policy, actual string) access.Truth {
	if hole(actual) < 0 {
		return access.Known(policy == actual)
	}
	return likeHoled(policy, actual)
}

func equalFold(policy, actual string) access.Truth {
	at := hole(actual)
	if at < 0 {
		return access.Known(strings.EqualFold(policy, actual))
	}
	return likeHoled(strings.ToLower(policy), strings.ToLower(actual[:at])+actual[at:at+1]+strings.ToLower(actual[at+1:]))
}

// likeHoled says whether a resolved pattern describes a value however its hole is filled: for all ways, for none, or for some.
func likeHoled(pattern, s string) access.Truth {
	at := hole(s)
	if at < 0 {
		return access.Known(like(pattern, s))
	}
	before, after := s[:at], s[at+1:]
	all := true
	for _, filled := range fillings(s, strings.Count(pattern, string([]byte{anyChar}))) {
		all = all && like(pattern, filled)
	}
	const run = "\xFF" // anyRun
	switch {
	case all:
		return access.Yes
	case s[at] == anyPath && (like(pattern, before+after) || meet(pattern, before+run+"/"+after)):
		return access.Maybe
	case s[at] == anyID && meet(pattern, before+run+after):
		return access.Maybe
	}
	return access.No
}

// fillings fills the hole of a value so that what describes all of these describes any other, too: with text that no pattern has, and that
// wildcards describe, then. How long it is matters to single characters, of which a pattern has so many.
func fillings(s string, chars int) []string {
	const foreign = "\x01"
	at := hole(s)
	before, after := s[:at], s[at+1:]
	var out []string
	if s[at] == anyPath {
		out = append(out, before+after)
	}
	for n := 1; n <= 2+chars; n++ {
		if s[at] == anyPath {
			out = append(out, before+strings.Repeat(foreign, n)+"/"+after)
		} else {
			out = append(out, before+strings.Repeat(foreign, 15+n)+after)
		}
	}
	return out
}

// anyway reports whether one or the other value of a condition describes a value, however its hole is filled.
func (c *condition) anyway(f *facts, actual string) bool {
	chars := 0
	for i := range c.values {
		chars = max(chars, strings.Count(c.values[i].raw, "?"))
	}
	for _, filled := range fillings(actual, chars) {
		if !slices.ContainsFunc(c.values, func(v value) bool { return c.test(f, &v, filled) == access.Yes }) {
			return false
		}
	}
	return true
}

// meet reports whether some text is described by both of two patterns, of which the second has no single characters to fill. Time is at
// most in proportion to their lengths multiplied.
func meet(a, b string) bool {
	row := make([]bool, len(b)+1) // row[j]: what is left of a and b[j:] have a text in common
	next := slices.Clone(row)
	for i := len(a); i >= 0; i-- {
		for j := len(b); j >= 0; j-- {
			starA, starB := i < len(a) && a[i] == anyRun, j < len(b) && b[j] == anyRun
			switch {
			case i == len(a) && j == len(b):
				row[j] = true
			case starA:
				row[j] = next[j] || j < len(b) && row[j+1]
			case starB:
				row[j] = row[j+1] || i < len(a) && next[j]
			default:
				row[j] = i < len(a) && j < len(b) && (a[i] == b[j] || a[i] == anyChar) && next[j+1]
			}
		}
		row, next = next, row
	}
	return next[0]
}
