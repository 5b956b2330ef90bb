package vault

import (
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// gains are how holders give themselves any permission in a namespace, by which they get what every holder there has. Each is worked out
// once: everybody who becomes anybody is asked.
type gains struct {
	mu    sync.Mutex
	known map[gaining]*access.Step // nil: in no way
}

type gaining struct {
	profile *profile
	in      *space
}

func (g *gains) of(p *profile, in *space) (access.Step, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := gaining{p, in}
	step, there := g.known[key]
	if !there {
		step = p.gain(in)
		g.known[key] = step
	}
	if step == nil {
		return access.Step{}, false
	}
	return *step, true
}

// gain is the step by one of those requests, or nil. It is certain if there is one with whatever policies the holders come out with. That
// of the policies that they have themselves is one of the ways.
func (p *profile) gain(in *space) *access.Step {
	prefix, ok := p.space.within(in)
	if !ok {
		return nil
	}
	var best *access.Step
	all, some := true, false
	for _, x := range p.sets {
		one := x.gain(prefix, in)
		sure := one != nil && one.Decision == access.Allowed
		all, some = all && sure, some || sure
		if one != nil && (best == nil || sure && best.Decision != access.Allowed) {
			best = one
		}
	}
	if best != nil && !all && !(p.choice && some) {
		best.Decision = access.Conditional
	}
	return best
}

func (x *set) gain(prefix string, in *space) (best *access.Step) {
	for i := range powers {
		w := &powers[i]
		// A policy helps those who have it, and an entity of another namespace is nobody's who asks.
		if !w.own || strings.HasPrefix(w.path, "sys/polic") || prefix != "" && strings.HasPrefix(w.path, "identity/entity") {
			continue
		}
		for _, path := range w.paths(in) {
			for _, o := range x.openings(prefix+path, w.caps) {
				step := &access.Step{By: verb(o.Possible&w.caps) + " " + o.Path, Decision: access.Conditional, Residual: o.Residual, Because: o.Policies}
				if w.within(o.Sure) && (len(x.unread) == 0 || x.acl.Root()) {
					step.Decision, step.Residual = access.Allowed, []access.Residual{}
					return step
				}
				if best == nil {
					best = step
				}
			}
		}
	}
	return best
}
