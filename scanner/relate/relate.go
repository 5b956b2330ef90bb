// Package relate adds what no single source knows: labels (environment with its tier, purpose, owner), each saying what
// decided it; edges between resources; and the series that a key belongs to.
//
// All of it is worked out anew each time a snapshot is judged, from the snapshot and the configuration, so that neither
// can go stale. It judges nothing: that is left to the rules.
package relate

import (
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Labels are what configuration and convention say of a resource.
type Labels struct {
	Environment Label // Value is "" when no selector and no tag tells
	Tier        Label // production, staging or development; never empty
	Purpose     Label // one of Purposes; empty for a resource that is neither key nor secret
	Owner       Label // "" when nobody is named
	// Rewrap is the declared way in which data under old versions of a key is brought under the new one; "" when none is
	// declared. NewSubject in package evaluate sets key.rewrap from Rewrap.Value where the resource does not state it, and
	// lists key.rewrap as unknown where Rewrap.Candidates has more than one value.
	Rewrap Label
}

// A Label is one value with its reason.
type Label struct {
	// Value is the label. Where several are possible it is the one that would hold if nothing that was not read mattered.
	Value string
	// Candidates lists every possible value, sorted, when it cannot be told which holds; otherwise it is empty.
	Candidates []string
	// DecidedBy names the selector, tag or default that decided: `classify.environments[0].match[1]`, `tag "team"`.
	DecidedBy string
}

// Open reports whether the label cannot be told.
func (l Label) Open() bool { return len(l.Candidates) > 1 }

// An Edge is one relation of a resource to another. A relation shows at both of its ends.
type Edge struct {
	Type   string       `json:"type"`                             // "names", "uses", "grants", "alias"
	Way    string       `json:"way" enum:"out,in"`                // out: this resource names the other
	To     inventory.ID `json:"to"`                               // the other end
	Target string       `json:"target"`                           // the type of the other end
	Name   string       `json:"name,omitzero"`                    // what the naming side calls it
	End    string       `json:"end" enum:"present,absent,unread"` // absent: where it would be was read, and it is not there
}

// A Series is what keeps a name while keys change: an alias, a key name, a path.
type Series struct {
	Name string `json:"name"`
	// Role is current for the key that signs or encrypts now, and predecessor for one that was left behind and is merely
	// still accepted. It is empty where that cannot be told.
	Role      string       `json:"role,omitzero" enum:"current,predecessor"`
	Successor inventory.ID `json:"successor,omitzero"` // of a predecessor: the current key
	// OverlapClosesAt is until when the ledger keeps the overlap of old and new open, of what is rotated; absent: it keeps none open.
	OverlapClosesAt *time.Time `json:"overlap_closes_at,omitzero" derive:"until=overlap_closes_in_days"`
	// OverlapUnread is why that is not known: the ledger was to be read and was not.
	OverlapUnread inventory.Reason `json:"-"`
}

// The roles in a series.
const (
	Current     = "current"
	Predecessor = "predecessor"
)
