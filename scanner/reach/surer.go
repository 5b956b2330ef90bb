package reach

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// surer finds the ways by which those who may only under conditions get past these: each step of such a way is certain, and so is what its
// end may.
type surer struct {
	ways *Ways
	last map[string]access.Step
}

func newSurer(s system, h *access.Holders, last map[string]access.Step, key inventory.ID) surer {
	certain := slices.DeleteFunc(slices.Clone(h.Holders), func(holder access.Holder) bool { return holder.Decision != access.Allowed })
	own := map[string]access.Step{}
	for who, step := range last {
		if step.Decision == access.Allowed {
			own[who] = step
		}
	}
	return surer{NewWays(withGains(certain, own), stepsFor(s, h.Action, key)), own}
}

// from is the certain way of somebody who may only under conditions, and whom it leads to.
func (s surer) from(who string) (path []access.Step, holder string) {
	path, holder, ok := s.ways.From(who)
	if step, is := s.last[holder]; is {
		path, holder = append(path, step), step.To
	}
	if !ok || len(path) == 0 || path[0].From != who || slices.ContainsFunc(path, func(step access.Step) bool { return step.Decision != access.Allowed }) {
		return nil, ""
	}
	return path, holder
}
