package ledger

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A rotation is what the entries of one rotation of one plan come to. The plan is not in the ledger: what is needed of it stands in the facts of the
// entry "planned", as keyreeve-rotate writes them: name, kind, tier, purpose, pattern, until, last, window, counterparts, approvers, approve_within.
type rotation struct {
	plan, id     string
	name         string
	last         string // the step with which it ends
	planned      bool
	window       time.Duration
	counterparts []string
	facts        inventory.LedgerRotation
	done         int                  // acts that were done and not taken back
	aborted      bool                 //
	limits       map[string]time.Time // of the gates that it waits for, by number
}

// rotations reads them from a ledger, in the order in which they were planned.
func rotations(log *Log) []*rotation {
	var all []*rotation
	byID := map[[2]string]*rotation{}
	plans := map[string]*emergency{}
	for i := range log.Entries {
		e := &log.Entries[i]
		if e.Plan == "" {
			continue
		}
		p := plans[e.Plan]
		if p == nil {
			p = &emergency{}
			plans[e.Plan] = p
		}
		p.add(e)
		if e.Rotation == "" {
			continue
		}
		key := [2]string{e.Plan, e.Rotation}
		r := byID[key]
		if r == nil {
			r = &rotation{plan: e.Plan, id: e.Rotation, name: e.Rotation, limits: map[string]time.Time{}}
			r.facts = inventory.LedgerRotation{Plan: e.Plan, Resource: inventory.ID(e.Resource), State: "planned", Stage: "PLANNED"}
			byID[key] = r
			all = append(all, r)
		}
		r.add(e)
	}
	for _, r := range all {
		r.facts.Emergency = plans[r.plan].of(r)
		r.wait()
	}
	relate(all)
	return all
}

func (r *rotation) add(e *Entry) {
	f := &r.facts
	switch e.Kind {
	case Planned:
		r.plannedBy(e)
	case Intent:
		f.BeganAt = cmp.Or(f.BeganAt, &e.At)
		f.State, f.StoppedAt, f.Stopped = "under_way", nil, ""
	case Outcome:
		f.BeganAt = cmp.Or(f.BeganAt, &e.At)
		f.State, f.StoppedAt, f.Stopped = "under_way", nil, ""
		r.outcome(e)
	case Waiting:
		f.StoppedAt, f.Stopped = nil, ""
		delete(r.limits, e.Facts["gate"])
		if t, err := time.Parse(time.RFC3339, e.Facts["limit"]); err == nil {
			r.limits[e.Facts["gate"]] = t.UTC()
		}
	case Passed:
		f.StoppedAt, f.Stopped = nil, ""
		delete(r.limits, e.Facts["gate"])
	case Refused:
		f.StoppedAt, f.Stopped = cmp.Or(f.StoppedAt, &e.At), e.Note
	case Aborted:
		r.aborted = true
	}
	if r.aborted && r.done == 0 {
		f.State, f.EndedAt = "taken_back", cmp.Or(f.EndedAt, &e.At)
	}
}

// plannedBy takes over what the plan said. Facts that older versions did not write stay unread.
func (r *rotation) plannedBy(e *Entry) {
	f := &r.facts
	r.planned = true
	r.name, r.last = cmp.Or(e.Facts["name"], r.name), e.Facts["last"]
	f.Of, f.Tier, f.Purpose, f.Pattern = e.Facts["kind"], e.Facts["tier"], e.Facts["purpose"], e.Facts["pattern"]
	f.PlannedAt = &e.At
	if t, err := time.Parse(time.RFC3339, e.Facts["until"]); err == nil {
		t = t.UTC()
		f.ExpiresAt = &t
	}
	if s, err := strconv.Atoi(e.Facts["window"]); err == nil && s > 0 {
		r.window = time.Duration(s) * time.Second
		f.WindowMinutes = minutes(r.window)
	}
	if list := e.Facts["counterparts"]; list != "" {
		r.counterparts = strings.Split(list, "\n")
	}
	n := len(r.counterparts)
	f.Counterparts = &n
}

// outcome takes over what an act or a wait brought about.
func (r *rotation) outcome(e *Entry) {
	f := &r.facts
	stage := e.Facts["stage"]
	switch e.Facts["result"] {
	case "done", "found":
		if e.Facts["act"] != "" {
			r.done++
		}
		clear(r.limits)
		f.Stage = cmp.Or(stage, f.Stage)
		switch stage {
		case "CREATED":
			f.CreatedAt = cmp.Or(f.CreatedAt, &e.At)
		case "OLD DISABLED":
			f.OldDisabledAt = &e.At
		}
		if e.Step == r.last && r.planned || stage == "DONE" && r.last == "" {
			f.State, f.EndedAt = "done", &e.At
		}
	case "undone":
		r.done--
		switch stage {
		case "CREATED":
			f.CreatedAt = nil
		case "OLD DISABLED":
			f.OldDisabledAt = nil
		}
	}
}

// wait says until when what it waits for may take: the first limit of a gate.
func (r *rotation) wait() {
	if r.facts.EndedAt != nil {
		r.facts.StoppedAt, r.facts.Stopped = nil, ""
		return
	}
	for _, t := range r.limits {
		if r.facts.DueAt == nil || t.Before(*r.facts.DueAt) {
			r.facts.DueAt = &t
		}
	}
}

// relate works out what hangs on several rotations: how long old and new of a resource were, or are to be, side by side, and when its counterparts
// were rotated before it.
func relate(all []*rotation) {
	of := map[inventory.ID][]*rotation{}
	for _, r := range all {
		of[r.facts.Resource] = append(of[r.facts.Resource], r)
	}
	for _, r := range all {
		f := &r.facts
		if f.OldDisabledAt != nil {
			if made := newest(of[f.Resource], *f.OldDisabledAt); made != nil {
				f.OverlapMinutes, f.WindowMinutes = minutes(f.OldDisabledAt.Sub(*made.facts.CreatedAt)), made.facts.WindowMinutes
			}
		}
		if f.CreatedAt == nil {
			continue
		}
		if !slices.ContainsFunc(of[f.Resource], func(o *rotation) bool {
			return o.facts.OldDisabledAt != nil && !o.facts.OldDisabledAt.Before(*f.CreatedAt)
		}) {
			var closes time.Time
			if r.window > 0 {
				closes = f.CreatedAt.Add(r.window)
			}
			if f.State == "under_way" && f.ExpiresAt != nil && f.ExpiresAt.After(closes) {
				closes = *f.ExpiresAt
			}
			if !closes.IsZero() {
				f.OverlapClosesAt = &closes
			}
		}
		var counterparts []*rotation
		for _, id := range r.counterparts {
			counterparts = append(counterparts, of[inventory.ID(id)]...)
		}
		if made := newest(counterparts, *f.CreatedAt); made != nil {
			days := int(f.CreatedAt.Sub(*made.facts.CreatedAt) / (24 * time.Hour))
			f.CounterpartDays = &days
		}
	}
}

// newest is the last of some rotations that had made the new material by a time.
func newest(all []*rotation, by time.Time) (found *rotation) {
	for _, r := range all {
		at := r.facts.CreatedAt
		if at == nil || at.After(by) || found != nil && at.Before(*found.facts.CreatedAt) {
			continue
		}
		found = r
	}
	return found
}

// drilled is when a drill was last carried through: every rotation of its plan is done.
func drilled(all []*rotation) (last *time.Time) {
	open, ended := map[string]bool{}, map[string]time.Time{}
	for _, r := range all {
		e := r.facts.Emergency
		switch {
		case e == nil || e.Drill == nil || !*e.Drill:
		case r.facts.State != "done":
			open[r.plan] = true
		case r.facts.EndedAt.After(ended[r.plan]):
			ended[r.plan] = *r.facts.EndedAt
		}
	}
	for _, plan := range slices.Sorted(maps.Keys(ended)) {
		if at := ended[plan]; !open[plan] && (last == nil || at.After(*last)) {
			last = &at
		}
	}
	return last
}

// resource is the rotation as the inventory has it.
func (r *rotation) resource() inventory.Resource {
	digest := r.plan
	if _, after, ok := strings.Cut(digest, ":"); ok {
		digest = after
	}
	f := r.facts
	refs := []inventory.Ref{{Edge: "rotates", To: f.Resource, Target: f.Of}}
	for _, id := range r.counterparts {
		refs = append(refs, inventory.Ref{Edge: "counterpart", To: inventory.ID(id), Target: f.Of})
	}
	var unknown []inventory.Unknown
	if !r.planned { // what it is for may be nothing that has a purpose, so its absence does not tell
		unknown = append(unknown, inventory.Unknown{Fact: "rotation.purpose", Why: inventory.NotRead, Call: getCall, Hint: "the ledger does not hold that it was planned"})
	}
	if f.OldDisabledAt != nil && f.OverlapMinutes == nil {
		unknown = append(unknown, inventory.Unknown{Fact: "rotation.overlap_minutes", Why: inventory.NotRead, Call: getCall, Hint: "the ledger does not hold when the new one was made"})
	}
	return inventory.Resource{
		Unknown: unknown,
		ID:      inventory.ID("ledger:rotations/" + digest[:min(16, len(digest))] + "/" + r.id),
		Type:    "ledger.rotation", Kind: inventory.KindRotation, Name: r.name, Origin: inventory.Recorded, Scope: scope, Refs: refs, Rotation: &f,
	}
}

func minutes(d time.Duration) *int {
	n := int(d / time.Minute)
	return &n
}
