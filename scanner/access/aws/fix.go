package aws

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// change is what is done to a statement or grant: it gets a condition, or goes.
type change struct {
	condition *condition
	text      string // of the condition
}

// leaves says whether a changed statement still may apply.
func (c *change) leaves(f *facts) access.Truth {
	if c.condition == nil {
		return access.No
	}
	return c.condition.holds(f)
}

// Fix decides a request and, if it may be allowed, says by which change of the fewest statements it would be denied. A statement of the
// resource's policy that names others, too, gets a condition that leaves the caller out; any other goes. What the fix says has been
// tried: the request with it is denied. There is none when no statement gives the permission, as with the root user of an account.
// Control policies are not changed, as they limit and do not give.
func (e *Evaluator) Fix(r Request) (access.Answer, []access.Change) {
	answer := e.Decide(r)
	if answer.Decision != access.Allowed && answer.Decision != access.Conditional {
		return answer, nil
	}
	asked := r
	w, err := e.weigh(&asked, nil)
	if err != nil {
		return answer, nil
	}
	for _, set := range fixes(w.givers()) {
		changes, list := map[spot]*change{}, []access.Change{}
		for _, m := range set {
			c := w.without(m)
			changes[m.at] = c
			list = append(list, access.Change{Document: m.at.place.String(), Statement: m.name, Condition: c.text})
		}
		if e.denied(r, changes) {
			return answer, list
		}
	}
	return answer, nil
}

func (e *Evaluator) denied(r Request, changes map[spot]*change) bool {
	w, err := e.weigh(&r, changes)
	if err != nil {
		return false
	}
	allowed := w.allowed()
	return allowed.truth == access.No || w.denies.truth == access.Yes
}

// preferred is in which order documents are changed: what is nearest to the key first, as it says the most about it.
var preferred = []side{grantSide, keyPolicy, trustPolicy, resourcePolicy, identity, session, boundary}

// givers are all statements and grants that might give the permission in some way, also where others give it already.
func (w *weighing) givers() []*match {
	var out []*match
	seen := map[spot]bool{}
	granted := w.granted()
	granted.every(func(m *match) {
		if !seen[m.at] {
			seen[m.at] = true
			out = append(out, m)
		}
	})
	slices.SortFunc(out, func(a, b *match) int {
		x, y := a.at, b.at
		return cmp.Or(slices.Index(preferred, x.place.side)-slices.Index(preferred, y.place.side), x.place.index-y.place.index, x.index-y.index)
	})
	return out
}

// every calls do for each match that is not false, whether or not the proof rests on it.
func (p *proof) every(do func(*match)) {
	if p.from != nil && p.truth != access.No {
		do(p.from)
	}
	for i := range p.parts {
		p.parts[i].every(do)
	}
}

// most is of how many givers at most all sets are tried. Of more, each alone and all together are.
const most = 10

// fixes lists sets of statements to change, smaller ones first.
func fixes(givers []*match) [][]*match {
	var out [][]*match
	if len(givers) > most {
		for i := range givers {
			out = append(out, givers[i:i+1])
		}
		return append(out, givers)
	}
	for bits := 1; bits < 1<<len(givers); bits++ {
		var set []*match
		for i, m := range givers {
			if bits&(1<<i) != 0 {
				set = append(set, m)
			}
		}
		out = append(out, set)
	}
	slices.SortStableFunc(out, func(a, b []*match) int { return len(a) - len(b) })
	return out
}

// without is the change by which a statement no longer gives anything to the caller.
func (w *weighing) without(m *match) *change {
	c := &w.caller
	others := m.statement != nil && (len(m.statement.principals) > 1 || m.statement.notPrincipals ||
		len(m.statement.principals) == 1 && (m.statement.principals[0].everyone || m.statement.principals[0].account != "" && c.kind != root))
	if !m.at.place.side.onResource() || !others || c.outside() || c.arn == "" {
		return &change{}
	}
	values, text := []string{c.arn}, fmt.Sprintf("%q", c.arn)
	if c.holed != "" { // in any path
		values = append(values, strings.TrimSuffix(c.arn, c.name)+"*/"+c.name)
		text = fmt.Sprintf("[%q,%q]", values[0], values[1])
	}
	made, err := newCondition(awspolicy.Condition{Operator: "ArnNotEquals", Key: "aws:PrincipalArn", Values: values}, false)
	if err != nil || made.holds(w.facts) != access.No {
		return &change{}
	}
	return &change{&made, "ArnNotEquals aws:PrincipalArn " + text}
}
