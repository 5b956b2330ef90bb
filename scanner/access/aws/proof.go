package aws

import "github.com/keyreeve/keyreeve/scanner/access"

// proof is a truth value together with what it rests on: a statement or grant, or other proofs all or one of which it takes.
type proof struct {
	truth access.Truth
	all   bool // of the parts; otherwise one is enough
	parts []proof
	from  *match
}

// match is a statement or grant that may apply to a request.
type match struct {
	name      string
	statement *statement // nil for a grant
	at        spot
	left      []access.Residual // of a grant
	exempt    bool              // it is of a control policy that may not restrict the caller
}

// spot is a statement or grant within a request, by its index.
type spot struct {
	place place
	index int
}

var certain = proof{truth: access.Yes}

func allOf(parts ...proof) proof {
	p := proof{truth: access.Yes, all: true, parts: parts}
	for i := range parts {
		p.truth = p.truth.And(parts[i].truth)
	}
	return p
}

func oneOf(parts ...proof) proof {
	p := proof{parts: parts}
	for i := range parts {
		p.truth = p.truth.Or(parts[i].truth)
	}
	return p
}

// add makes one more way to prove it. What is false is none.
func (p *proof) add(truth access.Truth, from *match) {
	if truth != access.No {
		p.truth = p.truth.Or(truth)
		p.parts = append(p.parts, proof{truth: truth, from: from})
	}
}

// visit calls do for the matches that the proof rests on.
func (p *proof) visit(do func(truth access.Truth, from *match)) {
	if p.from != nil {
		do(p.truth, p.from)
	}
	for i := range p.parts {
		part := &p.parts[i]
		if part.truth == access.No || !p.all && part.truth < p.truth {
			continue
		}
		part.visit(do)
	}
}
