package relate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// kmsKey is the type of key of which rolling makes a new one: a series has several.
const kmsKey = "aws.kms.key"

// Series returns the series a resource belongs to; nil when it belongs to none.
//
// A transit key and a KV path keep their name while versions change: each is a series of its own and current. Keys of AWS KMS are
// a series when they carry the same tag keyreeve:series=NAME in one account and Region: the key that the alias alias/NAME points
// at is current, or else the enabled one that was made or rotated last; the others are predecessors. Where the aliases or times
// that decide were not read, the role is empty. Another key with an alias is a series of one. What an alias pointed at before
// cannot be read anywhere: without the tag an old key is judged like any other.
//
// What the ledger says of an open overlap is added to it.
func (e *Estate) Series(r *inventory.Resource) *Series {
	s := e.seriesOf(r)
	closes, open := e.overlaps[r.ID]
	if s == nil || !open && e.overlapsUnread == "" {
		return s
	}
	with := *s
	if with.OverlapUnread = e.overlapsUnread; open {
		with.OverlapClosesAt = &closes
	}
	return &with
}

// overlaps gathers until when overlaps are open, by what is rotated, and why that is not known: a gap may hide rotations.
func overlaps(snap *inventory.Snapshot) (open map[inventory.ID]time.Time, unread inventory.Reason) {
	open = map[inventory.ID]time.Time{}
	for i := range snap.Resources {
		if r := snap.Resources[i].Rotation; r != nil && r.OverlapClosesAt != nil && r.OverlapClosesAt.After(open[r.Resource]) {
			open[r.Resource] = *r.OverlapClosesAt
		}
	}
	for _, g := range snap.Gaps {
		if g.Scope.Backend() == "ledger" && g.Covers("ledger.rotation") {
			return open, g.Why
		}
	}
	return open, ""
}

func (e *Estate) seriesOf(r *inventory.Resource) *Series {
	switch r.Type {
	case "vault.transit.key", "vault.kv.secret":
		return &Series{Name: r.Name, Role: Current}
	case kmsKey:
		if s := e.series[r.ID]; s != nil {
			return s
		}
		if r.Unread("tags."+seriesTag) != nil && (r.Key == nil || r.Key.Manager != "provider") {
			return &Series{Name: r.Name} // its tags could make it a predecessor
		}
		if name := seriesName(r); name != "" {
			return &Series{Name: name, Role: Current}
		}
		for _, ref := range r.Refs {
			if ref.Target == aliasTarget {
				return &Series{Name: ref.Name, Role: Current}
			}
		}
	}
	return nil
}

// seriesName is what the tag says; it may or may not be written with alias/ before it.
func seriesName(r *inventory.Resource) string {
	if r.Unread("tags."+seriesTag) != nil {
		return ""
	}
	return strings.TrimPrefix(strings.TrimSpace(r.Tags[seriesTag]), "alias/")
}

// sharedSeries finds the keys that share a series.
func sharedSeries(resources []inventory.Resource) map[inventory.ID]*Series {
	type group struct {
		scope inventory.Scope
		name  string
	}
	groups := map[group][]*inventory.Resource{}
	for i := range resources {
		r := &resources[i]
		if r.Type != kmsKey {
			continue
		}
		if name := seriesName(r); name != "" {
			groups[group{r.Scope, name}] = append(groups[group{r.Scope, name}], r)
		}
	}
	out := map[inventory.ID]*Series{}
	for g, members := range groups {
		if len(members) == 1 {
			continue // Series answers for it
		}
		current := currentOf(g.name, members)
		for _, m := range members {
			s := &Series{Name: g.name}
			switch {
			case current == nil:
			case m == current:
				s.Role = Current
			default:
				s.Role, s.Successor = Predecessor, current.ID
			}
			out[m.ID] = s
		}
	}
	return out
}

// currentOf finds the key that signs or encrypts now; nil when that cannot be told.
func currentOf(name string, members []*inventory.Resource) *inventory.Resource {
	unread := false
	for _, m := range members {
		if slices.ContainsFunc(m.Refs, func(ref inventory.Ref) bool { return ref.Target == aliasTarget && ref.Name == "alias/"+name }) {
			return m // one alias points at one key, so the others need not be asked
		}
		unread = unread || m.Unread("refs") != nil
	}
	if unread {
		return nil
	}
	return newest(members)
}

// newest finds the enabled key that was made or rotated last, of the others if none is enabled. It is nil when a fact that
// decides was not read, and when two are equally new.
func newest(members []*inventory.Resource) *inventory.Resource {
	var enabled []*inventory.Resource
	for _, m := range members {
		if m.Key == nil || m.Unread("key.state") != nil || since(m) == nil {
			return nil
		}
		if m.Key.State == "enabled" {
			enabled = append(enabled, m)
		}
	}
	if len(enabled) == 0 {
		enabled = slices.Clone(members)
	}
	slices.SortFunc(enabled, func(a, b *inventory.Resource) int {
		return cmp.Or(since(b).Compare(*since(a)), strings.Compare(string(a.ID), string(b.ID)))
	})
	if len(enabled) > 1 && since(enabled[0]).Equal(*since(enabled[1])) {
		return nil
	}
	return enabled[0]
}

// since is when the key's present material came to be; nil when that was not read.
func since(r *inventory.Resource) *time.Time {
	if r.Unread("key.rotated_at") != nil {
		return nil
	}
	return cmp.Or(r.Key.RotatedAt, r.Key.CreatedAt)
}
