package remediate_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/ledger"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
)

// A lamp is a back end that is on or off.
type lamp struct {
	state string
	acts  []string
}

func (l *lamp) Look(context.Context, plan.Rotation, plan.Facts) (plan.Facts, error) {
	return plan.Facts{"state": l.state}, nil
}

func (l *lamp) Do(_ context.Context, _ plan.Rotation, _ plan.Step, act string, _ plan.Facts) (plan.Facts, error) {
	l.acts = append(l.acts, act)
	l.state = map[string]string{"turn off": "off", "turn on": "on", "turn red": "red", "turn green": "on"}[act]
	return nil, nil
}

// lampRun is a run of an approved plan with one rotation of a lamp, and what ends it.
func lampRun(t *testing.T, l *lamp, steps ...plan.Step) (apply func() remediate.State, write func(format.Entry, approval.Purpose, func(*plan.Plan) []byte)) {
	t.Helper()
	c, store := rotatortest.NewCast(t), rotatortest.NewStore()
	now := func() time.Time { return epoch }
	id, err := ledger.Init(t.Context(), store, rotatortest.Planner, epoch)
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Rotation{ID: "r", Resource: "lamp", Type: "lamp", Name: "the lamp", Scope: "lamp", Tier: "production", Rotator: "lamp", Clients: []string{}, Findings: []string{}, Steps: steps}
	p := &plan.Plan{
		Format: plan.Format, Tool: "test", MadeAt: epoch, Expires: epoch.Add(plan.Life), TakenAt: epoch, Ledger: id, Signers: c.Signers.Hash(),
		Approval: map[string]plan.Approval{"production": {Approvers: []string{}, Count: 1, Distinct: true}}, Windows: []plan.Window{}, Freezes: []plan.Freeze{}, Refused: []plan.Refusal{}, Rotations: []plan.Rotation{r},
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	open := func() *ledger.Writer {
		w, err := ledger.Open(t.Context(), store, "test", now)
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	write = func(e format.Entry, purpose approval.Purpose, message func(*plan.Plan) []byte) {
		w := open()
		defer w.Close()
		e.Plan, e.Signature = p.Digest(), c.Sign(e.By, purpose, message(p), epoch)
		if _, err := w.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	write(format.Entry{Kind: format.Planned, By: rotatortest.Planner}, approval.Plan, (*plan.Plan).Message)
	write(format.Entry{Kind: format.Approved, By: rotatortest.Approver}, approval.Approve, (*plan.Plan).Message)
	return func() remediate.State {
		w := open()
		defer w.Close()
		run := &remediate.Run{
			Plan: p, Ledger: w, Rotators: map[string]plan.Rotator{"lamp": l}, Keys: &remediate.Keyring{Signers: c.Signers}, By: rotatortest.Executor, ID: "run",
			Begun: c.Sign(rotatortest.Executor, approval.Apply, p.Message(), epoch), Now: now, Client: remediate.LocalClient(), Environ: func(string) string { return "" },
		}
		states, err := run.Apply(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return states[0]
	}, write
}

// TestLooksAfterGates: what a colleague does while a gate is asked, which may take long, is seen before the act.
func TestLooksAfterGates(t *testing.T) {
	l := &lamp{state: "on"}
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked++
		l.state = "a colleague's"
	}))
	defer s.Close()
	apply, _ := lampRun(t, l, plan.Step{
		ID: "off", Stage: plan.OldDisabled, Act: "turn off", Says: "turn it off", Expect: plan.Facts{"state": "on"}, After: plan.Facts{"state": "off"},
		Gates: []plan.Gate{{Kind: plan.HTTP, URL: s.URL, Status: http.StatusOK}}, Undo: "turn on", UndoExpect: plan.Facts{"state": "off"}, UndoAfter: plan.Facts{"state": "on"},
	})
	if got := apply(); len(l.acts) > 0 || !strings.Contains(got.Stopped, "changed by somebody else") {
		t.Errorf("acts %v, stopped %q", l.acts, got.Stopped)
	}
	l.state = "on"
	if got := apply(); len(l.acts) != 1 || !got.Ended || asked != 1 {
		t.Errorf("acts %v, asked %d times, stopped %q", l.acts, asked, got.Stopped)
	}
}

// TestStays: what is in use since a stage was reached is not taken back with the rest.
func TestStays(t *testing.T) {
	for _, c := range []struct {
		reached plan.Stage
		want    string
	}{
		{plan.Distributed, "turn red,turn off,turn on,turn green"},
		{plan.Promoted, "turn red,turn off,turn on"},
	} {
		l := &lamp{state: "on"}
		apply, write := lampRun(t, l,
			plan.Step{
				ID: "make", Stage: plan.Created, Act: "turn red", Says: "turn it red", Expect: plan.Facts{"state": "on"}, After: plan.Facts{"state": "red"},
				Undo: "turn green", UndoExpect: plan.Facts{}, UndoAfter: plan.Facts{"state": "on"}, UndoBefore: plan.Promoted,
			},
			plan.Step{
				ID: "off", Stage: c.reached, Act: "turn off", Says: "turn it off", Expect: plan.Facts{"state": "red"}, After: plan.Facts{"state": "off"},
				Undo: "turn on", UndoExpect: plan.Facts{"state": "off"}, UndoAfter: plan.Facts{"state": "on"},
			},
			plan.Step{ID: "wait", Stage: plan.Soaking, Says: "wait", Gates: []plan.Gate{{Kind: plan.Wait, For: plan.Duration(time.Hour)}}},
		)
		apply()
		write(format.Entry{Kind: format.Aborted, By: rotatortest.Executor, Rotation: "r"}, approval.Apply, func(p *plan.Plan) []byte { return remediate.AbortMessage(p, "r", "", "") })
		if got := apply(); !got.Ended || !got.Aborted || strings.Join(l.acts, ",") != c.want {
			t.Errorf("at %s: acts %v, want %s; stopped %q", c.reached, l.acts, c.want, got.Stopped)
		}
	}
}
