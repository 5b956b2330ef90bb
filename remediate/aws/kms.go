package aws

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// KMSName is the rotator's name in plans.
const KMSName = "aws-kms"

// The acts on a KMS key.
const (
	actAutomatic = "turn automatic rotation on"  // kms:EnableKeyRotation, with a period
	actBack      = "set automatic rotation back" // the same, or kms:DisableKeyRotation
	actOnDemand  = "rotate on demand"            // kms:RotateKeyOnDemand
	argPeriod    = "period_days"                 //
	argSince     = "since"                       // the rotation that the scan has seen last
	factState    = "state"                       // "Enabled"
	factPeriod   = "automatic_days"              // "off", or the period
	factSince    = "rotations_since_scan"        // begun
	factLeft     = "may_be_rotated_on_demand"    // "yes" while it was done less than 25 times
	off          = "off"                         //
	defaultDays  = 365                           // AWS's own default
	leastDays    = 90                            // and its bounds
	mostDays     = 2560                          //
	onDemandMax  = 25                            // rotations on demand in the life of a key
	finishesIn   = plan.Duration(24 * time.Hour) // after which a rotation that AWS does not end counts as stalled
)

// periodRules find that a key does not rotate by itself, or too seldom: they ask for no rotation now.
var periodRules = []string{"rotation/automatic-rotation-off", "rotation/rotation-period-too-long"}

// DraftKMS drafts the rotation of a symmetric key whose material AWS made: in place, by AWS, which keeps old material for what it encrypted. So
// nothing has to be re-wrapped, and nothing that somebody could decrypt before is kept from them by it. Of an asymmetric or HMAC key it drafts a
// roll: another key takes its place.
func DraftKMS(d remediate.Draft) (string, []plan.Step, error) {
	refuse := func(why, next string) (string, []plan.Step, error) {
		return "", nil, &remediate.Refusal{Why: why, Next: next}
	}
	r := d.Resource
	for _, fact := range []string{"key.manager", "key.origin", "key.state", "key.rotation.supported", "key.rotation.automatic", "key.rotation.period_days", "key.rotated_at", "key.multi_region"} {
		if u := r.Unread(fact); u != nil {
			return refuse(fact+" was not read", u.Hint)
		}
	}
	k := r.Key
	days := d.Key.PeriodDays
	if days == 0 {
		days = defaultDays
	}
	switch {
	case k == nil || k.Rotation == nil || k.Rotation.Supported == nil || k.Rotation.Automatic == nil || k.RotatedAt == nil:
		return "", nil, errors.New("how it rotates was not read")
	case k.Manager == "provider":
		return refuse("AWS manages it and rotates it", "use a key of your own where that is not enough")
	case k.Origin == "generated" && !*k.Rotation.Supported:
		return draftRoll(d)
	case d.Retire:
		return refuse("AWS keeps old material of a key and decrypts with it by design", "make another key and re-encrypt, if the old material has to go")
	case k.Origin == "imported":
		return refuse("its material was imported", "import new material (ImportKeyMaterial with NEW_KEY_MATERIAL), then rotate it on demand by hand")
	case k.Origin != "generated":
		return refuse("its material is in a store of yours", "make another key there, and move the alias by hand")
	case k.State != "enabled":
		return refuse("it is "+k.State, "")
	case k.MultiRegion == "replica":
		return refuse("it is a replica", "rotate its primary; the replicas follow")
	case days < leastDays || days > mostDays:
		return refuse(fmt.Sprintf("period_days is %d, and AWS takes %d to %d", days, leastDays, mostDays), "correct it in rotation.keys")
	}
	since, before, want := exact(*k.RotatedAt), off, strconv.Itoa(days)
	if *k.Rotation.Automatic && k.Rotation.PeriodDays != nil {
		before = strconv.Itoa(*k.Rotation.PeriodDays)
	}
	var steps []plan.Step
	if before == off || *k.Rotation.PeriodDays > days {
		steps = append(steps, plan.Step{
			ID: "automatic", Stage: plan.Created, Act: actAutomatic, Args: map[string]string{argPeriod: want, argSince: since},
			Says:   fmt.Sprintf("let AWS rotate it by itself every %d days; the first two rotations of a key raise its price", days),
			Expect: plan.Facts{factState: "Enabled", factPeriod: before, factSince: "0"}, After: plan.Facts{factPeriod: want},
			Undo: actBack, UndoExpect: plan.Facts{factPeriod: want}, UndoAfter: plan.Facts{factPeriod: before},
		})
	} else {
		want = before
	}
	rotations := "0"
	if d.Emergency || !onlyPeriod(d.Findings) {
		rotations = "1"
		steps = append(steps, plan.Step{
			ID: "rotate", Stage: plan.Created, Act: actOnDemand, Args: map[string]string{argSince: since},
			Says:   fmt.Sprintf("have AWS make new material, which encrypts from then on; a key can be rotated so %d times in its life", onDemandMax),
			Expect: plan.Facts{factState: "Enabled", factSince: "0", factLeft: "yes", factPeriod: want, plan.InProgress: ""}, After: plan.Facts{factSince: "1"},
			Final: "AWS takes no material of a key away",
		}, plan.Step{
			ID: "finish", Stage: plan.Promoted, Says: "AWS has ended the rotation", Gates: []plan.Gate{{Kind: plan.Finished, Timeout: finishesIn}},
		})
	}
	check := plan.Step{ID: "check", Stage: plan.Done, Says: "see that the key is enabled, rotated and rotates", Expect: plan.Facts{factState: "Enabled", factPeriod: want, factSince: rotations}}
	if d.Emergency {
		check.Says += "; who may use the key may still decrypt all that was encrypted: take the permission away"
	}
	return KMSName, append(steps, check), nil
}

func onlyPeriod(findings []string) bool {
	return len(findings) > 0 && !slices.ContainsFunc(findings, func(f string) bool { return !slices.Contains(periodRules, f) })
}

// KMS is the rotator of symmetric KMS keys.
type KMS struct{ Dial Dial }

// Look reads how the key rotates.
func (k KMS) Look(ctx context.Context, r plan.Rotation, _ plan.Facts) (plan.Facts, error) {
	since, err := time.Parse(time.RFC3339Nano, argument(r, argSince))
	if err != nil {
		return nil, errors.New("no step says since when rotations count")
	}
	conn, err := k.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	key, err := conn.KMSKey(ctx, string(r.Resource))
	if err != nil {
		return nil, err
	}
	begun := 0
	for _, at := range key.Begun {
		if at.After(since) {
			begun++
		}
	}
	facts := plan.Facts{factState: key.State, factPeriod: off, factSince: strconv.Itoa(begun), factLeft: "no"}
	if key.Rotates {
		facts[factPeriod] = strconv.Itoa(key.PeriodDays)
	}
	if key.OnDemand < onDemandMax {
		facts[factLeft] = "yes"
	}
	if key.Running {
		facts[plan.InProgress] = "a rotation on demand"
	}
	return facts, nil
}

// Do makes the call of an act.
func (k KMS) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, _ plan.Facts) (plan.Facts, error) {
	conn, err := k.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	key := string(r.Resource)
	switch act {
	case actAutomatic:
		days, err := strconv.Atoi(s.Args[argPeriod])
		if err != nil {
			return nil, fmt.Errorf("the step names no period: %w", err)
		}
		return nil, outcome(conn.EnableRotation(ctx, key, days))
	case actBack:
		if before := s.UndoAfter[factPeriod]; before != off {
			days, err := strconv.Atoi(before)
			if err != nil {
				return nil, fmt.Errorf("the step names no period before: %w", err)
			}
			return nil, outcome(conn.EnableRotation(ctx, key, days))
		}
		return nil, outcome(conn.DisableRotation(ctx, key))
	case actOnDemand:
		return nil, outcome(conn.RotateOnDemand(ctx, key))
	}
	return nil, fmt.Errorf("%q is no act on a KMS key", act)
}

// KMSPermissions are the least for the steps of a rotation.
func KMSPermissions(r plan.Rotation) []Permission {
	actions := []string{"kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListKeyRotations"}
	for _, s := range r.Steps {
		switch s.Act {
		case actAutomatic:
			actions = append(actions, "kms:EnableKeyRotation")
			if s.UndoAfter[factPeriod] == off {
				actions = append(actions, "kms:DisableKeyRotation")
			}
		case actOnDemand:
			actions = append(actions, "kms:RotateKeyOnDemand")
		}
	}
	return on(string(r.Resource), actions...)
}

func on(resource string, actions ...string) (all []Permission) {
	slices.Sort(actions)
	for _, a := range slices.Compact(actions) {
		all = append(all, Permission{Action: a, Resource: resource})
	}
	return all
}
