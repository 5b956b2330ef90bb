package vault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// AppRoleName is the rotator's name in plans.
const AppRoleName = "vault-approle"

// The acts on the secret-ids of an AppRole, all below auth/MOUNT/role/NAME.
const (
	actIssue   = "issue a secret-id"         // POST secret-id, wrapped; its wrapping token goes to the program that is to deliver it
	actDestroy = "destroy the old secret-id" // POST secret-id-accessor/destroy
	actRevoke  = "destroy the new secret-id" // the same
	actDiscard = "discard"                   // the same, of one whose wrapping token nobody has
	actLogOut  = "revoke tokens"             // POST sys/leases/revoke-prefix/auth/MOUNT/login

	argDeliver = "deliver"
	argWrap    = "wrap_ttl" // seconds
	argMark    = "mark"     // stands in the metadata of the new secret-id, so that no other can be taken for it

	factNew    = "new_secret_id" // its accessor
	factBefore = "old_secret_id" // accessor of the one that is there besides
	factOthers = "other_secret_ids"
	factEnded  = "old_secret_id_ended" // when it was gone for certain, by Vault's clock; RFC 3339
	factTokens = "old_tokens"          // "no" when no token is left that was issued before; else "yes", or why it is not known

	markKey = "keyreeve_rotation" // in the metadata; tokens that are issued for the secret-id have it too
	most    = 20                  // secret-ids of a role that are looked up
	tokens  = 500                 // tokens of a mount that are looked up
)

// DraftAppRole drafts the rotation of the secret-id of an AppRole. The inventory holds no secret-ids: how many there are is looked up
// before each act, and one that is not the only one is not rotated, as nobody can tell whose it is.
func DraftAppRole(d remediate.Draft) (string, []plan.Step, error) {
	deliver, err := deliverable(d)
	if err != nil {
		return "", nil, err
	}
	wrap := remediate.Lasting(d.Key.WrapTTL, remediate.WrapTime)
	alone := plan.Facts{factNew: "${" + factNew + "}", factOthers: "0"}
	gone := plan.Facts{factNew: "${" + factNew + "}", factBefore: "", factOthers: "0"}
	steps := []plan.Step{{
		ID: "issue", Stage: plan.Created, Act: actIssue, Lossy: true,
		Says: fmt.Sprintf("issue a second secret-id and hand its wrapping token, good for %s, to %s; nothing else gets it", wrap, deliver),
		Args: material.With(deliver.Args(argDeliver), map[string]string{
			argWrap: strconv.Itoa(int(time.Duration(wrap).Seconds())), argMark: d.Now.UTC().Format(time.RFC3339Nano),
		}),
		Expect: plan.Facts{factBefore: "*", factOthers: "1", factNew: ""},
		After:  plan.Facts{factOthers: "1", factNew: "*"},
		Undo:   actRevoke, UndoExpect: plan.Facts{factNew: "${" + factNew + "}", factBefore: "${" + factBefore + "}"}, UndoAfter: plan.Facts{factNew: "", factBefore: "${" + factBefore + "}"},
	}}
	moved := plan.Step{ID: "promote", Stage: plan.Promoted, Says: "the clients log in with the new one", Expect: alone}
	if len(d.Key.Clients) > 0 {
		moved.Says += ": " + strings.Join(d.Key.Clients, ", ") + " have confirmed"
		moved.Gates = []plan.Gate{{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime}}
	}
	destroy := plan.Step{
		ID: "destroy", Stage: plan.OldDisabled, Act: actDestroy, Expect: alone, After: gone,
		Says:  "destroy the old secret-id by its accessor; tokens that it was traded for live until they expire",
		Final: "Vault forgets a secret-id that was destroyed",
	}
	check := plan.Step{ID: "check", Stage: plan.Done, Expect: gone, Says: "see that the new secret-id is the only one"}
	if d.Emergency {
		destroy.Says = "destroy the old secret-id by its accessor"
		_, _, path, err := at(plan.Rotation{Resource: d.Resource.ID, Scope: string(d.Resource.Scope)})
		if err != nil {
			return "", nil, err
		}
		out := logOut(path, gone)
		check.Expect = out.After
		return AppRoleName, append(steps, moved, destroy, out, check), nil
	}
	return AppRoleName, append(steps, moved,
		plan.Step{
			ID: "soak", Stage: plan.Soaking, Expect: alone, Says: "nobody needs the old one",
			Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.Soak, remediate.SoakTime)}},
		},
		destroy,
		plan.Step{ID: "grace", Stage: plan.Grace, Expect: gone, Says: "nobody missed the old one", Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.GraceTime}}},
		check,
	), nil
}

// deliverable returns the program that the wrapping token goes to, or why no safe plan exists.
func deliverable(d remediate.Draft) (p program.Program, err error) {
	refuse := func(why, next string) error { return &remediate.Refusal{Why: why, Next: next} }
	if d.Retire {
		return p, refuse("a rotation of a secret-id destroys the old one itself", "plan it without --retire")
	}
	if u := d.Resource.Unread("trust.secret_id.required"); u != nil {
		return p, refuse("whether the role asks for a secret-id was not read", u.Hint)
	}
	switch id := secretIDTerms(d.Resource); {
	case id == nil || id.Required == nil:
		return p, errors.New("whether the role asks for a secret-id was not read")
	case !*id.Required:
		return p, refuse("the role asks for no secret-id (bind_secret_id is off)", "there is nothing to rotate; bind it to a secret-id or to addresses")
	case len(d.Key.Deliver) == 0:
		return p, refuse("nothing says who gets the new secret-id", "name a program that takes its wrapping token on standard input: deliver in rotation.keys")
	case strings.Count(string(d.Resource.ID), "/role/") != 1:
		return p, refuse("its ID does not tell where its mount ends", "rotate it by hand")
	case d.Pattern == plan.InPlace:
		return p, refuse("a secret-id cannot be changed in place", "take the pattern overlap")
	case untold(d.Key):
		return p, refuse("a gate asks how long the old version is unused, and Vault keeps no record of that", "take another gate: a command, or clients that confirm")
	case !d.Emergency && len(d.Key.Clients) == 0 && !provenBefore(d.Key, plan.OldDisabled):
		return p, refuse("nothing would tell that its clients use the new secret-id before the old one is destroyed", "name clients, which confirm, or a gate before OLD DISABLED, in rotation.keys")
	}
	if p, err = program.Bind(d.Key.Deliver); err != nil {
		return p, refuse("the program that delivers cannot be read: "+err.Error(), "correct the configuration")
	}
	return p, nil
}

func secretIDTerms(r *inventory.Resource) *inventory.SecretIDTerms {
	if r.Trust == nil {
		return nil
	}
	return r.Trust.SecretID
}

// provenBefore says that a configured gate stands between the making of the new one and a stage.
func provenBefore(k *remediate.Key, stage plan.Stage) bool {
	order := func(s plan.Stage) int { return slices.Index(plan.Stages, s) }
	return slices.ContainsFunc(k.Gates, func(g remediate.GateSettings) bool {
		return order(g.Before) > order(plan.Created) && order(g.Before) <= order(stage)
	})
}
