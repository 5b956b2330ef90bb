package aws

import (
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Refine returns what tells of a step whether it leads to an action on a key or secret. Whoever gives itself any policy has what its account
// delegates, which StepsTo takes for a step to the account's root user; but the documents of the target may leave more to that than to
// anybody whom one can make. So the step counts as far as a new role with any policy may do it, under a name that nobody mentions or, less
// certainly, under a fitting one.
func (e *Estate) Refine(action string, key inventory.ID) func(access.Step) (access.Step, bool) {
	t := e.target(key)
	if t == nil {
		return func(s access.Step) (access.Step, bool) { return s, true }
	}
	account := accountIn(t.ARN)
	root := "arn:" + partitionOf(t.ARN) + ":iam::" + account + ":root"
	newcomer := sync.OnceValue(func() verdict {
		as := eval.Supposed{Newcomer: "arn:" + partitionOf(t.ARN) + ":iam::" + account + ":role/made-for-this", Identity: []eval.Document{anyPolicy}}
		for _, as.Unnamed = range []bool{false, true} {
			got, err := e.index.Suppose(root, action, t.ARN, as)
			if err != nil {
				return verdict{decision: access.Conditional}
			}
			if got.Decision != access.Denied {
				return verdict{decision: got.Decision, residual: unreadNamed(got).Residual}
			}
		}
		return verdict{decision: access.Denied}
	})
	return func(s access.Step) (access.Step, bool) {
		if s.To != root {
			return s, true
		}
		v := verdictOf(s).also(newcomer())
		return v.step(s.From, s.To, s.By), v.decision != access.Denied
	}
}
