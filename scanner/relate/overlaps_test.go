package relate

import (
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// The series of a key says until when the ledger keeps its overlap open: the latest of its rotations. Where a gap may hide rotations that is not
// known, of any key; a gap of something else does not matter.
func TestOverlaps(t *testing.T) {
	const key, other = "vault:eu/root/transit/keys/jwt", "vault:eu/root/transit/keys/other"
	day := func(n int) *time.Time {
		at := time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)
		return &at
	}
	recorded := func(id inventory.ID, of inventory.ID, closes *time.Time) inventory.Resource {
		return inventory.Resource{ID: id, Type: "ledger.rotation", Kind: inventory.KindRotation, Scope: "ledger/rotations", Rotation: &inventory.LedgerRotation{Resource: of, OverlapClosesAt: closes}}
	}
	live := inventory.Resource{ID: key, Type: "vault.transit.key", Kind: inventory.KindKey, Name: "jwt", Scope: "vault/eu/root", Key: &inventory.Key{}}
	rotations := []inventory.Resource{recorded("ledger:a", key, day(5)), recorded("ledger:b", key, day(3)), recorded("ledger:c", key, nil), recorded("ledger:d", other, day(9))}
	for name, tt := range map[string]struct {
		resources []inventory.Resource
		gaps      []inventory.Gap
		closes    *time.Time
		unread    inventory.Reason
	}{
		"open":          {rotations, nil, day(5), ""},
		"none":          {rotations[2:], nil, nil, ""},
		"no ledger":     {nil, nil, nil, ""},
		"unread":        {nil, []inventory.Gap{{Scope: "ledger/rotations", Types: []string{"ledger.rotation"}, Why: inventory.Unreadable}}, nil, inventory.Unreadable},
		"another gap":   {rotations, []inventory.Gap{{Scope: "vault/eu/root", Why: inventory.Denied}}, day(5), ""},
		"other's types": {rotations, []inventory.Gap{{Scope: "ledger/rotations", Types: []string{"ledger.log"}, Why: inventory.Unreadable}}, day(5), ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := New(&inventory.Snapshot{Resources: append([]inventory.Resource{live}, tt.resources...), Gaps: tt.gaps}, Config{})
			if err != nil {
				t.Fatal(err)
			}
			s := e.Series(&live)
			if s == nil || s.Role != Current || s.OverlapUnread != tt.unread || (s.OverlapClosesAt == nil) != (tt.closes == nil) || tt.closes != nil && !s.OverlapClosesAt.Equal(*tt.closes) {
				t.Errorf("the series is %+v, want an overlap until %v, or %q", s, tt.closes, tt.unread)
			}
		})
	}
}
