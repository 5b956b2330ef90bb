package azure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// evidence is one document that speaks for or against: how surely, and what it leaves to ask.
type evidence struct {
	truth    access.Truth
	because  access.Because
	residual []access.Residual
}

// require makes the evidence depend on one more condition, and keeps what is left to ask if that is not known.
func (g *evidence) require(t access.Truth, left ...access.Residual) {
	g.truth = g.truth.And(t)
	if t == access.Maybe {
		g.residual = append(g.residual, left...)
	}
}

// allow makes the evidence depend on one of several permission blocks having the action.
func (g *evidence) allow(q *question, blocks []block, statement string) {
	best := access.No
	var left []access.Residual
	for i := range blocks {
		if b := &blocks[i]; b.grants(q.plane, q.action) {
			best = best.Or(b.condition.truth(q.action, q.known))
			left = append(left, b.condition.residual(q.action, q.known, statement)...)
		}
	}
	g.require(best, left...)
}

func documentName(kind, id string, index int) string {
	if id == "" {
		return fmt.Sprintf("%s %d", kind, index)
	}
	return kind + " " + id[strings.LastIndexByte(id, '/')+1:]
}

// failed is the answer when there is none.
func failed(id string, err error) access.Answer {
	return access.Answer{ID: id, Decision: access.Failed, Residual: []access.Residual{}, Because: []access.Because{}, Error: err.Error()}
}

// conclude weighs what grants against what denies. A role that is missing matters only where it could change the decision.
func conclude(id string, grants, denies []evidence, missing error) access.Answer {
	granted, denied := strongest(grants), strongest(denies)
	a := access.Answer{ID: id, Residual: []access.Residual{}, Because: []access.Because{}}
	switch {
	case denied == access.Yes:
		a.Decision, a.Explicit = access.Denied, true
		cite(&a, denies, access.Yes)
	case granted == access.Yes && denied == access.No:
		a.Decision = access.Allowed
		cite(&a, grants, access.Yes)
	case missing != nil && (granted == access.No || denied == access.No):
		return failed(id, missing)
	case granted == access.No:
		a.Decision = access.Denied
	default:
		a.Decision = access.Conditional
		cite(&a, grants, granted)
		cite(&a, denies, access.Maybe)
	}
	slices.SortFunc(a.Residual, func(x, y access.Residual) int {
		return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Key, y.Key), cmp.Compare(x.Statement, y.Statement))
	})
	a.Residual = slices.Compact(a.Residual)
	slices.SortFunc(a.Because, func(x, y access.Because) int {
		return cmp.Or(cmp.Compare(x.Document, y.Document), cmp.Compare(x.Statement, y.Statement))
	})
	a.Because = slices.Compact(a.Because)
	return a
}

// strongest is the truth of any of the evidence.
func strongest(list []evidence) access.Truth {
	t := access.No
	for _, g := range list {
		t = t.Or(g.truth)
	}
	return t
}

// cite adds the evidence of one truth to an answer, and what it leaves to ask.
func cite(a *access.Answer, list []evidence, t access.Truth) {
	for _, g := range list {
		if g.truth == t {
			a.Because = append(a.Because, g.because)
			if t == access.Maybe {
				a.Residual = append(a.Residual, g.residual...)
			}
		}
	}
}
