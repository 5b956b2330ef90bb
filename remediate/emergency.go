package remediate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// The facts of an entry that an emergency has begun.
const (
	factTicket = "ticket"
	factDrill  = "drill"
)

// urgent says why no emergency can be planned.
func (in *Inputs) urgent() error {
	switch {
	case in.Emergency == nil:
		return nil
	case in.Emergency.Ticket == "":
		return errors.New("an emergency needs a ticket")
	case len(in.Only) == 0:
		return errors.New("an emergency is about what it names: nothing is named")
	case len(in.Settings.OnCall) == 0:
		return errors.New("rotation.on_call names nobody who may approve an emergency")
	case in.Retire:
		return errors.New("an emergency does not retire old versions: that is a plan of its own")
	}
	return nil
}

// rush takes out of a rotation's steps what an emergency does not wait for: time, use, clients and other rotations. What verifies stays, and so
// does what a person has to do.
func rush(steps []plan.Step) []plan.Step {
	var out []plan.Step
	for _, s := range steps {
		waited := len(s.Gates) > 0
		s.Gates = slices.DeleteFunc(slices.Clone(s.Gates), func(g plan.Gate) bool {
			switch g.Kind {
			case plan.Wait, plan.Unused, plan.After:
				return true
			case plan.Confirmed:
				return g.Client == ""
			}
			return false
		})
		if s.Act != "" || !waited || len(s.Gates) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// drilled says why a rotation is not for a drill.
func drilled(e *plan.Emergency, tier string) error {
	if e != nil && e.Drill && tier == relate.Tiers[0] {
		return &Refusal{Why: "a drill is not for " + tier, Next: "name something of another tier with --only"}
	}
	return nil
}

// alarm writes, once a plan, that an emergency has begun.
func (run *Run) alarm(ctx context.Context) error {
	e := run.Plan.Emergency
	if e == nil || emergencyOf(run.Ledger.Log(), run.digest()) != nil {
		return nil
	}
	_, err := run.Ledger.Append(ctx, ledger.Entry{
		Kind: ledger.Emergency, By: run.By, Run: run.ID, Plan: run.digest(), Signature: run.Begun,
		Facts: map[string]string{factTicket: e.Ticket, factDrill: fmt.Sprint(e.Drill)},
	})
	return err
}

func emergencyOf(log *ledger.Log, digest string) *ledger.Entry {
	for i := range log.Entries {
		if e := &log.Entries[i]; e.Kind == ledger.Emergency && e.Plan == digest {
			return e
		}
	}
	return nil
}

// pending says until when an emergency may go on although nobody has approved it yet; zero: no longer, or never.
func (run *Run) pending() time.Time {
	e := run.Plan.Emergency
	if e == nil || e.ApproveWithin == 0 {
		return time.Time{}
	}
	began := run.Now()
	if entry := emergencyOf(run.Ledger.Log(), run.digest()); entry != nil {
		began = entry.At
	}
	if until := began.Add(time.Duration(e.ApproveWithin)); run.Now().Before(until) {
		return until
	}
	return time.Time{}
}

// ReviewMessage is what is signed of an emergency afterwards.
func ReviewMessage(p *plan.Plan, note string) []byte {
	return fmt.Appendf(nil, "keyreeve review\n%snote %q\n", p.Message(), note)
}

// Reviewable says why an emergency cannot be reviewed by who wants to: there was none, it is not over, or it was theirs.
func (run *Run) Reviewable(reviewer approval.Signature) error {
	entry := emergencyOf(run.Ledger.Log(), run.digest())
	if entry == nil {
		return errors.New("the ledger holds no emergency of this plan")
	}
	if run.Now().Before(run.Plan.Expires) {
		for _, s := range run.States() {
			if !s.Ended {
				return fmt.Errorf("rotation %s has not ended; a review comes after", s.ID)
			}
		}
	}
	for i := range run.Ledger.Log().Entries {
		e := &run.Ledger.Log().Entries[i]
		if e.Plan != run.digest() || e.Kind != ledger.Begun && e.Kind != ledger.Planned || len(e.Signature) == 0 {
			continue
		}
		var s approval.Signature
		if json.Unmarshal(e.Signature, &s) == nil && s.SamePerson(reviewer) {
			return fmt.Errorf("%s planned or applied it; somebody else has to review it", reviewer.Principal)
		}
	}
	return nil
}

// Reviewed tells who reviewed an emergency with a signature that holds; "" nobody.
func (run *Run) Reviewed() string {
	for i := range run.Ledger.Log().Entries {
		e := &run.Ledger.Log().Entries[i]
		if e.Kind != ledger.Reviewed || e.Plan != run.digest() {
			continue
		}
		if s, err := run.Keys.verify(approval.Review, ReviewMessage(run.Plan, e.Note), e); err == nil && run.Reviewable(s) == nil {
			return s.Principal
		}
	}
	return ""
}
