package vault

import (
	"cmp"
	"strings"
)

// kind says how a rule's path is compared with that of a request.
type kind uint8

const (
	exact   kind = iota // byte by byte
	prefix              // the path's beginning, not segment by segment: "app*" matches "application/x"
	segment             // segment by segment; a "+" is any one
)

// pattern is the path of a rule, with its namespace and without the "*" at its end.
type pattern struct {
	kind    kind
	text    string
	open    bool // it ended in "*": more may follow
	first   int  // where the first wildcard stands
	plus    int  // segments that are "+"
	literal int  // segment: how much of text stands before the segment that has the first "+", so must be equal
}

// patternOf reads the path of a rule; the parser has refused "+*". A "+" that is not a whole segment and a "*" within are literal
// characters, but a segment that begins with "+" is enough to make a rule be compared by segments.
func patternOf(path string) pattern {
	text, open := strings.CutSuffix(path, "*")
	if path != "+" && !strings.HasPrefix(path, "+/") && !strings.Contains(path, "/+") {
		if open {
			return pattern{kind: prefix, text: text, open: true, first: len(text)}
		}
		return pattern{kind: exact, text: path, first: len(path)}
	}
	p := pattern{kind: segment, text: text, open: open, first: strings.Index(path, "+")}
	for part := range strings.SplitSeq(text, "/") {
		if part == "+" {
			p.plus++
		}
	}
	p.literal = strings.LastIndexByte(text[:p.first], '/') + 1
	return p
}

// String is the path as a rule would have it.
func (p pattern) String() string {
	if p.open {
		return p.text + "*"
	}
	return p.text
}

// matches reports whether a path fits.
func (p *pattern) matches(path string) bool {
	switch p.kind {
	case exact:
		return path == p.text
	case prefix:
		return strings.HasPrefix(path, p.text)
	}
	if !strings.HasPrefix(path, p.text[:p.literal]) {
		return false
	}
	rest, path := p.text[p.literal:], path[p.literal:]
	for {
		want, later, more := strings.Cut(rest, "/")
		have, following, goesOn := strings.Cut(path, "/")
		switch {
		case !more && p.open:
			return strings.HasPrefix(have, want)
		case want != "+" && want != have, more != goesOn:
			return false
		case !more:
			return true
		}
		rest, path = later, following
	}
}

// The steps by which Vault ranks the rules that match a path, in their order, as a reader is told of them.
const (
	byExact    = "a rule for the very path goes before one with wildcards"
	byFirst    = "its first wildcard stands further to the right"
	byEnd      = `it does not end in "*"`
	byPlus     = `it has fewer "+"`
	byLength   = "it is longer"
	byAlphabet = "it comes later in the alphabet"
	byList     = `LIST looks for the path without its "/" at the end first`
)

// rank compares two patterns that match the same path: positive if p decides. It names the step that decides. Two patterns are equal
// only where they are the same.
func rank(p, q *pattern) (int, string) {
	if p.kind == exact || q.kind == exact {
		return truth(p.kind == exact) - truth(q.kind == exact), byExact
	}
	if d := cmp.Compare(p.first, q.first); d != 0 {
		return d, byFirst
	}
	if d := truth(q.open) - truth(p.open); d != 0 {
		return d, byEnd
	}
	if d := cmp.Compare(q.plus, p.plus); d != 0 {
		return d, byPlus
	}
	if d := cmp.Compare(len(p.text), len(q.text)); d != 0 {
		return d, byLength
	}
	return cmp.Compare(p.text, q.text), byAlphabet
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
