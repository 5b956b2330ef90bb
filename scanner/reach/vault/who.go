package vault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// answer is what holders get for some wants on a target.
type answer struct {
	access.Answer
	unread []access.Unread
	by     *set // one of the sets that decided
}

// ask decides on an action.
func (p *profile) ask(t *target, do *action) answer {
	a := answer{Answer: access.Answer{Decision: access.Denied, Residual: []access.Residual{}, Because: []access.Because{}}, unread: []access.Unread{}}
	if _, ok := p.space.within(t.space); !ok {
		return a
	}
	all, some := access.Yes, access.No
	for _, x := range p.sets {
		truth := access.No
		for i := range do.options {
			one := x.take(t, &do.options[i])
			switch {
			case one.truth == access.No && one.Explicit && a.by == nil:
				a.Explicit, a.Because = true, one.Because
			case one.truth == access.Maybe:
				a.Residual = append(a.Residual, one.Residual...)
			}
			if one.truth > access.No && (a.by == nil || one.truth > some) {
				a.by, a.Explicit, a.Because = x, false, one.Because
			}
			truth = truth.Or(one.truth)
			some = some.Or(one.truth)
		}
		for _, c := range x.causes() {
			if truth != access.Yes && !slices.Contains(a.unread, c.Unread) {
				a.unread = append(a.unread, c.Unread)
			}
		}
		all = all.And(truth)
	}
	switch {
	case some == access.Yes && (p.choice || all == access.Yes):
		a.Decision, a.Residual, a.unread = access.Allowed, []access.Residual{}, []access.Unread{}
	case some > access.No:
		a.Decision = access.Conditional
		if all == access.No {
			a.Residual = append(a.Residual, access.Residual{Class: access.Who, Key: "identity", Statement: "policies of the entity and its groups"})
		}
	case len(a.unread) > 0:
		a.Decision = access.Conditional
	}
	sortResidual(a.Residual)
	a.Residual = slices.Compact(a.Residual)
	if a.Because == nil {
		a.Because = []access.Because{}
	}
	return a
}

func sortResidual(list []access.Residual) {
	slices.SortFunc(list, func(x, y access.Residual) int {
		return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Key, y.Key), cmp.Compare(x.Statement, y.Statement))
	})
}

// taken is what comes of an option.
type taken struct {
	access.Answer
	truth access.Truth
}

// take is what comes of an option for a set: of its best requests.
func (x *set) take(t *target, o *option) taken {
	var best taken
	holds := t.holds(o.when)
	if holds == access.No {
		return best
	}
	for _, all := range x.requests(t, o) {
		one := taken{truth: holds}
		if holds == access.Maybe {
			one.Residual = []access.Residual{t.doubt(o)}
		}
		for _, w := range all {
			e := x.on(w.Path)
			got := truth(e, w)
			one.truth = one.truth.And(got)
			one.Because = append(one.Because, e.Because...)
			one.Explicit = one.Explicit || got == access.No && e.Explicit
			if got == access.Maybe {
				one.Residual = append(one.Residual, e.Residual...)
			}
		}
		switch {
		case one.truth > best.truth:
			best = one
		case one.truth == access.Maybe && best.truth == access.Maybe:
			best.Residual = append(best.Residual, one.Residual...)
		case best.truth == access.No && one.Explicit && !best.Explicit:
			best = one
		}
		if best.truth == access.Yes {
			break
		}
	}
	return best
}

// doubt is why an option may not succeed though all its requests are allowed.
func (t *target) doubt(o *option) access.Residual {
	if strings.Contains(o.when, "?") && t.hole(o.when) == nil {
		return access.Residual{Class: access.What, Key: "versions", Statement: "none can be read until one is undeleted or written"}
	}
	return access.Residual{Class: access.What, Key: "kind of key", Statement: "facts of the key that were not read"}
}

// Who lists all who may do something to a key or secret by themselves. The action is one of those of the engine, such as "decrypt", or
// "OPERATION PATH" with a path as policies of the key's namespace have it. An error says what is wrong with the action.
func (e *Estate) Who(action string, key inventory.ID) (access.Holders, error) {
	t := e.targets[key]
	if t == nil {
		return access.Holders{}, fmt.Errorf("no key or secret of Vault has the ID %q", key)
	}
	do, err := t.asked(action)
	if err != nil {
		return access.Holders{}, err
	}
	out := access.Holders{Action: do.name, Resource: string(key), Name: t.resource.Name, Holders: []access.Holder{}, Indirect: []access.Holder{}, Unread: []access.Unread{}}
	for _, p := range e.profiles {
		a := p.ask(t, do)
		if a.Decision == access.Denied {
			continue
		}
		for _, h := range p.holders {
			own := a.from(h)
			out.Holders = append(out.Holders, access.Holder{
				Principal: h.principal, Kind: h.kind, Decision: own.Decision, Residual: slices.Clone(own.Residual), Unread: slices.Clone(own.unread), Path: []access.Step{},
			})
		}
	}
	slices.SortFunc(out.Holders, func(a, b access.Holder) int {
		return cmp.Or(cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Principal, b.Principal)) // allowed comes before conditional in the alphabet too
	})
	for _, c := range e.unlisted(t, true) {
		if !slices.Contains(out.Unread, c.Unread) {
			out.Unread = append(out.Unread, c.Unread)
		}
	}
	return out, nil
}

// unlisted is where holders may be that nobody listed. What is read only on request, tokens, counts where it is asked for: whoever holds
// one had it of a login, a role or another token.
func (e *Estate) unlisted(t *target, all bool) []*cause {
	var out []*cause
	for _, s := range e.sorted() {
		if _, ok := s.within(t.space); !ok {
			continue
		}
		for _, typ := range holding {
			if c := s.unlisted(typ); c != nil && (all || typ != "vault.token" || c.reason != inventory.NotAsked && c.reason != inventory.NotRead) {
				out = append(out, c)
			}
		}
		for _, m := range s.resources["vault.mount"] {
			if m.Store != nil && m.Store.Auth != nil && *m.Store.Auth && (m.Store.Read == nil || !*m.Store.Read) {
				out = append(out, &cause{
					access.Unread{Document: "roles of " + m.Name, Of: s.scope.Short(), Why: "keyreeve does not read auth methods of type " + m.Store.Engine},
					inventory.Unsupported, "", "",
				})
			}
		}
	}
	return out
}

// Explain answers whether a principal may do something by itself, with the rules that decide and the smallest change that takes it away.
// An error says what is wrong with the principal or the action.
func (e *Estate) Explain(principal, action string, key inventory.ID) (access.Explanation, error) {
	t := e.targets[key]
	if t == nil {
		return access.Explanation{}, fmt.Errorf("no key or secret of Vault has the ID %q", key)
	}
	do, err := t.asked(action)
	if err != nil {
		return access.Explanation{}, err
	}
	h, err := e.holder(principal)
	if err != nil {
		unread := e.hiding(principal, t)
		if len(unread) == 0 {
			return access.Explanation{}, err
		}
		return access.Explanation{
			Principal: principal, Action: do.name, Resource: string(key), Name: t.resource.Name, Unread: unread, Path: []access.Step{}, Fix: []access.Change{},
			Direct: access.Answer{Decision: access.Conditional, Residual: []access.Residual{}, Because: []access.Because{}},
		}, nil
	}
	a := h.profile.ask(t, do).from(h)
	out := access.Explanation{
		Principal: h.principal, Action: do.name, Resource: string(key), Name: t.resource.Name, Direct: a.Answer, Unread: a.unread, Path: []access.Step{}, Fix: []access.Change{},
	}
	if a.by == nil {
		return out, nil
	}
	out.Fix, out.FixNote = e.fix(h.profile, h.profile.ends(t, do))
	return out, nil
}

// ends are the last requests of each way to do something: whoever may make none of them cannot do it.
func (p *profile) ends(t *target, do *action) (out []acl.Want) {
	for _, x := range p.sets {
		for i := range do.options {
			if t.holds(do.options[i].when) == access.No {
				continue
			}
			for _, all := range x.requests(t, &do.options[i]) {
				if last := all[len(all)-1]; !slices.Contains(out, last) {
					out = append(out, last)
				}
			}
		}
	}
	return out
}

// fix is one change for all that the holder may come out with. It is put together from those of each set, so it is as small as each of
// them asks for.
func (e *Estate) fix(p *profile, wants []acl.Want) ([]access.Change, string) {
	out := []access.Change{}
	for _, x := range p.sets {
		if x.acl.Root() {
			return []access.Change{}, "the policy root allows everything and cannot be changed: revoke the token"
		}
		if slices.ContainsFunc(x.open, func(o template) bool {
			return slices.ContainsFunc(wants, func(w acl.Want) bool { return o.Capabilities(w.Path).Possible&w.Capability != 0 })
		}) {
			return []access.Change{}, "it hangs on rules whose paths are completed for each entity"
		}
		changes, err := e.evaluator.Fix(x.space.namespace, x.policies, x.id, wants)
		if err != nil {
			return []access.Change{}, err.Error()
		}
		for _, c := range changes {
			same := slices.IndexFunc(out, func(have access.Change) bool { return have.Document == c.Document && have.Statement == c.Statement })
			if same < 0 {
				out = append(out, c)
			} else if c.Condition != "" { // where one set asks the rule to stay without the capability, that serves the others too
				out[same] = c
			}
		}
	}
	note := ""
	for _, x := range p.sets {
		if denied, err := e.evaluator.Denied(x.space.namespace, x.policies, x.id, wants, out); err != nil || !denied {
			return []access.Change{}, "no change was found that serves all policies with which it may come out"
		}
		if len(x.unread) > 0 {
			note = "what was not read may give it all the same"
		}
	}
	return out, note
}

// holder finds who a name means: as answers spell it, an ID, or what only one is called.
func (e *Estate) holder(name string) (*holder, error) {
	if h := e.byName[name]; h != nil {
		return h, nil
	}
	if h := e.byID[inventory.ID(name)]; h != nil {
		return h, nil
	}
	var found []*holder
	for _, h := range e.holders {
		if h.resource.Name == name || lastPart(h.id) == name {
			found = append(found, h)
		}
	}
	switch len(found) {
	case 0:
		var names []string
		for _, h := range e.holders {
			names = append(names, h.principal, h.resource.Name)
		}
		err := fmt.Errorf("no login, entity, token role or token of Vault that has policies is called %q", name)
		if near := strictyaml.Nearest(name, names); near != "" {
			err = fmt.Errorf("%w; did you mean %q?", err, near)
		}
		return nil, err
	case 1:
		return found[0], nil
	}
	var all []string
	for _, h := range found[:min(5, len(found))] {
		all = append(all, h.principal)
	}
	return nil, fmt.Errorf("principal %q may be any of %d: %s; give one of these", name, len(found), strings.Join(all, ", "))
}
