package vault

import (
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
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

// gain is the step by some of those means, or nil. It is certain if there are such with whatever policies the holders come out with. That
// of the policies that they have themselves is one of the ways.
func (p *profile) gain(in *space) *access.Step {
	prefix, ok := p.space.within(in)
	if !ok {
		return nil
	}
	var best *access.Step
	all, some := true, false
	for _, x := range p.sets {
		var one *access.Step
		for _, m := range x.means(prefix, in) {
			meets := p.meets(&m)
			if meets == access.No {
				continue
			}
			if meets == access.Maybe {
				hang(&m.step, access.Residual{Class: access.Who, Key: strings.ReplaceAll(m.hangs, "MOUNT", m.mount), Statement: m.at})
			}
			if one == nil || one.Decision != access.Allowed && m.step.Decision == access.Allowed {
				one = &m.step
			}
		}
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

// means are requests by which a set gives itself any permission in a namespace.
type means struct {
	step      access.Step
	in        *space
	mount, at string // of the auth method, if it is one of one; the rule that allows the first request
	hangs     string
	literal   bool // the rule is for one path alone
}

// meets is whether holders meet what means hang on. It is not known of which entity or login a path is that a rule names.
func (p *profile) meets(m *means) access.Truth {
	switch m.hangs {
	case "":
		return access.Yes
	case isEntity:
		return p.entity
	case ownEntity:
		if m.literal {
			return p.entity.And(access.Maybe)
		}
		return p.entity
	case ownLogin:
		return access.Known(p.mount == m.mount && p.space == m.in && !m.literal).Or(access.Maybe)
	case provesItself:
		return access.Known(p.mount == m.mount && p.space == m.in).Or(access.Maybe)
	}
	return access.Maybe
}

// means lists those of a set in a namespace, which its policies call by a prefix. A policy of its own it writes in its own namespace.
func (x *set) means(prefix string, in *space) (out []means) {
	for _, name := range x.names {
		for _, path := range []string{"sys/policies/acl/" + name, "sys/policy/" + name} {
			e := x.on(path)
			if e.Possible&acl.Update == 0 || x.acl.Root() {
				continue
			}
			step := access.Step{By: "update " + path, Decision: access.Allowed, Residual: []access.Residual{}, Because: e.Because}
			if e.Sure&acl.Update == 0 {
				hang(&step, e.Residual...)
				step.Decision = access.Conditional
			}
			out = append(out, means{step: step, in: x.space})
		}
	}
	for i := range powers {
		w := &powers[i]
		if !w.own || prefix != "" && strings.HasPrefix(w.path, "identity/entity") { // an entity of another namespace is nobody's who asks
			continue
		}
		for _, at := range w.at(in) {
			if w.then != "" {
				out = append(out, x.both(w, prefix, at.path, in)...)
				continue
			}
			pattern := prefix + at.path
			if w.hangs == ownEntity && x.id.Entity != nil {
				pattern = strings.NewReplacer("+", x.id.Entity.ID, "*", x.id.Entity.Name).Replace(pattern)
			}
			for _, o := range x.openings(pattern, w.caps) {
				step := access.Step{By: verb(o.Possible&w.caps) + " " + o.Path, Decision: access.Allowed, Residual: []access.Residual{}, Because: o.Policies}
				if !w.within(o.Sure) || len(x.unread) > 0 && !x.acl.Root() {
					hang(&step, o.Residual...)
					step.Decision = access.Conditional
				}
				out = append(out, means{step, in, at.mount, o.Rule, w.hangs, o.Literal && pattern == prefix+at.path})
			}
		}
	}
	return out
}

// both are means of two requests about what has the same name.
func (x *set) both(w *power, prefix, first string, in *space) (out []means) {
	capability, second, _ := strings.Cut(w.then, " ")
	first, second = prefix+first, prefix+second
	need := capabilities[capability]
	var names []string
	name := func(pattern string, c acl.Capabilities) {
		for _, o := range x.openings(pattern, c) {
			names = append(names, strings.Split(o.Path+"/", "/")[strings.Count(pattern[:strings.IndexByte(pattern, '+')], "/")])
		}
	}
	name(first, w.caps)
	name(second, need)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		path := strings.Replace(first, "+", name, 1)
		e := x.on(path)
		for _, o := range x.openings(strings.Replace(second, "+", name, 1), need) {
			if name == "" || name == "+" || !w.within(e.Possible) {
				continue
			}
			step := access.Step{
				By: verb(e.Possible&w.caps) + " " + path + " then " + capability + " " + o.Path, Decision: access.Allowed, Residual: []access.Residual{},
				Because: slices.Concat(e.Because, o.Policies),
			}
			if !w.within(e.Sure) || o.Sure&need == 0 || len(x.unread) > 0 && !x.acl.Root() {
				hang(&step, slices.Concat(e.Residual, o.Residual)...)
				step.Decision = access.Conditional
			}
			out = append(out, means{step: step, in: in, at: o.Rule})
		}
	}
	return out
}
