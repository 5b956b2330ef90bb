package scanner

import (
	"slices"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach"
)

// Found tells of a resource of one snapshot who may do what. It may be called by several goroutines.
type Found func(*inventory.Resource) (access.Found, error)

// AccessOf works out who may do what in a snapshot, once, when the first resource comes up of which a rule asks. It does nothing where
// no rule asks, and nothing for files without a policy document.
func AccessOf(snap *inventory.Snapshot, e *evaluate.Engine) Found {
	work := sync.OnceValues(func() (*reach.Estate, error) {
		if !slices.ContainsFunc(snap.Resources, func(r inventory.Resource) bool { return r.Origin == inventory.Live || r.Document != "" }) {
			return nil, nil
		}
		return reach.New(snap)
	})
	return func(r *inventory.Resource) (access.Found, error) {
		if !e.AsksAccess(r) {
			return access.Found{}, nil
		}
		estate, err := work()
		if estate == nil || err != nil {
			return access.Found{}, err
		}
		return estate.Found(r), nil
	}
}
