package reach

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// unanswered are the keys and secrets about which no other system can be asked: those of back ends whose documents nobody puts together,
// and declared ones, as code does not say what else there is. Who may do what to them is not known.
type unanswered map[string][]*inventory.Resource // by ID and by name

func (e *Estate) unanswered(snap *inventory.Snapshot) unanswered {
	out := unanswered{}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if r.Kind != inventory.KindKey && r.Kind != inventory.KindSecret {
			continue
		}
		if s := e.systems[backend(r.Type)]; s != nil && len(s.Find(string(r.ID))) > 0 {
			continue
		}
		out[string(r.ID)] = append(out[string(r.ID)], r)
		if r.Name != "" && r.Name != string(r.ID) {
			out[r.Name] = append(out[r.Name], r)
		}
	}
	return out
}

func (u unanswered) Find(name string) (ids []inventory.ID) {
	for _, r := range u[name] {
		ids = append(ids, r.ID)
	}
	return ids
}

func (u unanswered) Who(action string, key inventory.ID) (access.Holders, error) {
	return access.Holders{Action: action, Resource: string(key), Holders: []access.Holder{}, Indirect: []access.Holder{}, Unread: u.why(key)}, nil
}

func (u unanswered) Explain(principal, action string, key inventory.ID) (access.Explanation, error) {
	return access.Explanation{
		Principal: principal, Action: action, Resource: string(key), Unread: u.why(key), Path: []access.Step{}, Fix: []access.Change{},
		Direct: access.Answer{Decision: access.Conditional, Residual: []access.Residual{}, Because: []access.Because{}},
	}, nil
}

func (u unanswered) why(key inventory.ID) []access.Unread {
	r := u[string(key)][0]
	why := "keyreeve does not put together who may do what to " + r.Type
	if t, known := inventory.TypeOf(r.Type); known {
		what, _, _ := strings.Cut(t.About, ":")
		why = "keyreeve does not put together who may do what to " + what
	}
	if r.Origin == inventory.Declared {
		why = "it is declared in code and was not read live, so that what else has a say is not known"
	}
	return []access.Unread{{Document: "who may do what", Of: string(key), Why: why}}
}

func (unanswered) Gains(string, inventory.ID) []string             { return nil }
func (unanswered) StepsTo(string, func(string) bool) []access.Step { return nil }
func (unanswered) Found(*inventory.Resource) access.Found          { return access.Found{} }
