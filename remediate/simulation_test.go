package remediate_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/ledger"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var interleavings = flag.Int("interleavings", 300, "how many random interleavings TestInterleavings tries")

// The simulated back end keeps versions of credentials. A client uses the one that is current, at least every forty minutes, and
// takes up a new one when it looks, which it does now and then. How late the back end tells of uses is lag.
const (
	quiet = time.Hour
	lag   = 30 * time.Minute
)

type credential struct {
	valid   map[int]bool
	latest  int
	current int
	used    map[int][]time.Time // every use of a version
	holds   int                 // what the client uses
	tracked bool
	lost    bool // the secret of what was made
	made    int  // versions that the rotation made
	strays  int  // versions made by the rotation whose answer was lost, or by somebody else
}

// A world is a back end and everything that may go wrong around it.
type world struct {
	t       *rapid.T
	now     time.Time
	plan    *plan.Plan
	things  map[string]*credential
	store   *rotatortest.Store
	pending []func()
	stop    string // the kill switch
	fault   string // of the next write
	broken  []string
}

func (w *world) fail(format string, args ...any) {
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}

// Look tells what is there, uses as of a lag ago.
func (w *world) Look(_ context.Context, r plan.Rotation, known plan.Facts) (plan.Facts, error) {
	if w.fault == "unreadable" {
		w.fault = ""
		return nil, errors.New("no route")
	}
	c := w.things[string(r.Resource)]
	var valid []string
	for _, v := range slices.Sorted(maps.Keys(c.valid)) {
		if c.valid[v] {
			valid = append(valid, strconv.Itoa(v))
		}
	}
	f := plan.Facts{"latest": strconv.Itoa(c.latest), "current": strconv.Itoa(c.current), "valid": strings.Join(valid, ",")}
	if c.latest > 1 && c.valid[c.latest] {
		f["new"] = strconv.Itoa(c.latest)
	}
	if c.tracked {
		f[plan.OldTrackedFrom] = w.now.AddDate(0, 0, -90).Format(time.RFC3339)
		for _, at := range c.used[1] {
			if !at.After(w.now.Add(-lag)) {
				f[plan.OldUsedAt] = at.Format(time.RFC3339)
			}
		}
	}
	return f, nil
}

// Do acts, or not, or later, and answers, or not. It holds the engine to what it promises at the moment of the act.
func (w *world) Do(_ context.Context, r plan.Rotation, s plan.Step, act string, known plan.Facts) (plan.Facts, error) {
	w.promised(r, s, act)
	fault := w.fault
	w.fault = ""
	c := w.things[string(r.Resource)]
	var made plan.Facts
	do := func() {
		switch act {
		case "create":
			c.latest++
			c.valid[c.latest] = true
			c.made++
			c.lost = s.Lossy && fault != ""
			made = plan.Facts{"new": strconv.Itoa(c.latest)}
		case "promote":
			if c.lost {
				w.fail("a version is promoted whose secret nobody has")
			}
			c.current = c.latest
		case "disable":
			if c.holds == 1 || w.now.Sub(c.used[1][len(c.used[1])-1]) < quiet {
				w.fail("the old version is disabled while it is used")
			}
			c.valid[1] = false
		case "enable":
			c.valid[1] = true
		case "demote":
			c.current = 1
		case "drop":
			c.valid[c.latest] = false
		case "discard":
			v, _ := strconv.Atoi(known["names"])
			c.valid[v] = false
			c.made--
			c.lost = false
			if v == c.latest {
				c.latest-- // its number is free again, so that the step finds what it expects
			}
		}
		if !c.valid[c.current] {
			w.fail("%s left no valid credential", act)
		}
	}
	switch fault {
	case "refused":
		return nil, errors.New("permission denied")
	case "lost before":
		return nil, fmt.Errorf("timeout: %w", plan.ErrUnclear)
	case "lost after":
		do()
		return nil, fmt.Errorf("timeout: %w", plan.ErrUnclear)
	case "late":
		w.pending = append(w.pending, do)
		return nil, fmt.Errorf("timeout: %w", plan.ErrUnclear)
	case "crash before":
		panic(rotatortest.Crash{})
	case "crash after":
		do()
		panic(rotatortest.Crash{})
	}
	do()
	return made, nil
}

// promised checks, before an act, that it may be done now and that the ledger has announced it.
func (w *world) promised(r plan.Rotation, s plan.Step, act string) {
	if _, ok := w.things[string(r.Resource)]; !ok || r.Resource == "somebody-elses" {
		w.fail("%s is not in the plan", r.Resource)
	}
	if !w.now.Before(w.plan.Expires) {
		w.fail("%s after the plan expired", act)
	}
	if why, _ := w.plan.Closed(w.now); why != "" {
		w.fail("%s in %s", act, why)
	}
	if _, err := os.Lstat(w.stop); err == nil {
		w.fail("%s with the kill switch on", act)
	}
	log, err := format.Read(context.Background(), w.store)
	if err != nil {
		w.fail("the ledger cannot be read: %v", err)
		return
	}
	last := log.Entries[len(log.Entries)-1]
	if last.Kind != format.Intent || last.Rotation != r.ID || last.Step != s.ID || last.Facts["act"] != act {
		w.fail("%s of %s was not announced: the last entry is %s %s %s", act, r.ID, last.Kind, last.Rotation, last.Step)
	}
}

var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// simulated is a rotation of the simulated back end.
func simulated(id string, lossy bool) plan.Rotation {
	return plan.Rotation{
		ID: id, Resource: inventory.ID("sim:" + id), Type: "sim", Name: id, Scope: "sim/" + id, Tier: "production", Purpose: "api_key", Rotator: "sim", Pattern: plan.Overlap, Clients: []string{}, Findings: []string{},
		Steps: []plan.Step{
			{ID: "create", Stage: plan.Created, Act: "create", Says: "create", Lossy: lossy, Expect: plan.Facts{"latest": "1", "current": "1"}, After: plan.Facts{"latest": "2", "new": "*", "current": "1"}, Undo: "drop", UndoExpect: plan.Facts{"current": "1", "latest": "2", "valid": "1,2"}, UndoAfter: plan.Facts{"current": "1", "valid": "1"}},
			{ID: "promote", Stage: plan.Promoted, Act: "promote", Says: "promote", Expect: plan.Facts{"current": "1", "new": "${new}", "latest": "2"}, After: plan.Facts{"current": "2", "latest": "2"}, Gates: []plan.Gate{{Kind: plan.Wait, For: plan.Duration(10 * time.Minute)}}, Undo: "demote", UndoExpect: plan.Facts{"current": "2", "valid": "1,2"}, UndoAfter: plan.Facts{"current": "1", "valid": "1,2"}},
			{ID: "disable", Stage: plan.OldDisabled, Act: "disable", Says: "disable", Expect: plan.Facts{"current": "2", "valid": "1,2"}, After: plan.Facts{"current": "2", "valid": "2"}, Gates: []plan.Gate{{Kind: plan.Unused, For: plan.Duration(quiet), Lag: plan.Duration(lag)}}, Undo: "enable", UndoExpect: plan.Facts{"current": "2", "valid": "2"}, UndoAfter: plan.Facts{"current": "2", "valid": "1,2"}},
			{ID: "check", Stage: plan.Done, Says: "check", Expect: plan.Facts{"current": "2", "valid": "2"}},
		},
	}
}

func newWorld(t *rapid.T, c *rotatortest.Cast, stop string) *world {
	w := &world{t: t, now: epoch, things: map[string]*credential{}, store: rotatortest.NewStore(), stop: stop}
	_ = os.Remove(stop)
	id, err := ledger.Init(context.Background(), w.store, "ana", w.now)
	if err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{
		Format: plan.Format, Tool: "test", MadeAt: epoch, Expires: epoch.Add(plan.Life), TakenAt: epoch, Ledger: id, Signers: c.Signers.Hash(),
		Approval: map[string]plan.Approval{"production": {Approvers: []string{}, Count: 1, Distinct: true}}, KillSwitch: stop,
		Freezes: []plan.Freeze{{From: epoch.Add(5 * time.Hour), Until: epoch.Add(6 * time.Hour), Reason: "freeze"}}, Windows: []plan.Window{}, Refused: []plan.Refusal{},
		Limits: plan.Limits{Run: rapid.IntRange(0, 2).Draw(t, "limit")},
	}
	for i := range rapid.IntRange(1, 2).Draw(t, "rotations") {
		r := simulated(fmt.Sprintf("r%d", i), rapid.Bool().Draw(t, "lossy"))
		w.things[string(r.Resource)] = &credential{valid: map[int]bool{1: true}, latest: 1, current: 1, used: map[int][]time.Time{1: {epoch}}, holds: 1, tracked: rapid.IntRange(0, 4).Draw(t, "tracked") > 0}
		p.Rotations = append(p.Rotations, r)
	}
	w.things["somebody-elses"] = &credential{valid: map[int]bool{1: true}, latest: 1, current: 1, used: map[int][]time.Time{1: {epoch}}, holds: 1}
	w.plan = p
	for kind, who := range map[format.Kind]string{format.Planned: "ana", format.Approved: "ben"} {
		purpose := approval.Plan
		if kind == format.Approved {
			purpose = approval.Approve
		}
		w.write(format.Entry{Kind: kind, By: who, Plan: p.Digest(), Signature: c.Sign(who, purpose, p.Message(), w.now)})
	}
	return w
}

// write appends an entry as another process would.
func (w *world) write(e format.Entry) {
	out, err := ledger.Open(context.Background(), w.store, "test", func() time.Time { return w.now })
	if err != nil {
		return // another process holds it, or the clock went back
	}
	_, _ = out.Append(context.Background(), e)
	_ = out.Close()
}

// pass lets time go by: clients work, and what was late arrives.
func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	for _, do := range w.pending {
		do()
	}
	w.pending = nil
	for _, c := range w.things {
		if !c.valid[c.holds] {
			w.fail("a client uses version %d, which is not valid", c.holds)
		}
		c.used[c.holds] = append(c.used[c.holds], w.now)
	}
}

// apply runs once, and may die in the middle.
func (w *world) apply(c *rotatortest.Cast) {
	var out *ledger.Writer
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(rotatortest.Crash); !ok {
				panic(r)
			}
			w.store.Leased = false // the kernel frees the lock of a process that has died
		}
	}()
	out, err := ledger.Open(context.Background(), w.store, "ci", func() time.Time { return w.now })
	if err != nil {
		return
	}
	run := &remediate.Run{
		Plan: w.plan, Ledger: out, Rotators: map[string]plan.Rotator{"sim": w}, Keys: &remediate.Keyring{Signers: c.Signers}, By: "ci", ID: "run",
		Begun: c.Sign("ci", approval.Apply, w.plan.Message(), w.now), Now: func() time.Time { return w.now }, Environ: func(string) string { return "" },
	}
	states, err := run.Apply(context.Background())
	if err == nil {
		w.consent(c, states, out)
	}
	_ = out.Close()
}

// consent says, now and then, that what a lost answer left behind may go.
func (w *world) consent(c *rotatortest.Cast, states []remediate.State, out *ledger.Writer) {
	for _, s := range states {
		if !strings.Contains(s.Stopped, "was lost") || !rapid.Bool().Draw(w.t, "consent") {
			continue
		}
		message := remediate.ConsentMessage(w.plan, s.ID, "create", "2")
		_, _ = out.Append(context.Background(), format.Entry{
			Kind: format.Consented, By: "ana", Plan: w.plan.Digest(), Rotation: s.ID, Step: "create", Facts: map[string]string{"names": "2"},
			Signature: c.Sign("ana", approval.Consent, message, w.now),
		})
	}
}

// TestInterleavings holds the engine to its promises whatever happens in whatever order: never no valid credential, nothing outside the plan, nothing
// while it is forbidden, nothing disabled in use, nothing made twice, and the ledger explains all of it.
func TestInterleavings(t *testing.T) {
	c := rotatortest.NewCast(t)
	stop := filepath.Join(t.TempDir(), "stop")
	finished := 0
	if flag.Lookup("rapid.checks").Value.String() == flag.Lookup("rapid.checks").DefValue {
		if err := flag.Set("rapid.checks", strconv.Itoa(*interleavings)); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, c, stop)
		for range rapid.IntRange(5, 40).Draw(rt, "events") {
			w.event(rt, c)
			if len(w.broken) > 0 {
				rt.Fatalf("%s\n%s", strings.Join(w.broken, "\n"), w.story())
			}
		}
		w.settled(rt, &finished)
	})
	if finished == 0 {
		t.Error("no rotation was finished in any interleaving, so the test shows nothing")
	}
	t.Logf("%d interleavings, %d rotations finished", *interleavings, finished)
}

// event is one thing that happens.
func (w *world) event(t *rapid.T, c *rotatortest.Cast) {
	name := rapid.SampledFrom([]string{"apply", "apply", "apply", "time", "time", "long", "fault", "store fault", "kill", "client", "client", "foreign", "back", "busy"}).Draw(t, "event")
	switch name {
	case "apply":
		w.apply(c)
	case "time":
		w.pass(time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute)
	case "long":
		for range rapid.IntRange(1, 6).Draw(t, "times") {
			w.pass(40 * time.Minute)
		}
	case "fault":
		w.fault = rapid.SampledFrom([]string{"refused", "lost before", "lost after", "late", "crash before", "crash after", "unreadable"}).Draw(t, "fault")
	case "store fault":
		w.store.Fault = rapid.SampledFrom([]rotatortest.Fault{rotatortest.Full, rotatortest.CrashBefore, rotatortest.CrashAfter, rotatortest.Lost}).Draw(t, "store fault")
	case "kill":
		if os.Remove(w.stop) != nil {
			if err := os.WriteFile(w.stop, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	case "client":
		for _, c := range w.things {
			c.holds = c.current
			c.used[c.holds] = append(c.used[c.holds], w.now)
		}
	case "foreign":
		if rapid.IntRange(0, 9).Draw(t, "foreign") == 0 {
			for _, r := range w.plan.Rotations {
				thing := w.things[string(r.Resource)]
				thing.latest++
				thing.valid[thing.latest] = true
				thing.strays++
			}
		}
	case "back":
		w.now = w.now.Add(-time.Duration(rapid.IntRange(1, 3).Draw(t, "seconds")) * time.Second)
	case "busy":
		w.store.Leased = true
		w.apply(c)
		w.store.Leased = false
	}
}

// settled checks the end: what the world holds is what the ledger explains.
func (w *world) settled(t *rapid.T, finished *int) {
	log, err := format.Read(context.Background(), w.store)
	if err != nil {
		t.Fatalf("the ledger does not verify: %v", err)
	}
	for _, r := range w.plan.Rotations {
		c, intents, done := w.things[string(r.Resource)], 0, false
		for _, e := range log.Entries {
			if e.Rotation == r.ID && e.Kind == format.Intent && e.Facts["act"] == "create" {
				intents++
			}
			done = done || e.Rotation == r.ID && e.Kind == format.Outcome && e.Facts["stage"] == string(plan.Done)
		}
		if c.made > 1 {
			t.Fatalf("%d versions were made\n%s", c.made, w.story())
		}
		if c.made > intents {
			t.Fatalf("%d versions were made and %d announced", c.made, intents)
		}
		if c.strays > 0 && !c.valid[c.latest] && c.made == 0 {
			t.Fatalf("what somebody else made was touched\n%s", w.story())
		}
		if done {
			*finished++
			if c.valid[1] || !c.valid[2] || c.current != 2 {
				t.Fatalf("the ledger says done, and the world is %+v\n%s", c, w.story())
			}
		}
	}
	if c := w.things["somebody-elses"]; c.latest != 1 || !c.valid[1] {
		t.Fatal("what is not in the plan was touched")
	}
}

// story is the ledger, to understand a failure by.
func (w *world) story() string {
	log, err := format.Read(context.Background(), w.store)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, e := range log.Entries {
		fmt.Fprintf(&b, "%s %s %s %s %s %v\n", e.At.Format(time.DateTime), e.Kind, e.Rotation, e.Step, e.Note, e.Facts)
	}
	return b.String()
}
