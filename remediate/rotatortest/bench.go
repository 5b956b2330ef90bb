package rotatortest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/ledger"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// epoch is when a test begins: a Monday.
var epoch = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// A bench is one rotation, approved and ready to be applied, with all that is around it.
type bench struct {
	t     *testing.T
	now   time.Time
	cast  *Cast
	store *Store
	plan  *plan.Plan
	f     Fixture
	first string // what the back end held
}

func newBench(t *testing.T, open Open, acts int) *bench {
	t.Helper()
	b := &bench{t: t, now: epoch, cast: NewCast(t), store: NewStore()}
	b.f = open(t, func() time.Time { return b.now })
	r := b.f.Rotation
	r.ID = "rotation"
	if r.Clients == nil {
		r.Clients = []string{}
	}
	if r.Findings == nil {
		r.Findings = []string{}
	}
	id, err := ledger.Init(context.Background(), b.store, Planner, b.now)
	if err != nil {
		t.Fatal(err)
	}
	b.plan = &plan.Plan{
		Format: plan.Format, Tool: "test", MadeAt: b.now, Expires: b.now.Add(plan.Life), TakenAt: b.now, Ledger: id, Signers: b.cast.Signers.Hash(),
		Approval: map[string]plan.Approval{r.Tier: {Approvers: []string{}, Count: 1, Distinct: true}},
		Windows:  []plan.Window{}, Freezes: []plan.Freeze{}, Refused: []plan.Refusal{}, Rotations: []plan.Rotation{r}, Limits: plan.Limits{Run: acts},
	}
	if err := b.plan.Check(); err != nil {
		t.Fatalf("what was drafted makes no plan: %v", err)
	}
	b.write(format.Entry{Kind: format.Planned, By: Planner, Signature: b.cast.Sign(Planner, approval.Plan, b.plan.Message(), b.now)})
	b.write(format.Entry{Kind: format.Approved, By: Approver, Signature: b.cast.Sign(Approver, approval.Approve, b.plan.Message(), b.now)})
	b.first = b.f.State()
	return b
}

func (b *bench) rotation() *plan.Rotation { return &b.plan.Rotations[0] }

// write appends an entry as a command of its own would.
func (b *bench) write(e format.Entry) {
	b.t.Helper()
	w, err := ledger.Open(context.Background(), b.store, "test", func() time.Time { return b.now })
	if err != nil {
		b.t.Fatal(err)
	}
	e.Plan = b.plan.Digest()
	if _, err := w.Append(context.Background(), e); err != nil {
		b.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
}

// apply runs once, as a process of its own.
func (b *bench) apply() (remediate.State, error) {
	b.t.Helper()
	w, err := ledger.Open(context.Background(), b.store, Executor, func() time.Time { return b.now })
	if err != nil {
		b.t.Fatal(err)
	}
	run := &remediate.Run{
		Plan: b.plan, Ledger: w, Rotators: map[string]plan.Rotator{b.rotation().Rotator: b.f.Rotator}, Keys: &remediate.Keyring{Signers: b.cast.Signers},
		By: Executor, ID: "run", Begun: b.cast.Sign(Executor, approval.Apply, b.plan.Message(), b.now), Now: func() time.Time { return b.now },
		Environ: func(string) string { return "" },
	}
	states, err := run.Apply(context.Background())
	_ = w.Close()
	b.valid()
	if err != nil {
		return remediate.State{}, err
	}
	return states[0], nil
}

// valid holds the back end to the first promise: there is always a valid credential.
func (b *bench) valid() {
	b.t.Helper()
	b.f.Wire.counts() // waits for a call whose connection broke: it may still be answered
	if b.f.Valid == nil {
		return
	}
	if why := b.f.Valid(); why != "" {
		b.t.Fatalf("%s\n%s", why, b.story())
	}
}

var asksConsent = regexp.MustCompile(`--step (\S+) --names (\S+)$`)

// next does what lets a rotation go on: time passes, clients confirm, a person consents. It reports whether there is anything to do.
func (b *bench) next(s remediate.State) bool {
	b.t.Helper()
	switch {
	case s.Ended:
		return false
	case s.Next != nil && s.Next.After(b.now):
		b.pass(s.Next.Sub(b.now))
	case asksConsent.MatchString(s.Stopped):
		m := asksConsent.FindStringSubmatch(s.Stopped)
		message := remediate.ConsentMessage(b.plan, s.ID, m[1], m[2])
		b.write(format.Entry{Kind: format.Consented, By: Planner, Rotation: s.ID, Step: m[1], Facts: map[string]string{"names": m[2]}, Signature: b.cast.Sign(Planner, approval.Consent, message, b.now)})
		b.pass(time.Minute)
	case strings.Contains(s.Waits, "confirmed"):
		for _, client := range b.rotation().Confirmers() {
			message := remediate.ConfirmMessage(b.plan, s.ID, client)
			b.write(format.Entry{Kind: format.Confirmed, By: Planner, Rotation: s.ID, Facts: map[string]string{"client": client}, Signature: b.cast.Sign(Planner, approval.Confirm, message, b.now)})
		}
		b.pass(time.Minute)
	default:
		b.pass(10 * time.Minute)
	}
	return true
}

func (b *bench) pass(d time.Duration) {
	b.now = b.now.Add(d)
	if b.f.Pass != nil {
		b.f.Pass()
	}
}

// finish applies until the rotation has ended. Where once is true, it may stop for nothing but a consent.
func (b *bench) finish(smooth bool) {
	b.t.Helper()
	for range 100 {
		s, err := b.apply()
		if err != nil {
			b.t.Fatalf("apply: %v\n%s", err, b.story())
		}
		if smooth && s.Stopped != "" {
			b.t.Fatalf("stopped: %s\n%s", s.Stopped, b.story())
		}
		if s.Stopped != "" && !asksConsent.MatchString(s.Stopped) && s.Next == nil {
			b.t.Fatalf("it does not go on: %s\n%s", s.Stopped, b.story())
		}
		if !b.next(s) {
			return
		}
	}
	b.t.Fatalf("it does not end\n%s", b.story())
}

// story is the ledger, to understand a failure by.
func (b *bench) story() string {
	log, err := format.Read(context.Background(), b.store)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for _, e := range log.Entries {
		fmt.Fprintf(&out, "%s %s %s %s %v\n", e.At.Format(time.DateTime), e.Kind, e.Step, e.Note, e.Facts)
	}
	return out.String()
}

// after applies until so many acts are done. A run does one.
func (b *bench) after(acts int) {
	b.t.Helper()
	for range 200 {
		if _, written := b.f.Wire.counts(); written >= acts {
			return
		}
		s, err := b.apply()
		if err != nil {
			b.t.Fatal(err)
		}
		if s.Failed {
			b.t.Fatalf("stopped: %s\n%s", s.Stopped, b.story())
		}
		if _, written := b.f.Wire.counts(); written >= acts {
			return
		}
		b.next(s)
	}
	b.t.Fatalf("act %d is not reached\n%s", acts, b.story())
}

// abort marks the rotation as one to take back, where that is possible.
func (b *bench) abort() bool {
	b.t.Helper()
	now := func() time.Time { return b.now }
	w, err := ledger.Open(context.Background(), b.store, "test", now)
	if err != nil {
		b.t.Fatal(err)
	}
	run := &remediate.Run{Plan: b.plan, Ledger: w, Now: now}
	can, why := run.Reversible(b.rotation())
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	if !can {
		if why == "" {
			b.t.Error("there is no way back, and no reason is given")
		}
		return false
	}
	message := remediate.AbortMessage(b.plan, b.rotation().ID, "", "")
	b.write(format.Entry{Kind: format.Aborted, By: Planner, Rotation: b.rotation().ID, Signature: b.cast.Sign(Planner, approval.Apply, message, b.now)})
	return true
}
