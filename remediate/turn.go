package remediate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// A turn is one thing that happens in a rotation.
type turn struct {
	*Run
	r       *plan.Rotation
	p       *position
	rotator plan.Rotator
}

func (t *turn) look(ctx context.Context) (plan.Facts, error) {
	facts, err := t.rotator.Look(ctx, *t.r, t.p.known)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, stop("what is there now could not be read: %v", err)
	}
	return facts, nil
}

// step does the next step if it is due.
func (t *turn) step(ctx context.Context) error {
	s := &t.r.Steps[t.p.next]
	var facts plan.Facts
	var err error
	if len(s.Expect) > 0 || slices.ContainsFunc(s.Gates, func(g plan.Gate) bool { return g.Kind == plan.Unused || g.Kind == plan.Finished }) {
		if facts, err = t.look(ctx); err != nil {
			return err
		}
		if diff := s.Expect.Differs(facts, t.p.known); diff != "" {
			return stop("%s was changed by somebody else: %s", t.r.Name, diff)
		}
	}
	asked, err := t.gates(ctx, s, facts)
	if err != nil {
		return err
	}
	if asked {
		return nil // it took time: what is there is looked up again before the act, and what has passed is not asked again
	}
	if err := t.leave(ctx); err != nil {
		return err
	}
	if s.Act == "" {
		return t.write(ctx, t.r, ledger.Entry{Kind: ledger.Outcome, Step: s.ID, Note: s.Says, Facts: map[string]string{factStage: string(s.Stage), factResult: resultDone}})
	}
	return t.act(ctx, s, s.Act, facts)
}

// gates asks the gates of a step in their order, up to the first that has not passed. Asked says that one outside has passed just now: a program or an
// address, which may have taken as long as it liked.
func (t *turn) gates(ctx context.Context, s *plan.Step, facts plan.Facts) (asked bool, err error) {
	q := &question{
		plan: t.Plan, rotation: t.r, step: s, position: t.p, facts: facts, now: t.Now(), confirms: t.confirmed(t.r, t.p),
		client: t.Client, environ: t.Environ,
		stage: func(id string) *position {
			for i := range t.Plan.Rotations {
				if r := &t.Plan.Rotations[i]; r.ID == id {
					return t.position(r)
				}
			}
			return nil
		},
	}
	for i := range s.Gates {
		g, n := &s.Gates[i], strconv.Itoa(i+1)
		_, before := t.p.passed[i+1]
		if before && g.Kind != plan.Unused { // use is asked about again right before the act
			continue
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if g.Kind == plan.Command { // a program may do anything
			if err := t.leave(ctx); err != nil {
				return false, err
			}
		}
		a := q.ask(ctx, g)
		if err := ctx.Err(); err != nil {
			return false, err // what a gate says while it is interrupted is no evidence
		}
		if a.passed {
			asked = asked || g.Kind == plan.Command || g.Kind == plan.HTTP
			if !before {
				if err := t.write(ctx, t.r, ledger.Entry{Kind: ledger.Passed, Step: s.ID, Note: a.note, Facts: map[string]string{factGate: n}}); err != nil {
					return false, err
				}
			}
			continue
		}
		e := ledger.Entry{Kind: ledger.Waiting, Step: s.ID, Note: a.note, Facts: map[string]string{factGate: n}}
		if !a.until.IsZero() {
			e.Facts[factUntil] = a.until.UTC().Format(time.RFC3339)
		}
		w, ok := t.p.waiting[i+1]
		if g.Timeout > 0 {
			since := t.Now()
			if ok {
				since = w.since
			}
			e.Facts[factLimit] = limit(g, since).UTC().Format(time.RFC3339)
		}
		if !ok || w.note != a.note || w.until != e.Facts[factUntil] {
			if err := t.write(ctx, t.r, e); err != nil {
				return false, err
			}
		}
		return false, &Halt{Why: a.note, Next: a.until}
	}
	return asked, nil
}

// confirmed returns the clients that confirmed with a signature that holds, sorted.
func (run *Run) confirmed(r *plan.Rotation, p *position) []string {
	all := map[string]bool{}
	for i := range p.confirms {
		e := &p.confirms[i]
		client := e.Facts[factClient]
		if _, err := run.Keys.verify(approval.Confirm, ConfirmMessage(run.Plan, r.ID, client), e); err == nil {
			all[client] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// act announces an act, does it, and writes down what came of it.
func (t *turn) act(ctx context.Context, s *plan.Step, act string, facts plan.Facts) error {
	if t.Plan.Limits.Run > 0 && t.acts >= t.Plan.Limits.Run {
		return &Halt{Why: fmt.Sprintf("this run has acted as often as one may (%d); apply again", t.acts), Next: t.Now()}
	}
	t.acts++
	intent := ledger.Entry{Kind: ledger.Intent, Step: s.ID, Note: s.Says, Facts: map[string]string{factAct: act}}
	if act != s.Act {
		intent.Note = "take back: " + s.Says
	}
	for name, v := range facts {
		intent.Facts["found."+name] = v
	}
	if err := t.write(ctx, t.r, intent); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), actTime)
	defer cancel()
	made, err := t.rotator.Do(within, *t.r, *s, act, t.p.known)
	switch {
	case err == nil:
		return t.done(ctx, s, act, resultDone, s.Says, made)
	case !errors.Is(err, plan.ErrUnclear):
		note := fmt.Sprintf("%s was refused: %v", act, err)
		if err := t.failed(ctx, s, act, note); err != nil {
			return err
		}
		return stop("%s", note)
	}
	t.p = t.position(t.r)
	found := t.resolve(ctx)
	var halt *Halt
	var why *stopped
	switch {
	case errors.As(found, &halt):
		return stop("%s: %v; apply again after %s", act, err, stamp(halt.Next))
	case errors.As(found, &why):
		return stop("%s: %v; %s", act, err, why.why)
	}
	return found
}

// done writes down that an act was carried out.
func (t *turn) done(ctx context.Context, s *plan.Step, act, result, note string, made plan.Facts) error {
	if act == discard {
		return t.failed(ctx, s, act, "what the lost answer left behind was made harmless")
	}
	e := ledger.Entry{Kind: ledger.Outcome, Step: s.ID, Note: note, Facts: map[string]string{factAct: act, factResult: result, factStage: string(s.Stage)}}
	for name, v := range made {
		e.Facts[knownFact+name] = v
	}
	if act != s.Act {
		e.Facts[factResult], e.Note = resultUndone, "taken back: "+s.Says
	}
	return t.write(ctx, t.r, e)
}

func (t *turn) failed(ctx context.Context, s *plan.Step, act, note string) error {
	return t.write(ctx, t.r, ledger.Entry{Kind: ledger.Outcome, Step: s.ID, Note: note, Facts: map[string]string{factAct: act, factResult: resultFailed}})
}
