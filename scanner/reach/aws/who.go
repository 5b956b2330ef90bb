package aws

import (
	"errors"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Who lists all who may do something to a key or secret by themselves. Those of whom it is not certain come with the conditions and the
// unread documents on which it hangs. An error says what is wrong with the action.
func (e *Estate) Who(action string, key inventory.ID) (access.Holders, error) {
	t, action, err := e.asked(action, key)
	if err != nil {
		return access.Holders{}, err
	}
	found, err := e.index.Who(t.ARN, action)
	if err != nil {
		return access.Holders{}, err
	}
	out := access.Holders{Action: action, Resource: string(key), Name: t.resource.Name, Holders: make([]access.Holder, len(found.List)), Indirect: []access.Holder{}}
	for i, h := range found.List {
		out.Holders[i] = access.Holder{Principal: h.Principal, Kind: kindOf(h.Principal), Decision: access.Allowed, Residual: []access.Residual{}, Unread: []access.Unread{}, Path: []access.Step{}}
		if !h.Certain {
			out.Holders[i].Decision, out.Holders[i].Unread = access.Conditional, sameUnread(h.Unread)
		}
	}
	if err := e.residuals(&out, t); err != nil {
		return access.Holders{}, err
	}
	out.Unread = sameUnread(slices.Concat(found.Unlisted, e.unread[t.ARN], e.unread[t.Key]))
	return out, nil
}

// residuals finds on which conditions it hangs that holders may do something. Each is a decision of its own, which as many processors as
// there are make side by side.
func (e *Estate) residuals(h *access.Holders, t *target) error {
	known := e.grants(t)
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make([]error, runtime.GOMAXPROCS(0))
	for worker := range failed {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(h.Holders) {
					return
				}
				of := &h.Holders[i]
				if of.Decision == access.Allowed {
					continue
				}
				answer, err := e.index.Explain(of.Principal, h.Action, t.ARN)
				if err != nil {
					failed[worker] = err
					return
				}
				of.Residual = conditions(answer.Residual, of.Unread, known)
			}
		})
	}
	group.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// grants counts the grants that are known of a key, or of the key of a secret.
func (e *Estate) grants(t *target) int {
	if t.Key != "" {
		t = e.target(inventory.ID(t.Key))
	}
	if t == nil {
		return 0
	}
	return len(t.Grants)
}

// statements leaves of those that decided the ones that were read.
func statements(because []access.Because, unread []access.Unread) []access.Because {
	return slices.DeleteFunc(because, func(b access.Because) bool {
		return slices.ContainsFunc(unread, func(u access.Unread) bool { return b.Document == inPlaceOf(u) })
	})
}

// inPlaceOf is how the index calls a document that was not read.
func inPlaceOf(u access.Unread) string { return u.Document + " (not read: " + u.Why + ")" }

// conditions leaves of a residual what only a request knows, and not that something was not read, which the holder names by itself: a
// document, or grants, for which one that nobody can tell stands behind those that are known.
func conditions(residual []access.Residual, unread []access.Unread, grants int) []access.Residual {
	names, beyond := map[string]bool{}, ""
	for _, u := range unread {
		names[inPlaceOf(u)] = true
		if u.Document == "grants" {
			beyond = "grant " + strconv.Itoa(grants)
		}
	}
	return slices.DeleteFunc(residual, func(r access.Residual) bool { return names[r.Key] || beyond != "" && r.Statement == beyond })
}

// Explain answers whether a principal may do something by itself, with what that rests on, what was not read, and the smallest change that
// takes it away. An error says what is wrong with the principal or the action.
func (e *Estate) Explain(principal, action string, key inventory.ID) (access.Explanation, error) {
	t, action, err := e.asked(action, key)
	if err != nil {
		return access.Explanation{}, err
	}
	known, err := e.principal(principal)
	if of := (hidden{}); errors.As(err, &of) {
		return access.Explanation{
			Principal: principal, Action: action, Resource: string(key), Name: t.resource.Name, Path: []access.Step{}, Unread: []access.Unread{of.Unread}, Fix: []access.Change{},
			Direct: access.Answer{Decision: access.Conditional, Residual: []access.Residual{}, Because: []access.Because{}},
		}, nil
	}
	if err != nil {
		return access.Explanation{}, err
	}
	principal = known
	out := access.Explanation{Principal: principal, Action: action, Resource: string(key), Name: t.resource.Name, Path: []access.Step{}, Unread: []access.Unread{}, Fix: []access.Change{}}
	if out.Direct, err = e.index.Explain(principal, action, t.ARN); err != nil {
		return access.Explanation{}, err
	}
	if out.Direct.Decision == access.Conditional {
		if out.Unread, err = e.unreadOf(principal, action, t); err != nil {
			return access.Explanation{}, err
		}
		out.Direct.Residual = conditions(out.Direct.Residual, out.Unread, e.grants(t))
		out.Direct.Because = statements(out.Direct.Because, out.Unread)
	}
	if out.Direct.Decision == access.Denied {
		return out, nil
	}
	fix, err := e.index.Fix(principal, action, t.ARN)
	if err != nil {
		return access.Explanation{}, err
	}
	for _, u := range out.Unread {
		if slices.ContainsFunc(fix, func(c access.Change) bool { return c.Document == inPlaceOf(u) }) {
			out.FixNote = "what would change that is in a document that was not read"
			return out, nil
		}
	}
	if out.Fix = append(out.Fix, fix...); len(fix) == 0 {
		out.FixNote = "no change of a statement that gives it was found after which it is denied"
	}
	return out, nil
}

// unreadOf is what was not read of a pair of which it is not certain.
func (e *Estate) unreadOf(principal, action string, t *target) ([]access.Unread, error) {
	found, err := e.index.Who(t.ARN, action)
	if err != nil {
		return nil, err
	}
	for _, h := range found.List {
		if h.Principal == principal {
			return sameUnread(h.Unread), nil
		}
	}
	return []access.Unread{}, nil
}
