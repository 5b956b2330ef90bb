package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
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

// logOut ends, in an emergency, the tokens that the old secret-id was traded for. Vault revokes leases by their prefix, which is that of the mount, so
// all its roles have to log in again; so has keyreeve-rotate, if it logged in there: the run then stops, and another goes on.
func logOut(path string, gone plan.Facts) plan.Step {
	after := maps.Clone(gone)
	after[factTokens] = "no"
	return plan.Step{
		ID: "reauthenticate", Stage: plan.OldDisabled, Act: actLogOut, Expect: gone, After: after,
		Says:  fmt.Sprintf("revoke all tokens that were issued by logins at %s, of every role there: whoever has one logs in again; batch tokens, which Vault keeps no record of, live until they expire", mountOf(path)),
		Final: "a token that was revoked is gone",
	}
}

// mountOf is auth/MOUNT, from the path of a role.
func mountOf(path string) string {
	mount, _, _ := strings.Cut(path, "/role/")
	return mount
}

// deliverable returns the program that the wrapping token goes to, or why no safe plan exists.
func deliverable(d remediate.Draft) (p material.Program, err error) {
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
	if p, err = material.Bind(d.Key.Deliver); err != nil {
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

// AppRole is the rotator of the secret-ids of AppRoles.
type AppRole struct {
	Dial     Dial
	Programs material.Runner
	Now      func() time.Time // tells secret-ids that have expired: Vault lists them until it tidies up
}

// secretID is what looking one up gives.
type secretID struct {
	Expires  *time.Time        `json:"expiration_time"` // of the year 1: never
	Metadata map[string]string `json:"metadata"`
}

// Look lists the role's secret-ids and looks each up by its accessor; it needs "list" on secret-id and "update" on secret-id-accessor/lookup.
func (a AppRole) Look(ctx context.Context, r plan.Rotation, known plan.Facts) (plan.Facts, error) {
	conn, path, err := a.dial(ctx, r)
	if err != nil {
		return nil, err
	}
	return a.look(ctx, conn, path, r, known)
}

func (a AppRole) look(ctx context.Context, conn *vault.Connection, path string, r plan.Rotation, known plan.Facts) (plan.Facts, error) {
	mark := markOf(r)
	if mark == "" {
		return nil, errors.New("the plan does not say how the new secret-id is marked")
	}
	accessors, err := list(ctx, conn, path+"/secret-id")
	if err != nil {
		return nil, err
	}
	if len(accessors) > most {
		return plan.Facts{factOthers: fmt.Sprintf("%d or more", len(accessors)-1)}, nil
	}
	facts, others := plan.Facts{}, []string{}
	for _, accessor := range accessors {
		id, err := lookUp(ctx, conn, path, accessor)
		switch {
		case err != nil:
			return nil, err
		case id == nil || a.expired(id):
		case id.Metadata[markKey] == mark && facts[factNew] != "":
			return nil, fmt.Errorf("two secret-ids were issued by this rotation, %s and %s: destroy by hand the one that nobody uses", facts[factNew], accessor)
		case id.Metadata[markKey] == mark:
			facts[factNew] = accessor
		case accessor == known[factBefore]:
			facts[factBefore] = accessor
		default:
			others = append(others, accessor)
		}
	}
	if known[factBefore] == "" && len(others) == 1 {
		facts[factBefore] = others[0]
	}
	facts[factOthers] = strconv.Itoa(len(others))
	if known[factBefore] != "" && facts[factBefore] == "" && logsOut(r) {
		if facts[factTokens], err = oldTokens(ctx, conn, mountOf(path)+"/login/", known[factEnded]); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// logsOut says that the rotation is to revoke tokens.
func logsOut(r plan.Rotation) bool {
	return slices.ContainsFunc(r.Steps, func(s plan.Step) bool { return s.Act == actLogOut })
}

// oldTokens looks for a token that was issued before a time, by the leases below a prefix; where the time is not known, for any.
func oldTokens(ctx context.Context, conn *vault.Connection, prefix, before string) (string, error) {
	leases, err := list(ctx, conn, "sys/leases/lookup/"+strings.TrimSuffix(prefix, "/"))
	if err != nil || len(leases) == 0 {
		return "no", err
	}
	ended, err := time.Parse(time.RFC3339, before)
	if err != nil {
		return "yes", nil
	}
	for _, id := range leases[:min(len(leases), tokens)] {
		data, err := conn.Call(ctx, http.MethodPost, "sys/leases/lookup", map[string]string{"lease_id": prefix + id})
		if e := (*vault.CallError)(nil); errors.As(err, &e) && e.Status == http.StatusBadRequest {
			continue // it has ended since it was listed
		}
		var issued time.Time
		if err == nil {
			err = json.Unmarshal(data["issue_time"], &issued)
		}
		if err != nil {
			return "", fmt.Errorf("look up a token's lease: %w", err)
		}
		if issued.Before(ended) {
			return "yes", nil
		}
	}
	if len(leases) > tokens {
		return fmt.Sprintf("not known, as there are %d", len(leases)), nil
	}
	return "no", nil
}

func (a AppRole) expired(id *secretID) bool {
	return id.Expires.Year() > 1 && !id.Expires.After(a.Now())
}

func markOf(r plan.Rotation) string {
	for _, s := range r.Steps {
		if s.Act == actIssue {
			return s.Args[argMark]
		}
	}
	return ""
}

// list returns the names in a collection; what Vault answers with 404 is empty.
func list(ctx context.Context, conn *vault.Connection, path string) ([]string, error) {
	data, err := conn.Call(ctx, "LIST", path, nil)
	if vault.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", path, err)
	}
	var names []string
	if err := json.Unmarshal(data["keys"], &names); err != nil || len(names) == 0 {
		return nil, fmt.Errorf("list %s: the answer holds no list", path)
	}
	return names, nil
}

// lookUp returns nil when the secret-id has gone since it was listed.
func lookUp(ctx context.Context, conn *vault.Connection, path, accessor string) (*secretID, error) {
	data, err := conn.Call(ctx, http.MethodPost, path+"/secret-id-accessor/lookup", map[string]string{"secret_id_accessor": accessor})
	if vault.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up secret-id %s: %w", accessor, err)
	}
	id, text := &secretID{}, []byte(nil)
	if text, err = json.Marshal(data); err == nil {
		err = json.Unmarshal(text, id)
	}
	if err != nil || id.Expires == nil {
		return nil, fmt.Errorf("look up secret-id %s: the answer is not as Vault gives it", accessor)
	}
	return id, nil
}

// Do makes the call of an act; it needs "update" on secret-id, or on secret-id-accessor/destroy, and what Look needs.
func (a AppRole) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, known plan.Facts) (plan.Facts, error) {
	conn, path, err := a.dial(ctx, r)
	if err != nil {
		return nil, err
	}
	var accessor string
	switch act {
	case actIssue:
		return a.issue(ctx, conn, path, r, s)
	case actLogOut:
		at := "sys/leases/revoke-prefix/" + mountOf(path) + "/login"
		_, err := conn.Call(ctx, http.MethodPost, at, map[string]bool{"sync": true})
		return nil, outcome("POST "+at, err)
	case actDestroy:
		accessor = known[factBefore]
	case actRevoke:
		accessor = known[factNew]
	case actDiscard:
		accessor = known["names"]
	default:
		return nil, fmt.Errorf("%q is no act on a secret-id", act)
	}
	if accessor == "" {
		return nil, errors.New("the ledger does not say which secret-id it is about")
	}
	if act == actDiscard { // a person named it; it must be ours all the same
		id, err := lookUp(ctx, conn, path, accessor)
		if err != nil {
			return nil, err
		}
		if id == nil || id.Metadata[markKey] != markOf(r) {
			return nil, fmt.Errorf("secret-id %s was not issued by this rotation", accessor)
		}
	}
	at := path + "/secret-id-accessor/destroy"
	if _, err = conn.Call(ctx, http.MethodPost, at, map[string]string{"secret_id_accessor": accessor}); err != nil {
		return nil, outcome("POST "+at, err)
	}
	if act != actDestroy || !logsOut(r) {
		return nil, nil
	}
	now, err := conn.Time(ctx)
	if err != nil {
		return nil, nil // it is gone all the same; without the time, every token counts as an old one
	}
	return plan.Facts{factEnded: now.Add(time.Second).Format(time.RFC3339)}, nil // the clock is told to the second below
}

// issue makes a secret-id that only the holder of its wrapping token can read, finds its accessor by its mark, as the wrapped answer does not show it,
// and hands the token over. From the call on, whatever goes wrong leaves a secret-id behind whose token may be lost.
func (a AppRole) issue(ctx context.Context, conn *vault.Connection, path string, r plan.Rotation, s plan.Step) (plan.Facts, error) {
	deliver, err := material.ProgramOf(s.Args, argDeliver)
	if err != nil {
		return nil, err
	}
	if err := deliver.Check(); err != nil {
		return nil, err
	}
	before, err := a.look(ctx, conn, path, r, nil)
	if err != nil {
		return nil, err
	}
	if diff := s.Expect.Differs(before, nil); diff != "" {
		return nil, errors.New(diff)
	}
	metadata, err := json.Marshal(map[string]string{markKey: s.Args[argMark]})
	if err != nil {
		return nil, err
	}
	at := path + "/secret-id"
	answer, err := conn.Wrapped(ctx, http.MethodPost, at, s.Args[argWrap]+"s", map[string]string{"metadata": string(metadata)})
	if err != nil {
		return nil, outcome("POST "+at, err)
	}
	var token string
	if err := json.Unmarshal(answer["token"], &token); err != nil || token == "" {
		return nil, fmt.Errorf("POST %s: %w: the answer is not wrapped", at, plan.ErrUnclear)
	}
	made, err := a.look(ctx, conn, path, r, plan.Facts{factBefore: before[factBefore]})
	if err == nil && made[factNew] == "" {
		err = errors.New("the secret-id that was issued is not listed")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: find the accessor of the new secret-id: %w", plan.ErrUnclear, err)
	}
	about := material.About{Rotation: r.ID, Resource: string(r.Resource), Step: s.ID}
	if err := a.Programs.Deliver(ctx, deliver, about, material.New(token)); err != nil {
		return nil, fmt.Errorf("%w: deliver the wrapping token: %w", plan.ErrUnclear, err)
	}
	return plan.Facts{factNew: made[factNew], factBefore: before[factBefore]}, nil
}

func (a AppRole) dial(ctx context.Context, r plan.Rotation) (*vault.Connection, string, error) {
	return Transit{a.Dial}.dial(ctx, r)
}

// AppRolePolicy is the least Vault policy for the steps of a rotation.
func AppRolePolicy(r plan.Rotation) []string {
	_, _, path, err := at(r)
	if err != nil {
		return nil
	}
	rule := func(path string, capabilities ...string) string {
		return fmt.Sprintf("path %q { capabilities = [\"%s\"] }", path, strings.Join(capabilities, `", "`))
	}
	rules := []string{
		rule(path+"/secret-id", "list", "update"),
		rule(path+"/secret-id-accessor/destroy", "update"),
		rule(path+"/secret-id-accessor/lookup", "update"),
	}
	if logsOut(r) {
		login := mountOf(path) + "/login"
		rules = append(rules, rule("sys/leases/lookup", "update"), rule("sys/leases/lookup/"+login, "list", "sudo"), rule("sys/leases/revoke-prefix/"+login, "sudo", "update"))
	}
	return rules
}
