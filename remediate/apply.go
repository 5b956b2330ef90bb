// Package remediate turns findings into a plan and carries out a plan that was approved.
//
// What it knows of earlier runs stands in the ledger and nowhere else: each act is announced there before it is done, and its outcome
// written afterwards. It leaves each kind of key to a rotator.
package remediate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// actTime bounds one act. It is not cut short by Ctrl-C: an act whose outcome nobody knows is worse than a minute's wait.
const actTime = time.Minute

// settle is how long an act without an answer may still arrive. Until then it is neither repeated nor taken for not done.
const settle = 5 * time.Minute

// Journal is the ledger, open for writing.
type Journal interface {
	Log() *ledger.Log
	Append(context.Context, ledger.Entry) (ledger.Entry, error)
}

// A Run applies a plan once: it does what is due and ends.
type Run struct {
	Plan     *plan.Plan
	Ledger   Journal
	Rotators map[string]plan.Rotator // by name
	Keys     *Keyring                // checks the signatures that stand in the ledger
	Demands  *Demands                // of the configuration; nil: only those that the plan states
	By       string                  // who applies
	Begun    json.RawMessage         // their signature of the plan
	ID       string                  // of this run
	Now      func() time.Time
	Client   *http.Client
	Environ  func(string) string
	Say      func(rotation, text string) // told of each thing done; may be nil

	named    string // the plan's digest; making it is as much work as writing the plan
	acts     int
	begun    bool
	programs []approval.Signature // what the programs said that approve
}

// A State is where one rotation stands after a run.
type State struct {
	Rotation *plan.Rotation `json:"-"`
	ID       string         `json:"rotation"`
	Stage    plan.Stage     `json:"stage"`
	Step     string         `json:"step,omitempty"`    // the next one
	Waits    string         `json:"waits,omitempty"`   // what for
	Next     *time.Time     `json:"next,omitempty"`    // not before; nil: nobody can tell, or nothing is left
	Stopped  string         `json:"stopped,omitempty"` // why it cannot go on by itself
	Failed   bool           `json:"failed,omitempty"`  // something went wrong in this run
	Stalled  *time.Time     `json:"stalled,omitempty"` // since when it waits for a gate past the gate's time
	Aborted  bool           `json:"aborted,omitempty"`
	Ended    bool           `json:"ended,omitempty"`
}

// Apply does what is due and says where every rotation stands. It stops at the first that fails. An error means that the run itself
// could not go on: above all, that the ledger cannot be written.
func (run *Run) Apply(ctx context.Context) ([]State, error) {
	if err := run.Check(ctx); err != nil {
		return nil, err
	}
	var states []State
	failed := ""
	for i := range run.Plan.Rotations {
		r := &run.Plan.Rotations[i]
		var s State
		switch why, err := "", error(nil); {
		case failed != "":
			s = run.state(r, fmt.Sprintf("not tried, as %s failed", failed))
		default:
			if why = run.crowded(r); why != "" {
				s = run.state(r, why)
				break
			}
			if s, err = run.advance(ctx, r); err != nil {
				return append(states, s), err
			}
			if s.Failed {
				failed = r.ID
			}
		}
		states = append(states, s)
	}
	return states, nil
}

// state says where a rotation stands by the ledger alone.
func (run *Run) state(r *plan.Rotation, waits string) State {
	p := run.position(r)
	s := State{Rotation: r, ID: r.ID, Stage: p.reached, Waits: waits, Ended: p.ended, Aborted: p.aborting != nil}
	if p.ended {
		s.Waits = ""
		return s
	}
	if p.next < len(r.Steps) {
		s.Step = r.Steps[p.next].ID
	}
	if since := p.stalled(r, run.Now()); !since.IsZero() {
		s.Stalled = &since
	}
	if p.refused != nil {
		s.Stopped = p.refused.Note
	}
	if p.unsigned != "" {
		s.Stopped = p.unsigned
	}
	if why := expired(run.Plan, run.Now()); why != "" {
		s.Stopped = why
	}
	if waits == "" {
		for _, w := range p.waiting {
			s.Waits = w.note
			if t, err := time.Parse(time.RFC3339, w.until); err == nil {
				s.Next = &t
			}
		}
	}
	return s
}

// digest is that of the plan, which does not change in a run.
func (run *Run) digest() string {
	if run.named == "" {
		run.named = run.Plan.Digest()
	}
	return run.named
}

func (run *Run) position(r *plan.Rotation) *position {
	return positionOf(run.Ledger.Log(), run.digest(), r, func(e *ledger.Entry) error {
		_, err := run.Keys.verify(approval.Apply, AbortMessage(run.Plan, r.ID, e.Note, e.Facts[FactMovedBack]), e)
		return err
	})
}

// crowded says why a rotation that has not begun has to wait for others.
func (run *Run) crowded(r *plan.Rotation) string {
	if !run.position(r).began.IsZero() {
		return ""
	}
	scope, owner := 0, 0
	for i := range run.Plan.Rotations {
		o := &run.Plan.Rotations[i]
		if p := run.position(o); p.began.IsZero() || p.ended {
			continue
		}
		if o.Scope == r.Scope {
			scope++
		}
		if o.Owner == r.Owner && r.Owner != "" {
			owner++
		}
	}
	switch l := run.Plan.Limits; {
	case l.Account > 0 && scope >= l.Account:
		return fmt.Sprintf("%d rotations are under way in %s, which is the limit", scope, r.Scope)
	case l.Service > 0 && owner >= l.Service:
		return fmt.Sprintf("%d rotations of %s are under way, which is the limit", owner, r.Owner)
	}
	return ""
}

// advance takes a rotation as far as it goes now.
func (run *Run) advance(ctx context.Context, r *plan.Rotation) (State, error) {
	rotator := run.Rotators[r.Rotator]
	for {
		p := run.position(r)
		if p.ended {
			return run.state(r, ""), nil
		}
		if rotator == nil {
			return run.stop(ctx, r, fmt.Sprintf("this keyreeve-rotate has no rotator %q", r.Rotator))
		}
		t := &turn{Run: run, r: r, p: p, rotator: rotator}
		var err error
		switch why := expired(run.Plan, run.Now()); {
		case p.open != nil: // what was begun is looked for, however late
			err = t.resolve(ctx)
		case why != "":
			err = stop("%s", why)
		case p.unsigned != "":
			err = stop("%s", p.unsigned)
		case p.aborting != nil:
			err = t.takeBack(ctx)
		default:
			err = t.step(ctx)
		}
		var halt *Halt
		var stopped *stopped
		switch {
		case err == nil:
		case errors.As(err, &halt):
			s := run.state(r, halt.Why)
			if !halt.Next.IsZero() {
				s.Next = &halt.Next
			}
			return s, nil
		case errors.As(err, &stopped):
			return run.stop(ctx, r, stopped.why)
		default:
			return run.state(r, ""), err
		}
	}
}

// stopped is an error that ends a rotation's turn and, unless it was told before, goes to the ledger.
type stopped struct{ why string }

func (s *stopped) Error() string { return s.why }

func stop(format string, args ...any) error { return &stopped{fmt.Sprintf(format, args...)} }

func (run *Run) stop(ctx context.Context, r *plan.Rotation, why string) (State, error) {
	if p := run.position(r); p.refused == nil || p.refused.Note != why {
		step := ""
		if p.next < len(r.Steps) {
			step = r.Steps[p.next].ID
		}
		if err := run.write(ctx, r, ledger.Entry{Kind: ledger.Refused, Step: step, Note: why}); err != nil {
			return run.state(r, ""), err
		}
	}
	s := run.state(r, "")
	s.Stopped, s.Failed = why, true
	return s, nil
}

// write appends an entry of a rotation. The first entry of a run is preceded by one that says who runs it.
func (run *Run) write(ctx context.Context, r *plan.Rotation, e ledger.Entry) error {
	ctx = context.WithoutCancel(ctx)
	if !run.begun {
		if _, err := run.Ledger.Append(ctx, ledger.Entry{Kind: ledger.Begun, By: run.By, Run: run.ID, Plan: run.digest(), Signature: run.Begun}); err != nil {
			return err
		}
		if err := errors.Join(run.alarm(ctx), run.noted(ctx)); err != nil {
			return err
		}
		run.begun = true
	}
	e.By, e.Run, e.Plan, e.Rotation, e.Resource = run.By, run.ID, run.digest(), r.ID, string(r.Resource)
	_, err := run.Ledger.Append(ctx, e)
	if err == nil && run.Say != nil {
		if text := told(&e); text != "" {
			run.Say(r.ID, text)
		}
	}
	return err
}

// told is what people are told of an entry while it is written.
func told(e *ledger.Entry) string {
	switch e.Kind {
	case ledger.Intent, ledger.Waiting, ledger.Refused:
		return "" // the outcome, or the end of the run, says it
	}
	return e.Step + ": " + e.Note
}

// States says where every rotation stands by the ledger alone.
func (run *Run) States() []State {
	var all []State
	for i := range run.Plan.Rotations {
		all = append(all, run.state(&run.Plan.Rotations[i], ""))
	}
	return all
}
