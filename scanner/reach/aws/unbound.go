package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Unbound are the steps of those of a key's or secret's account who may do something to it after they have given themselves any policy or a tag, or got
// rid of their own boundary or of documents of theirs that deny it, sorted by who they are. Whether they may now was not asked; those who
// do not matter are left out.
func (e *Estate) Unbound(action string, key inventory.ID, matters func(string) bool) ([]access.Step, error) {
	t := e.target(key)
	if t == nil {
		return nil, nil
	}
	b := e.becoming()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []access.Step
	for _, f := range b.formsOf(accountIn(t.ARN)) {
		bound := b.byARN[f.from].Boundary
		rid := len(f.caller.Boundary) < len(bound)
		if f.group != "" || f.gone == 0 && !rid && !f.full || f.caller.ARN != f.from || !matters(f.from) {
			continue
		}
		got, err := e.index.Suppose(f.from, action, t.ARN, eval.Supposed{Identity: f.caller.Identity.Identity, Unbounded: rid})
		if err != nil {
			return nil, err
		}
		v := f.verdict.also(verdict{got.Decision, unreadNamed(got).Residual, got.Because})
		out = append(out, v.step(f.from, f.from, strings.TrimSuffix(f.by, ", then ")))
	}
	tagged, err := e.retagged(b, action, t, matters)
	if err != nil {
		return nil, err
	}
	out = best(append(out, tagged...))
	slices.SortFunc(out, func(a, b access.Step) int { return strings.Compare(a.From, b.From) })
	return out, nil
}
