package azure

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// stranger is somebody whom no document names.
var stranger = &principal{id: "ffffffff-ffff-4fff-bfff-ffffffffffff"}

// asked is the key or secret and what is asked about it.
func (e *Estate) asked(action string, key inventory.ID) (*target, question, error) {
	t := e.targets[key]
	if t == nil {
		return nil, question{}, fmt.Errorf("no key or secret of Azure has the ID %q", key)
	}
	q, err := t.question(action)
	if err == nil {
		err = t.refused(q)
	}
	return t, q, err
}

// Who lists all who may do something to a key or secret by themselves: the groups that are given it, and whoever belongs to them. The action
// is Azure's, such as "Microsoft.KeyVault/vaults/keys/decrypt/action", or its short form. An error says what is wrong with the action.
func (e *Estate) Who(action string, key inventory.ID) (access.Holders, error) {
	t, q, err := e.asked(action, key)
	if err != nil {
		return access.Holders{}, err
	}
	out := access.Holders{Action: q.action.Action, Resource: string(key), Name: t.resource.Name, Holders: []access.Holder{}, Indirect: []access.Holder{}, Unread: []access.Unread{}}
	for _, p := range e.given(q.scope, q.vault) {
		if a := e.ask(p, q, false, nil); a.Decision != access.Denied {
			out.Holders = append(out.Holders, access.Holder{
				Principal: p.name, Kind: p.kind, Decision: a.Decision, Residual: a.Residual, Unread: a.unread, Path: []access.Step{},
			})
		}
	}
	slices.SortFunc(out.Holders, func(a, b access.Holder) int {
		return cmp.Or(cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Principal, b.Principal)) // allowed comes before conditional in the alphabet too
	})
	out.Unread = e.beyond(t, q)
	return out, nil
}

// Beyond is what was not read by which a principal that may not do something by itself may be given it, or become somebody who may: what
// leads there from whom is not asked, so that it is the same of all.
func (e *Estate) Beyond(_, action string, key inventory.ID) ([]access.Unread, error) {
	t, q, err := e.asked(action, key)
	if err != nil {
		return nil, err
	}
	return e.beyond(t, q), nil
}

// beyond is what was not read by which somebody may be given an action or an action that gives it, or may become somebody who is.
func (e *Estate) beyond(t *target, q question) []access.Unread {
	out := e.ask(stranger, q, true, nil).unread
	for _, action := range t.gains(q) {
		if by, err := t.question(action); err == nil {
			out = append(out, e.ask(stranger, by, true, nil).unread...)
		}
	}
	return unique(append(out, e.lacking...))
}

// Explain answers whether a principal may do something by itself, with the assignments or policies that decide and the smallest change that
// takes it away. An error says what is wrong with the principal or the action.
func (e *Estate) Explain(name, action string, key inventory.ID) (access.Explanation, error) {
	t, q, err := e.asked(action, key)
	if err != nil {
		return access.Explanation{}, err
	}
	p, err := e.directory.find(name)
	if errors.Is(err, errNobody) {
		if unread := e.unlisted(); len(unread) > 0 {
			return access.Explanation{
				Principal: name, Action: q.action.Action, Resource: string(key), Name: t.resource.Name, Path: []access.Step{}, Unread: unread, Fix: []access.Change{},
				Direct: access.Answer{Decision: access.Conditional, Residual: []access.Residual{}, Because: []access.Because{}},
			}, nil
		}
	}
	if err != nil {
		return access.Explanation{}, err
	}
	a := e.ask(p, q, true, nil)
	out := access.Explanation{
		Principal: p.name, Action: q.action.Action, Resource: string(key), Name: t.resource.Name, Direct: a.Answer, Unread: a.unread, Path: []access.Step{}, Fix: []access.Change{},
	}
	if a.Decision != access.Denied {
		out.Fix, out.FixNote = e.fix(p, q)
	}
	return out, nil
}

// unlisted is where a principal may be that is not known.
func (e *Estate) unlisted() (out []access.Unread) {
	for _, place := range e.reading.directories() {
		for _, typ := range []string{"entra.group", "entra.service_principal", "entra.user"} {
			if u := e.reading.unlisted(place, typ); u != nil {
				out = append(out, *u)
			}
		}
	}
	return out
}

// Gains lists the actions by which whoever may do them to a key or secret gives itself the permission for another.
func (e *Estate) Gains(action string, key inventory.ID) []string {
	t, q, err := e.asked(action, key)
	if err != nil {
		return nil
	}
	return t.gains(q)
}

// fix is the least of the role assignments and policies without which the principal is denied. Each of them gives it alone, so that all that
// do have to go, and no other; the answer without them is decided anew.
func (e *Estate) fix(p *principal, q question) (changes []access.Change, note string) {
	changes = []access.Change{}
	var all []string
	for _, id := range e.ids(p) {
		for i := range e.assignments[id] {
			all = append(all, e.assignments[id][i].ID)
		}
		if q.vault != nil {
			for i := range q.vault.policies {
				if strings.EqualFold(q.vault.policies[i].ObjectID, id) {
					all = append(all, policyName(i))
				}
			}
		}
	}
	without := map[string]bool{}
	for _, name := range all {
		without[name] = true
	}
	if e.ask(p, q, false, without).Decision != access.Denied {
		return changes, "no change of what was read takes it away"
	}
	for _, name := range all {
		without[name] = false
		a := e.ask(p, q, false, without)
		if a.Decision == access.Denied {
			continue
		}
		without[name] = true
		for _, b := range a.Because {
			if strings.HasPrefix(b.Document, "deny assignment ") {
				continue
			}
			changes = append(changes, access.Change{Document: b.Document, Statement: b.Statement})
		}
	}
	slices.SortFunc(changes, func(a, b access.Change) int {
		return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(a.Statement, b.Statement))
	})
	changes = slices.Compact(changes)
	switch {
	case len(changes) == 0:
		return changes, "what gives it, if anything does, was not read"
	case e.ask(p, q, true, without).Decision != access.Denied:
		return changes, "what was not read may give it all the same"
	case slices.ContainsFunc(changes, func(c access.Change) bool { return strings.Contains(c.Document, " (group/") }):
		return changes, "what a group is given goes from all who belong to it; one of them alone loses it by leaving the group"
	}
	return changes, ""
}
