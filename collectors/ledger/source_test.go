package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const jwt, stage = "vault:eu/root/transit/keys/jwt", "vault:eu/root/transit/keys/stage-jwt"

// at is a time that many hours after the ledger was opened.
func at(hours float64) time.Time { return start.Add(time.Duration(hours * float64(time.Hour))) }

// plannedFor is what keyreeve-rotate writes when a rotation is planned; more facts as pairs.
func plannedFor(plan, resource string, hours float64, more ...string) Entry {
	facts := map[string]string{
		"name": "jwt", "kind": "vault.transit.key", "tier": "production", "purpose": "token_signing", "pattern": "overlap", "last": "check",
		"until": at(hours + 168).Format(time.RFC3339), "approvers": "",
	}
	for i := 0; i < len(more); i += 2 {
		facts[more[i]] = more[i+1]
	}
	return Entry{Kind: Planned, At: at(hours), By: "ana", Plan: plan, Rotation: "r-" + plan, Resource: resource, Facts: facts}
}

// did is an act or a wait that was done.
func did(plan, resource, step, stage string, hours float64, more ...string) Entry {
	facts := map[string]string{"stage": stage, "result": "done", "act": "rotate"}
	for i := 0; i < len(more); i += 2 {
		facts[more[i]] = more[i+1]
	}
	return Entry{Kind: Outcome, At: at(hours), By: "ana", Plan: plan, Rotation: "r-" + plan, Resource: resource, Step: step, Facts: facts}
}

// of is an entry of a plan, or of its one rotation.
func of(kind Kind, plan, by string, hours float64, signed bool, more ...string) Entry {
	e := Entry{Kind: kind, At: at(hours), By: by, Plan: plan}
	for i := 0; i < len(more); i += 2 {
		if e.Facts == nil {
			e.Facts = map[string]string{}
		}
		e.Facts[more[i]] = more[i+1]
	}
	if signed {
		e.Signature = []byte(`{"sig":"x"}`)
	}
	return e
}

// observe reads a ledger as a source does.
func observe(t *testing.T, from Reader, head string) (whole *inventory.Ledger, all []*inventory.LedgerRotation, gaps []*inventory.Gap) {
	t.Helper()
	ids := map[inventory.ID]bool{}
	for r, err := range NewSource(from, head).Resources(t.Context()) {
		var gap *inventory.Gap
		switch {
		case errors.As(err, &gap):
			gaps = append(gaps, gap)
			continue
		case err != nil:
			t.Fatal(err)
		case ids[r.ID]:
			t.Errorf("%s comes twice", r.ID)
		case r.Ledger != nil:
			whole = r.Ledger
		default:
			all = append(all, r.Rotation)
		}
		ids[r.ID] = true
		if r.Scope != scope || r.Origin != inventory.Recorded {
			t.Errorf("%s is of scope %s and origin %s", r.ID, r.Scope, r.Origin)
		}
		r.Complete()
		outside := r.Rotation != nil && r.Rotation.OldDisabledAt != nil && r.Rotation.OverlapMinutes == nil
		if outside != (r.Unread("rotation.overlap_minutes") != nil) || !outside && len(r.Unknown) > 0 {
			t.Errorf("%s: unknown %v", r.ID, r.Unknown)
		}
	}
	return whole, all, gaps
}

// one reads a ledger whose last rotation is asked about.
func one(t *testing.T, entries ...Entry) *inventory.LedgerRotation {
	t.Helper()
	_, from := written(mine, entries...)
	_, all, gaps := observe(t, from, "")
	if len(gaps) > 0 || len(all) == 0 {
		t.Fatalf("read %d rotations, and gaps %v", len(all), gaps)
	}
	return all[len(all)-1]
}

func TestStates(t *testing.T) {
	plan := plannedFor("p", jwt, 1)
	waiting := func(gate string, hours, limit float64) Entry {
		e := of(Waiting, "p", "ana", hours, false, "gate", gate, "limit", at(limit).Format(time.RFC3339))
		e.Rotation = "r-p"
		return e
	}
	rotation := func(kind Kind, hours float64, note string) Entry {
		e := of(kind, "p", "ana", hours, false)
		e.Rotation, e.Note = "r-p", note
		return e
	}
	passed := rotation(Passed, 5, "")
	passed.Facts = map[string]string{"gate": "1"}
	for name, tt := range map[string]struct {
		entries      []Entry
		state, stage string
		due, stopped float64 // hours; 0: none
	}{
		"planned":          {nil, "planned", "PLANNED", 0, 0},
		"an act is open":   {[]Entry{rotation(Intent, 2, "")}, "under_way", "PLANNED", 0, 0},
		"created":          {[]Entry{did("p", jwt, "rotate", "CREATED", 2)}, "under_way", "CREATED", 0, 0},
		"refused":          {[]Entry{did("p", jwt, "rotate", "CREATED", 2, "result", "failed"), rotation(Refused, 3, "no"), rotation(Refused, 4, "still no")}, "under_way", "PLANNED", 0, 3},
		"went on":          {[]Entry{rotation(Refused, 3, "no"), did("p", jwt, "rotate", "CREATED", 4)}, "under_way", "CREATED", 0, 0},
		"waits":            {[]Entry{did("p", jwt, "rotate", "CREATED", 2), waiting("1", 3, 30), waiting("2", 4, 20)}, "under_way", "CREATED", 20, 0},
		"waited":           {[]Entry{did("p", jwt, "rotate", "CREATED", 2), waiting("1", 3, 20), passed}, "under_way", "CREATED", 0, 0},
		"done":             {[]Entry{did("p", jwt, "rotate", "CREATED", 2), waiting("1", 3, 20), did("p", jwt, "check", "DONE", 6, "act", "")}, "done", "DONE", 0, 0},
		"being taken back": {[]Entry{did("p", jwt, "rotate", "CREATED", 2), rotation(Aborted, 3, "")}, "under_way", "CREATED", 0, 0},
		"taken back":       {[]Entry{did("p", jwt, "rotate", "CREATED", 2), rotation(Aborted, 3, ""), did("p", jwt, "rotate", "CREATED", 4, "result", "undone")}, "taken_back", "CREATED", 0, 0},
		"never begun":      {[]Entry{rotation(Aborted, 3, "")}, "taken_back", "PLANNED", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, append([]Entry{plan}, tt.entries...)...)
			if got.State != tt.state || got.Stage != tt.stage {
				t.Errorf("is %s at %s, want %s at %s", got.State, got.Stage, tt.state, tt.stage)
			}
			same(t, "due", got.DueAt, tt.due)
			same(t, "stopped", got.StoppedAt, tt.stopped)
			if (got.EndedAt != nil) != (tt.state == "done" || tt.state == "taken_back") {
				t.Errorf("ended at %v", got.EndedAt)
			}
		})
	}
}

// same compares a time with hours after the start; 0 stands for none.
func same(t *testing.T, what string, got *time.Time, hours float64) {
	t.Helper()
	switch {
	case got == nil && hours == 0:
	case got == nil || hours == 0 || !got.Equal(at(hours)):
		t.Errorf("%s at %v, want %v hours after %v", what, got, hours, start)
	}
}

func TestOverlap(t *testing.T) {
	first := []Entry{plannedFor("a", jwt, 1, "window", "86400"), did("a", jwt, "rotate", "CREATED", 2)}
	done := append(slices.Clone(first), did("a", jwt, "check", "DONE", 30, "act", ""))
	retired := append(slices.Clone(done), plannedFor("b", jwt, 40), did("b", jwt, "retire", "OLD DISABLED", 50))

	if got := one(t, first...); got.OverlapMinutes != nil {
		t.Errorf("an overlap that is open has lasted %d minutes", *got.OverlapMinutes)
	} else {
		same(t, "an overlap that is under way closes", got.OverlapClosesAt, 169) // with the plan
	}
	same(t, "an overlap closes", one(t, done...).OverlapClosesAt, 26)
	got := one(t, retired...)
	if got.OverlapMinutes == nil || *got.OverlapMinutes != 48*60 || got.WindowMinutes == nil || *got.WindowMinutes != 24*60 {
		t.Errorf("an overlap across two plans: %v of %v minutes", got.OverlapMinutes, got.WindowMinutes)
	}
	_, from := written(mine, retired...)
	if _, all, _ := observe(t, from, ""); all[0].OverlapClosesAt != nil {
		t.Errorf("the old one has ended and its overlap is open until %v", all[0].OverlapClosesAt)
	}
	if got := one(t, plannedFor("b", jwt, 40), did("b", jwt, "retire", "OLD DISABLED", 50)); got.OverlapMinutes != nil {
		t.Errorf("what the ledger does not hold has lasted %d minutes", *got.OverlapMinutes)
	}
	back := append(slices.Clone(retired), did("b", jwt, "retire", "OLD DISABLED", 51, "result", "undone"))
	if got := one(t, back...); got.OldDisabledAt != nil || got.OverlapMinutes != nil {
		t.Errorf("what was taken back counts: %v, %v", got.OldDisabledAt, got.OverlapMinutes)
	}
}

func TestCounterparts(t *testing.T) {
	later := []Entry{plannedFor("b", jwt, 75, "counterparts", stage+"\nvault:eu/root/transit/keys/other"), did("b", jwt, "rotate", "CREATED", 76)}
	got := one(t, append([]Entry{plannedFor("a", stage, 1, "tier", "staging"), did("a", stage, "rotate", "CREATED", 2)}, later...)...)
	if *got.Counterparts != 2 || got.CounterpartDays == nil || *got.CounterpartDays != 3 {
		t.Errorf("%d counterparts, rotated %v days before", *got.Counterparts, got.CounterpartDays)
	}
	_, from := written(mine, append(later, plannedFor("a", stage, 77, "tier", "staging"), did("a", stage, "rotate", "CREATED", 78))...)
	_, all, _ := observe(t, from, "")
	if *all[0].Counterparts != 2 || all[0].CounterpartDays != nil {
		t.Errorf("a counterpart that was rotated afterwards was %v days before", all[0].CounterpartDays)
	}
}

func TestEmergencies(t *testing.T) {
	plan := []Entry{of(Planned, "p", "ana", 1, true), plannedFor("p", jwt, 1, "pattern", "emergency", "approvers", "ben\ncleo", "approve_within", "7200")}
	began := of(Emergency, "p", "dan", 2, true, "ticket", "INC-1", "drill", "false")
	run := append(slices.Clone(plan), of(Begun, "p", "dan", 2, true), began)
	if got := one(t, plan...); got.Emergency != nil {
		t.Errorf("an emergency that has not begun is %+v", got.Emergency)
	}
	for name, tt := range map[string]struct {
		entry                         Entry
		approved, reviewed, reauthent float64
	}{
		"approved":              {of(Approved, "p", "ben", 3, true), 3, 0, 0},
		"by who planned":        {of(Approved, "p", "ana", 3, true), 0, 0, 0},
		"by who applied":        {of(Approved, "p", "dan", 3, true), 0, 0, 0},
		"by who may not":        {of(Approved, "p", "eve", 3, true), 0, 0, 0},
		"unsigned":              {of(Approved, "p", "ben", 3, false), 0, 0, 0},
		"of another plan":       {of(Approved, "q", "ben", 3, true), 0, 0, 0},
		"reviewed":              {of(Reviewed, "p", "eve", 3, true), 0, 3, 0},
		"reviewed by who acted": {of(Reviewed, "p", "dan", 3, true), 0, 0, 0},
		"reviewed unsigned":     {of(Reviewed, "p", "eve", 3, false), 0, 0, 0},
		"logged in again":       {did("p", jwt, "reauthenticate-tokens", "OLD DISABLED", 3), 0, 0, 3},
		"not logged in again":   {did("p", jwt, "reauthenticate", "OLD DISABLED", 3, "result", "failed"), 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, append(slices.Clone(run), tt.entry)...).Emergency
			if got == nil || got.Ticket != "INC-1" || *got.Drill || *got.WithinMinutes != 120 {
				t.Fatalf("the emergency is %+v", got)
			}
			same(t, "approved", got.ApprovedAt, tt.approved)
			same(t, "reviewed", got.ReviewedAt, tt.reviewed)
			same(t, "logged in again", got.ReauthenticatedAt, tt.reauthent)
			same(t, "to be approved", got.ApproveBy, 4)
		})
	}
	before := append(slices.Clone(plan), of(Approved, "p", "ben", 1.5, true), began)
	if got := one(t, before...).Emergency; *got.ApprovalMinutes != 0 {
		t.Errorf("an approval before it came %d minutes after it began", *got.ApprovalMinutes)
	}
	if got := one(t, append(run, of(Approved, "p", "ben", 2+1/3600., true))...).Emergency; *got.ApprovalMinutes != 1 {
		t.Errorf("an approval a second after it began came after %d minutes", *got.ApprovalMinutes)
	}
}

func TestDrilled(t *testing.T) {
	half := plannedFor("p", jwt, 5)
	half.Rotation = "another"
	begun := []Entry{plannedFor("p", stage, 1, "pattern", "emergency"), of(Emergency, "p", "dan", 2, true, "ticket", "D", "drill", "true"), did("p", stage, "rotate", "CREATED", 3)}
	for name, tt := range map[string]struct {
		entries []Entry
		hours   float64
	}{
		"never":       {nil, 0},
		"not to end":  {begun, 0},
		"in part":     {append(slices.Clone(begun), did("p", stage, "check", "DONE", 4, "act", ""), half), 0},
		"carried out": {append(slices.Clone(begun), did("p", stage, "check", "DONE", 4, "act", "")), 4},
	} {
		_, from := written(mine, tt.entries...)
		whole, _, _ := observe(t, from, "")
		t.Run(name, func(t *testing.T) { same(t, "drilled", whole.DrilledAt, tt.hours) })
	}
}

func TestVerified(t *testing.T) {
	l, from := five(mine)
	tampered := maps.Clone(from)
	tampered[Name(3)] = []byte(strings.Replace(string(from[Name(3)]), "alice", "mallory", 1))
	cut := maps.Clone(from)
	delete(cut, Name(5))
	for name, tt := range map[string]struct {
		from          files
		head          string
		verified, bad string
		proven        int
	}{
		"no head":       {from, "", "consistent", "", 0},
		"head":          {from, l.Head(), "complete", "", 5},
		"an older head": {from, l.Entries[2].Hash(), "complete", "", 3},
		"another head":  {from, strings.Repeat("0", 64), "broken", Name(5), 0},
		"its end cut":   {cut, l.Head(), "broken", Name(4), 0},
		"tampered":      {tampered, "", "broken", Name(4), 0},
	} {
		t.Run(name, func(t *testing.T) {
			whole, all, gaps := observeBroken(t, tt.from, tt.head)
			if whole.Verified != tt.verified || whole.BrokenAt != tt.bad || tt.proven > 0 && *whole.Proven != tt.proven {
				t.Errorf("is %+v", whole)
			}
			if broken := tt.verified == "broken"; broken != (len(gaps) == 1) || broken && (all > 0 || !gaps[0].Covers("ledger.rotation") || gaps[0].Covers("ledger.log")) {
				t.Errorf("%d rotations and gaps %v", all, gaps)
			}
		})
	}
}

func observeBroken(t *testing.T, from Reader, head string) (whole *inventory.Ledger, rotations int, gaps []*inventory.Gap) {
	t.Helper()
	for r, err := range NewSource(from, head).Resources(t.Context()) {
		var gap *inventory.Gap
		switch {
		case errors.As(err, &gap):
			gaps = append(gaps, gap)
		case err != nil:
			t.Fatal(err)
		case r.Ledger != nil:
			whole = r.Ledger
			r.Complete()
			if broken := whole.Verified == "broken"; broken != (r.Unread("ledger.drilled_at") != nil) {
				t.Errorf("whether it was drilled is unread: %v", r.Unknown)
			}
		default:
			rotations++
		}
	}
	return whole, rotations, gaps
}

// A ledger that is gone, or cannot be read, is a gap and never an empty one; a context that has ended is neither.
func TestUnread(t *testing.T) {
	for name, from := range map[string]Reader{"none": files{}, "no folder": Folder(t.TempDir() + "/none")} {
		whole, all, gaps := observe(t, from, "")
		if whole != nil || len(all) > 0 || len(gaps) != 1 || !gaps[0].Incomplete() || !gaps[0].Covers("ledger.log") || !gaps[0].Covers("ledger.rotation") {
			t.Errorf("%s: yields %v, %v and gaps %v", name, whole, all, gaps)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range NewSource(Folder(t.TempDir()), "").Resources(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a context that has ended yields %v", err)
		}
	}
}

// Two readings are equal, and say what they did.
func TestReport(t *testing.T) {
	_, from := five(mine)
	s := NewSource(from, "")
	for range 2 {
		for range s.Resources(t.Context()) {
		}
		if r := s.Report(); r.Calls[getCall] != 5 || r.Calls[listCall] != 1 || !slices.Equal(r.Types, types) {
			t.Errorf("reports %+v", r)
		}
	}
}
