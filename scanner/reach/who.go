package reach

import (
	"cmp"
	"errors"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// WhoCan lists all who may do something to the key or secret that a name means: by themselves, and by becoming one of those.
// It returns a *NoKey where the name means none or several, and an error about the action otherwise.
func (e *Estate) WhoCan(action, name string) (access.Holders, error) {
	s, id, err := e.find(name)
	if err != nil {
		return access.Holders{}, err
	}
	h, err := s.Who(action, id)
	if refused := (*access.Refused)(nil); errors.As(err, &refused) {
		return access.Holders{
			Action: action, Resource: string(id), Name: e.names[id], Holders: []access.Holder{}, Indirect: []access.Holder{}, Unread: []access.Unread{}, Note: refused.Why,
		}, nil
	}
	if err != nil {
		return access.Holders{}, err
	}
	h.Name = e.names[id]
	last, err := gains(s, &h, id)
	if err != nil {
		return access.Holders{}, err
	}
	h.Indirect = indirect(s, &h, id, last)
	return h, nil
}

// Can answers whether a principal may do something to the key or secret that a name means, by itself or by becoming somebody who may.
// Errors are those of WhoCan, and one about the principal.
func (e *Estate) Can(principal, action, name string) (access.Explanation, error) {
	s, id, err := e.find(name)
	if err != nil {
		return access.Explanation{}, err
	}
	x, err := s.Explain(principal, action, id)
	if refused := (*access.Refused)(nil); errors.As(err, &refused) {
		return access.Explanation{
			Principal: principal, Action: action, Resource: string(id), Name: e.names[id], Unread: []access.Unread{}, Path: []access.Step{}, Fix: []access.Change{},
			Note: refused.Why, Direct: access.Answer{Decision: access.Denied, Residual: []access.Residual{}, Because: []access.Because{}},
		}, nil
	}
	if err != nil {
		return access.Explanation{}, err
	}
	x.Name = e.names[id]
	if x.Direct.Decision != access.Denied && x.Direct.Decision != access.Conditional {
		return x, nil
	}
	h, err := s.Who(x.Action, id)
	if err != nil {
		return access.Explanation{}, err
	}
	last, err := gains(s, &h, id)
	if err != nil {
		return access.Explanation{}, err
	}
	if x.Direct.Decision == access.Conditional {
		path, holder := newSurer(s, &h, last, id).from(x.Principal)
		if x.Path, x.Holder = append([]access.Step{}, path...), holder; len(path) > 0 && len(x.Fix) > 0 {
			x.FixNote = cmp.Or(x.FixNote, "the way to one who may is left")
		}
		return x, nil
	}
	path, holder, _ := NewWays(withGains(h.Holders, last), stepsFor(s, x.Action, id)).From(x.Principal)
	x.Path, x.Holder = append([]access.Step{}, path...), holder
	if step, is := last[x.Holder]; is {
		x.Path, x.Holder = append(x.Path, step), step.To
	}
	x.Unread = unreadOn(x.Path, id)
	if b, is := s.(beyond); is && len(x.Path) == 0 {
		if x.Unread, err = b.Beyond(x.Principal, x.Action, id); err != nil {
			return access.Explanation{}, err
		}
	}
	return x, nil
}

// beyond is what a system may tell as well: where holders may be that were not read and that a principal may become, who may not do
// something to a key or secret by itself.
type beyond interface {
	Beyond(principal, action string, key inventory.ID) ([]access.Unread, error)
}
