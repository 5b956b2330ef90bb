package remediate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// A Keyring says whose signatures count.
type Keyring struct {
	Signers *approval.Signers
}

// verify checks the signature of an entry, as of when the entry was written.
func (k *Keyring) verify(purpose approval.Purpose, message []byte, e *ledger.Entry) (approval.Signature, error) {
	var s approval.Signature
	if len(e.Signature) == 0 {
		return s, errors.New("it is not signed")
	}
	if err := json.Unmarshal(e.Signature, &s); err != nil {
		return s, fmt.Errorf("its signature cannot be read: %w", err)
	}
	if s.Principal != e.By {
		return approval.Signature{}, fmt.Errorf("it is signed by %s", s.Principal)
	}
	return s, k.Signers.Verify(purpose, message, s, e.At)
}

// ConfirmMessage is what a client's owner signs.
func ConfirmMessage(p *plan.Plan, rotation, client string) []byte {
	return fmt.Appendf(nil, "keyreeve confirm\n%srotation %s\nclient %s\n", p.Message(), rotation, client)
}

// ConsentMessage is what a person signs who says that something left behind by a lost answer may be made harmless.
func ConsentMessage(p *plan.Plan, rotation, step, names string) []byte {
	return fmt.Appendf(nil, "keyreeve consent\n%srotation %s\nstep %s\nnames %s\n", p.Message(), rotation, step, names)
}

// AbortMessage is what a person signs who has a rotation taken back. Its purpose is approval.Apply: whoever may apply a plan may do so.
func AbortMessage(p *plan.Plan, rotation, why, back string) []byte {
	return fmt.Appendf(nil, "keyreeve abort\n%srotation %s\nwhy %q\nmoved back %q\n", p.Message(), rotation, why, back)
}

// Approvals is who signed a plan.
type Approvals struct {
	Planner   *approval.Signature
	Approvers []approval.Signature
	Invalid   []string // signatures in the ledger that do not hold, with the reason
	Unasked   []string // who is asked only when the plan is applied
}

// approvals reads from the ledger who signed the plan, and checks each signature. Whether the tokens of CI jobs hold, and what programs
// say, is asked only where ask is set.
func (run *Run) approvals(ctx context.Context, ask bool) Approvals {
	var a Approvals
	digest, message := run.digest(), run.Plan.Message()
	for i := range run.Ledger.Log().Entries {
		e := &run.Ledger.Log().Entries[i]
		if e.Plan != digest || e.Rotation != "" && e.Kind == ledger.Planned {
			continue
		}
		purpose := approval.Approve
		if e.Kind == ledger.Planned {
			purpose = approval.Plan
		} else if e.Kind != ledger.Approved {
			continue
		}
		s, err := run.Keys.verify(purpose, message, e)
		switch s.Kind {
		case approval.OIDC:
			if !ask {
				a.Unasked = append(a.Unasked, s.Principal)
				continue
			}
			if err = errors.New("a token approves and does nothing else"); purpose == approval.Approve {
				err = run.VerifyToken(ctx, s.Principal, s.Proof, e.At)
			}
		case approval.Program:
			continue // it is asked again
		}
		switch {
		case err != nil:
			a.Invalid = append(a.Invalid, fmt.Sprintf("entry %d, by %s: %v", e.Seq, e.By, err))
		case e.Kind == ledger.Planned && a.Planner == nil:
			a.Planner = &s
		case e.Kind == ledger.Approved:
			a.Approvers = append(a.Approvers, s)
		}
	}
	if ask {
		yes, no := run.asked(ctx)
		run.programs, a.Approvers, a.Invalid = yes, append(a.Approvers, yes...), append(a.Invalid, no...)
		return a
	}
	for _, o := range run.Plan.Outside {
		if len(o.Command) > 0 {
			a.Unasked = append(a.Unasked, o.Name)
		}
	}
	return a
}

// Here says why nothing can be said of the plan in this ledger: it is for another, other people may sign now, the configuration asks for more, or
// nobody planned it.
func (run *Run) Here(ctx context.Context) error {
	_, err := run.here(ctx, false)
	return err
}

func (run *Run) here(ctx context.Context, ask bool) (a Approvals, err error) {
	if log := run.Ledger.Log(); log.ID != run.Plan.Ledger {
		return a, fmt.Errorf("the plan is for ledger %s, this is ledger %s", short(run.Plan.Ledger), short(log.ID))
	}
	if h := run.Keys.Signers.Hash(); h != run.Plan.Signers {
		return a, fmt.Errorf("the file of signers has changed since the plan was made (SHA-256 %s, then %s); make a new plan", short(h), short(run.Plan.Signers))
	}
	if run.Demands != nil {
		if _, err := run.Demands.check(run.Plan); err != nil {
			return a, err
		}
	}
	if a = run.approvals(ctx, ask); a.Planner == nil {
		return a, errors.Join(errors.New("nobody who may plan has signed the plan into this ledger"), invalid(a))
	}
	return a, nil
}

// Check says why the plan may not be applied by who wants to: it is not for here, or approvals are missing or do not hold.
func (run *Run) Check(ctx context.Context) error {
	a, err := run.here(ctx, true)
	if err != nil {
		return err
	}
	if run.Demands != nil {
		if err := run.Demands.others(run.Plan); err != nil {
			return err
		}
	}
	var executor approval.Signature
	if err := json.Unmarshal(run.Begun, &executor); err != nil {
		return errors.New("who applies has not signed the plan")
	}
	if err := run.Keys.Signers.Verify(approval.Apply, run.Plan.Message(), executor, run.Now()); err != nil {
		return fmt.Errorf("the signature of who applies does not hold: %w", err)
	}
	for _, tier := range sortedKeys(run.Plan.Approval) {
		if err := run.enough(tier, *a.Planner, a.Approvers, executor); err != nil && run.pending().IsZero() {
			return errors.Join(fmt.Errorf("tier %s: %w", tier, err), invalid(a))
		}
	}
	return nil
}

// Missing says what approval is still missing, whoever applies; "" when none is.
func (run *Run) Missing(ctx context.Context) string {
	a := run.approvals(ctx, false)
	if a.Planner == nil {
		return "nobody who may plan has signed it"
	}
	for _, tier := range sortedKeys(run.Plan.Approval) {
		if err := run.enough(tier, *a.Planner, a.Approvers, approval.Signature{}); err != nil {
			text := fmt.Sprintf("tier %s: %v", tier, err)
			if len(a.Unasked) > 0 {
				text += fmt.Sprintf("; asked when it is applied: %s", strings.Join(a.Unasked, ", "))
			}
			if until := run.pending(); !until.IsZero() {
				text += fmt.Sprintf("; this emergency may go on without until %s", stamp(until))
			}
			return text
		}
	}
	return ""
}

// claimed says that rotations are of a tier only because the plan says so.
func (run *Run) claimed(tier string) bool {
	if run.Demands == nil {
		return false
	}
	claimed, err := run.Demands.check(run.Plan)
	return err != nil || claimed[tier]
}

// enough counts the approvals that a tier accepts. In an emergency one person may plan and apply; whoever approves is another.
func (run *Run) enough(tier string, planner approval.Signature, approvers []approval.Signature, executor approval.Signature) error {
	want := run.Plan.Approval[tier]
	want.Distinct = want.Distinct || run.claimed(tier) // else who plans could say that it is of a tier where they may approve it themselves
	if want.Distinct && run.Plan.Emergency == nil && executor.Principal != "" && executor.SamePerson(planner) {
		return fmt.Errorf("%s planned it and may not apply it too", planner.Principal)
	}
	var counted []approval.Signature
	var not []string
	for _, s := range approvers {
		switch {
		case len(want.Approvers) > 0 && !slices.Contains(want.Approvers, s.Principal):
			not = append(not, s.Principal+" may not approve here")
		case want.Distinct && s.SamePerson(planner):
			not = append(not, s.Principal+" planned it")
		case want.Distinct && executor.Principal != "" && s.SamePerson(executor):
			not = append(not, s.Principal+" applies it")
		case slices.ContainsFunc(counted, s.SamePerson):
			not = append(not, s.Principal+" has approved already")
		default:
			counted = append(counted, s)
		}
	}
	if len(counted) >= want.Count {
		return nil
	}
	whose := "anyone among the signers"
	if len(want.Approvers) > 0 {
		whose = strings.Join(want.Approvers, " or ")
	}
	text := fmt.Sprintf("%d of %d approvals are there; wanted is %s", len(counted), want.Count, whose)
	if len(not) > 0 {
		text += " (not counted: " + strings.Join(not, "; ") + ")"
	}
	return errors.New(text)
}

func invalid(a Approvals) error {
	var all []error
	for _, text := range a.Invalid {
		all = append(all, errors.New("not counted: "+text))
	}
	return errors.Join(all...)
}

func sortedKeys[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
