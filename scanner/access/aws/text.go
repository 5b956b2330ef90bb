package aws

import (
	"strings"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// Wildcards within a text whose variables are resolved. They are no part of any UTF-8, so a "*" that a variable or an escape brings in
// stays the character that it is.
const (
	anyRun  = '\xFF'
	anyChar = '\xFE'
)

// text is a value in a policy, with its policy variables: fixed, or made of pieces for each request.
type text struct {
	fixed  string
	pieces []piece // when there are variables
	open   bool    // some of it is not resolved in the code that the policy is from
}

// piece is a literal or a variable.
type piece struct {
	literal  string
	key      string // of a variable, in lower case
	fallback string
	optional bool // the variable has a fallback
}

// wildcards replaces "*" and "?" by what like takes for wildcards.
var wildcards = strings.NewReplacer("*", string([]byte{anyRun}), "?", string([]byte{anyChar}))

// newText reads a value. Variables are there from version 2012-10-17 of the policy language on. From "IAM policy elements: Variables and tags".
func newText(s string, variables, wild bool) text {
	t := text{open: strings.Contains(s, awspolicy.Unknown) || strings.Contains(s, awspolicy.Computed)}
	literal := func(s string) string {
		if wild {
			return wildcards.Replace(s)
		}
		return s
	}
	if !variables || !strings.Contains(s, "${") {
		t.fixed = literal(s)
		return t
	}
	var made strings.Builder
	for {
		before, after, found := strings.Cut(s, "${")
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			made.WriteString(literal(s))
			break
		}
		made.WriteString(literal(before))
		s = rest
		if name == "*" || name == "?" || name == "$" {
			made.WriteString(name)
			continue
		}
		key, fallback, optional := strings.Cut(name, ",")
		fallback = strings.TrimSpace(fallback)
		if n := len(fallback); n >= 2 && fallback[0] == '\'' && fallback[n-1] == '\'' {
			fallback = fallback[1 : n-1]
		}
		t.pieces = append(t.pieces, piece{literal: made.String()}, piece{key: strings.ToLower(strings.TrimSpace(key)), fallback: fallback, optional: optional})
		made.Reset()
	}
	if t.pieces == nil {
		t.fixed = made.String()
	} else {
		t.pieces = append(t.pieces, piece{literal: made.String()})
	}
	return t
}

// resolve puts the facts of a request in. It says No when a variable has no value, as then the text equals nothing. A key with several
// values is no variable either.
func (t *text) resolve(f *facts) (string, access.Truth) {
	if t.open {
		return "", access.Maybe
	}
	if t.pieces == nil {
		return t.fixed, access.Yes
	}
	var made strings.Builder
	known := access.Yes
	for _, p := range t.pieces {
		if p.key == "" {
			made.WriteString(p.literal)
			continue
		}
		switch values, state := f.of(p.key); {
		case state == unknown:
			known = min(known, access.Maybe)
		case state == given && len(values) == 1 && hole(values[0]) >= 0:
			known = min(known, access.Maybe)
		case state == given && len(values) == 1:
			made.WriteString(values[0])
		case state == absent && p.optional:
			made.WriteString(p.fallback)
		default:
			known = access.No
		}
	}
	return made.String(), known
}

// variables calls do for each condition key that the text takes in.
func (t *text) variables(do func(key string)) {
	for _, p := range t.pieces {
		if p.key != "" {
			do(p.key)
		}
	}
}

// like reports whether a resolved pattern describes all of a text. Time is at most in proportion to pattern times text.
func like(pattern, s string) bool {
	star, mark := -1, 0 // where the last run was, and from where the text after what it stands for is tried
	p, t := 0, 0
	for t < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == anyRun:
			star, mark = p, t
			p++
			continue
		case p < len(pattern) && pattern[p] == anyChar:
			_, size := utf8.DecodeRuneInString(s[t:])
			p++
			t += size
			continue
		case p < len(pattern) && pattern[p] == s[t]:
			p++
			t++
			continue
		case star < 0:
			return false
		}
		_, size := utf8.DecodeRuneInString(s[mark:])
		mark += size
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == anyRun {
		p++
	}
	return p == len(pattern)
}
