package remediate

import (
	"context"
	"fmt"
	"slices"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// discard is the act, of every rotator with lossy steps, that makes harmless what a lost answer left behind.
const discard = "discard"

// resolve settles an act of which the ledger holds no outcome: a run was killed in the middle, or the answer was lost. It looks at what
// is so, and never repeats an act that may still arrive.
func (t *turn) resolve(ctx context.Context) error {
	open := t.p.open
	s := stepOf(t.r, open.step)
	if s == nil {
		return stop("the ledger announces step %q, which the plan does not have", open.step)
	}
	expect, after := s.Expect, s.After
	switch open.act {
	case s.Act:
	case s.Undo:
		expect, after = s.UndoExpect, s.UndoAfter
	case discard:
		expect, after = s.After, s.Expect
	default:
		return stop("the ledger announces %q in step %q, which the plan does not have", open.act, open.step)
	}
	facts, err := t.look(ctx)
	if err != nil {
		return err
	}
	doneDiff, notDiff := after.Differs(facts, t.p.known), expect.Differs(facts, t.p.known)
	switch {
	case doneDiff == "" && s.Lossy && open.act == s.Act:
		return t.lost(ctx, s, facts)
	case doneDiff == "" && open.act == discard:
		return t.failed(ctx, s, open.act, "what the lost answer left behind was made harmless")
	case doneDiff == "":
		made := plan.Facts{}
		for name, want := range after {
			if want == "*" {
				made[name] = facts[name]
			}
		}
		return t.done(ctx, s, open.act, resultFound, s.Says+" (found done)", made)
	case notDiff == "" && t.Now().Before(open.at.Add(settle)):
		return &Halt{Why: fmt.Sprintf("%s was announced at %s and no answer is recorded; it may still arrive", open.act, stamp(open.at)), Next: open.at.Add(settle)}
	case notDiff == "":
		return t.failed(ctx, s, open.act, "it was announced and had not been carried out")
	}
	return stop("%s was announced at %s, and what is there now is neither as before (%s) nor as afterwards (%s)", open.act, stamp(open.at), notDiff, doneDiff)
}

// lost deals with something that was made and whose secret nobody has: it may be ours, or a colleague's. A person has to say that it may go.
func (t *turn) lost(ctx context.Context, s *plan.Step, facts plan.Facts) error {
	what := ""
	for name, want := range s.After {
		if want == "*" {
			what = facts[name]
		}
	}
	for i := range t.p.consents {
		e := &t.p.consents[i]
		if e.Step != s.ID || e.Facts[factNames] != what || what == "" {
			continue
		}
		if _, err := t.Keys.verify(approval.Consent, ConsentMessage(t.Plan, t.r.ID, s.ID, what), e); err != nil {
			return stop("the consent that %s may go does not hold: %v", what, err)
		}
		if err := t.leave(ctx); err != nil {
			return err
		}
		// The announcement of the discard takes the place of the one whose answer was lost.
		t.p.known = with(t.p.known, factNames, what)
		return t.discard(ctx, s, facts)
	}
	return stop("the answer to %q was lost, and with it the secret of what it made. %s is there and may be it, or a colleague's. Ask; if nobody uses it, say so: keyreeve-rotate consent %s --step %s --names %s", s.Act, what, t.r.ID, s.ID, what)
}

func (t *turn) discard(ctx context.Context, s *plan.Step, facts plan.Facts) error {
	undo := *s
	undo.Says = "make harmless what the lost answer left behind"
	return t.act(ctx, &undo, discard, facts)
}

// takeBack undoes the last step that is done and not taken back yet.
func (t *turn) takeBack(ctx context.Context) error {
	s := &t.r.Steps[t.p.back(t.r)]
	if s.Undo == "" {
		return stop("there is no way back: %s", s.Final)
	}
	facts, err := t.look(ctx)
	if err != nil {
		return err
	}
	if diff := s.UndoExpect.Differs(facts, t.p.known); diff != "" {
		return stop("%s was changed by somebody else: %s", t.r.Name, diff)
	}
	if err := t.leave(ctx); err != nil {
		return err
	}
	return t.act(ctx, s, s.Undo, facts)
}

// Reversible says whether a rotation can still be taken back whole, and if not, why.
func (run *Run) Reversible(r *plan.Rotation) (bool, string) {
	p := run.position(r)
	if why := run.over(p); why != "" {
		return false, why
	}
	for i := range p.next {
		if s := &r.Steps[i]; s.Undo == "" && (s.Act != "" || s.Final != "") {
			return false, s.Final
		}
	}
	if p.open != nil {
		if s := stepOf(r, p.open.step); s != nil && s.Undo == "" {
			return false, s.Final
		}
	}
	if p.next < len(r.Steps) { // what a person says to have done is done, whether or not apply has noticed
		if s := &r.Steps[p.next]; s.Act == "" && s.Final != "" && slices.ContainsFunc(s.Gates, p.told) {
			return false, s.Final
		}
	}
	return true, ""
}

// Stays are the steps that were done and that are not taken back with the others.
func (run *Run) Stays(r *plan.Rotation) (all []plan.Step) {
	p := run.position(r)
	for _, s := range r.Steps[:p.next] {
		if s.Stays(p.reached) {
			all = append(all, s)
		}
	}
	return all
}

// over says why nothing is to be said of a rotation any more; "" while something is.
func (run *Run) over(p *position) string {
	switch {
	case p.ended:
		return "it has ended"
	case p.aborting != nil:
		return "it is being taken back already"
	}
	return expired(run.Plan, run.Now())
}

// Moved are the clients of a rotation that have confirmed that they use the new one, or that may use it as the act that made it handed it over.
// Taking it back cuts them off.
func (run *Run) Moved(r *plan.Rotation) []string {
	p := run.position(r)
	if slices.ContainsFunc(r.Steps[:p.next], func(s plan.Step) bool { return s.Lossy }) {
		return r.Clients
	}
	return slices.DeleteFunc(run.confirmed(r, p), func(c string) bool { return !slices.Contains(r.Clients, c) })
}

// Confirmable says why a confirmation cannot be true, or would count for nothing; "" when it may be.
func (run *Run) Confirmable(r *plan.Rotation, client string) string {
	p := run.position(r)
	if why := run.over(p); why != "" {
		return why
	}
	if slices.Contains(r.Clients, client) {
		if p.reached == plan.Planned {
			return "the new one does not exist yet"
		}
		return ""
	}
	if s := &r.Steps[p.next]; !slices.ContainsFunc(s.Gates, func(g plan.Gate) bool { return g.Client == client }) {
		return fmt.Sprintf("the rotation is at %s and does not wait for it", p.reached)
	}
	return ""
}

// Consentable says why a consent would count for nothing; "" when it may count.
func (run *Run) Consentable(r *plan.Rotation, step string) string {
	p := run.position(r)
	if why := run.over(p); why != "" {
		return why
	}
	if s := stepOf(r, step); s == nil || !s.Lossy || p.open == nil || p.open.step != step {
		return fmt.Sprintf("no answer to a step %q was lost", step)
	}
	return ""
}

// told says that who is asked by a gate, other than the clients, has confirmed.
func (p *position) told(g plan.Gate) bool {
	return g.Kind == plan.Confirmed && g.Client != "" && slices.ContainsFunc(p.confirms, func(e ledger.Entry) bool { return e.Facts[factClient] == g.Client })
}

func stepOf(r *plan.Rotation, id string) *plan.Step {
	for i := range r.Steps {
		if r.Steps[i].ID == id {
			return &r.Steps[i]
		}
	}
	return nil
}

func with(f plan.Facts, name, v string) plan.Facts {
	out := plan.Facts{name: v}
	for n, v := range f {
		if n != name {
			out[n] = v
		}
	}
	return out
}
