package remediate

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/remediate/plan"
)

// ByHand is the rotator of what only a person or a third party can rotate: it asks no back end and writes to none. What was done is
// confirmed with signatures, between which overlap, gates and ledger are those of every other rotation.
type ByHand struct{}

// ByHandName is its name in plans.
const ByHandName = "by-hand"

// Who confirms what a person has done, as keyreeve-rotate confirm --client names it.
const (
	HandMade    = "by-hand:made"
	HandRetired = "by-hand:retired"
)

// DraftByHand drafts a rotation of anything.
func DraftByHand(d Draft) (string, []plan.Step, error) {
	if d.Retire {
		return "", nil, &Refusal{Why: "a rotation by hand ends the old one itself", Next: "plan it without --retire"}
	}
	after := Lasting(d.Key.Soak, SoakTime)
	if d.Purpose == "token_signing" {
		after = Lasting(d.Key.TokenLife, TokenLife)
	}
	steps := []plan.Step{{
		ID: "make", Stage: plan.Created, Says: "a person makes the new one and hands it to those who need it, and says so",
		Gates: []plan.Gate{{Kind: plan.Confirmed, Client: HandMade, Timeout: ConfirmTime}}, Final: "a person made it; take it back by hand",
	}, {
		ID: "distribute", Stage: plan.Distributed, Says: "those who verify have the new one: their caches have run out",
		Gates: []plan.Gate{{Kind: plan.Wait, For: Lasting(d.Key.CacheTime, CacheTime)}},
	}}
	if len(d.Key.Clients) > 0 {
		steps = append(steps, plan.Step{
			ID: "promote", Stage: plan.Promoted, Says: "the new one is the one in use", Gates: []plan.Gate{{Kind: plan.Confirmed, Timeout: ConfirmTime}},
		})
	}
	return ByHandName, append(steps,
		plan.Step{ID: "soak", Stage: plan.Soaking, Says: "what the old one made has run out", Gates: []plan.Gate{{Kind: plan.Wait, For: after}}},
		plan.Step{
			ID: "retire", Stage: plan.OldDisabled, Says: "a person ends the old one, and says so",
			Gates: []plan.Gate{{Kind: plan.Confirmed, Client: HandRetired, Timeout: ConfirmTime}}, Final: "a person ended the old one",
		},
		plan.Step{ID: "grace", Stage: plan.Grace, Says: "nobody missed the old one", Gates: []plan.Gate{{Kind: plan.Wait, For: GraceTime}}},
		plan.Step{ID: "done", Stage: plan.Done, Says: "a scan shows whether it was rotated: nothing of this was read from a back end"},
	), nil
}

// Look finds nothing: there is nobody to ask.
func (ByHand) Look(context.Context, plan.Rotation, plan.Facts) (plan.Facts, error) { return nil, nil }

// Do is never asked for.
func (ByHand) Do(_ context.Context, _ plan.Rotation, _ plan.Step, act string, _ plan.Facts) (plan.Facts, error) {
	return nil, fmt.Errorf("%s: %w", act, errors.New("a rotation by hand acts on nothing"))
}

// Lasting is a configured duration, or the default.
func Lasting(set *plan.Duration, otherwise plan.Duration) plan.Duration {
	if set != nil {
		return *set
	}
	return otherwise
}
