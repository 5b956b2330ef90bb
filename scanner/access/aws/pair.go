package aws

import "github.com/keyreeve/keyreeve/scanner/access"

// pair is a truth value for each action of a set: true in both is true, in p only is unknown, in none is false. What is in t is in p.
type pair struct{ t, p Set }

func certainly(s Set) pair { return pair{s, s} }

func (a pair) and(b pair) pair   { return pair{a.t & b.t, a.p & b.p} }
func (a pair) or(b pair) pair    { return pair{a.t | b.t, a.p | b.p} }
func (a pair) not() pair         { return pair{^a.p, ^a.t} }
func (a pair) within(s Set) pair { return pair{a.t & s, a.p & s} }

// when is the pair if a truth value of its own is true: all of it and that value.
func (a pair) when(t access.Truth) pair {
	switch t {
	case access.Yes:
		return a
	case access.Maybe:
		return pair{0, a.p}
	}
	return pair{}
}
