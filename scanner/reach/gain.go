package reach

import (
	"maps"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// giver is what a system may tell as well: what a principal may do after it has given itself the permission for an action by another, which
// it may do. Where no system tells, it is not certain.
type giver interface {
	Gained(principal, by, action string, key inventory.ID) (access.Answer, error)
}

// settler is what a system may tell as well: whether what Gained says of an action by which somebody gives itself the permission says under which
// conditions it may do that, too.
type settler interface{ Wholly(by string) bool }

// unbinder is what a system may tell as well: the steps of those who may do something to a key or secret after they have given themselves other
// policies or got rid of what keeps them from it, of those who matter.
type unbinder interface {
	Unbound(action string, key inventory.ID, matters func(string) bool) ([]access.Step, error)
}

// gains are the last steps of those who may not by themselves and may give themselves the permission, or who may under conditions and certainly
// give themselves one without, by who they are: they write the key's policy, a grant or their own policies, or get rid of what keeps them from
// it. Of several steps it is one that is certain, or else the first.
func gains(s system, h *access.Holders, key inventory.ID) (map[string]access.Step, error) {
	may, perhaps := map[string]bool{everyone: true}, map[string]bool{}
	for _, holder := range h.Holders {
		may[holder.Principal] = holder.Decision == access.Allowed
		perhaps[holder.Principal] = true
	}
	out := map[string]access.Step{}
	for _, by := range s.Gains(h.Action, key) {
		found, err := s.Who(by, key)
		if err != nil {
			return nil, err
		}
		for _, g := range found.Holders {
			if before, there := out[g.Principal]; there && before.Decision == access.Allowed || may[g.Principal] {
				continue
			}
			step, err := gain(s, &g, by, h.Action, key)
			if err != nil {
				return nil, err
			}
			if _, there := out[g.Principal]; step.Decision == access.Allowed || step.Decision == access.Conditional && !there && !perhaps[g.Principal] {
				out[g.Principal] = step
			}
		}
	}
	u, is := s.(unbinder)
	if !is {
		return out, nil
	}
	steps, err := u.Unbound(h.Action, key, func(who string) bool { return !may[who] && out[who].Decision != access.Allowed })
	for _, step := range steps {
		if before, there := out[step.From]; !may[step.From] && (!there && !perhaps[step.From] || before.Decision != access.Allowed && step.Decision == access.Allowed) {
			out[step.From] = step
		}
	}
	return out, err
}

// gain is the step by which somebody who may do one thing gives itself the permission for another.
func gain(s system, g *access.Holder, by, action string, key inventory.ID) (access.Step, error) {
	got := access.Answer{Decision: access.Conditional, Residual: []access.Residual{{Class: access.What, Key: "boundaries and control policies that bear on what it makes"}}}
	if tells, is := s.(giver); is {
		var err error
		if got, err = tells.Gained(g.Principal, by, action, key); err != nil {
			return access.Step{}, err
		}
	}
	step := access.Step{From: g.Principal, To: g.Principal, By: by, Decision: got.Decision, Because: append([]access.Because{}, got.Because...), Residual: []access.Residual{}}
	if whole, is := s.(settler); is && whole.Wholly(by) {
		step.Residual = append(step.Residual, got.Residual...)
		return step, nil
	}
	if got.Decision == access.Allowed {
		step.Decision = g.Decision
	}
	for _, u := range g.Unread {
		step.Residual = append(step.Residual, access.Residual{Class: access.What, Key: u.Document, Statement: "not read: " + u.Why})
	}
	for _, r := range slices.Concat(got.Residual, g.Residual) {
		if !slices.Contains(step.Residual, r) {
			step.Residual = append(step.Residual, r)
		}
	}
	return step, nil
}

// withGains adds those who give themselves the permission to the holders, so that ways lead to them as well.
func withGains(holders []access.Holder, gains map[string]access.Step) []access.Holder {
	out := slices.Clone(holders)
	for _, who := range slices.Sorted(maps.Keys(gains)) {
		out = append(out, access.Holder{Principal: who, Decision: gains[who].Decision})
	}
	return out
}
