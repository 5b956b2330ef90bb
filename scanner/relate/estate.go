package relate

import (
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// An Estate answers what is asked about the resources of one snapshot. It does not change, so any number of goroutines may ask.
type Estate struct {
	rules  *classifier
	byID   map[inventory.ID]*inventory.Resource
	in     map[inventory.ID][]Edge             // edges by which others name a resource
	read   map[inventory.Scope]map[string]bool // types of which a scope was read without a gap
	series map[inventory.ID]*Series            // of keys that share a series

	overlaps       map[inventory.ID]time.Time // until when the ledger keeps old and new side by side, by what is rotated
	overlapsUnread inventory.Reason           // why that is not known; "" where it is
}

// New relates the resources of a snapshot. It takes time and memory in proportion to their number, and keeps a hold of them.
// An error names what in the configuration cannot be used, such as classify.environments[0].match[1].
func New(snap *inventory.Snapshot, cfg Config) (*Estate, error) {
	rules, err := compile(cfg)
	if err != nil {
		return nil, err
	}
	e := &Estate{rules: rules, byID: make(map[inventory.ID]*inventory.Resource, len(snap.Resources)), in: map[inventory.ID][]Edge{}, read: readTypes(snap)}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		e.byID[r.ID] = r
		for _, ref := range r.Refs {
			e.in[ref.To] = append(e.in[ref.To], Edge{Type: ref.Edge, Way: In, To: r.ID, Target: r.Type, Name: ref.Name, End: Present})
		}
	}
	for _, edges := range e.in {
		sortEdges(edges)
	}
	e.series = sharedSeries(snap.Resources)
	e.overlaps, e.overlapsUnread = overlaps(snap)
	return e, nil
}
