package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
)

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
	deliver, err := program.Of(s.Args, argDeliver)
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

// wrapped is the rule that lets secret-ids be issued, and their values out to nobody but the holder of the wrapping token.
func wrapped(r plan.Rotation, path string) string {
	ttl := "1s"
	for _, s := range r.Steps {
		if s.Act == actIssue {
			ttl = s.Args[argWrap] + "s"
		}
	}
	return fmt.Sprintf("path %q { capabilities = [\"update\"] min_wrapping_ttl = %q }", path, ttl)
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
		wrapped(r, path+"/secret-id"),
		rule(path+"/secret-id/", "list"),
		rule(path+"/secret-id-accessor/destroy", "update"),
		rule(path+"/secret-id-accessor/lookup", "update"),
	}
	if logsOut(r) {
		login := mountOf(path) + "/login"
		rules = append(rules, rule("sys/leases/lookup", "update"), rule("sys/leases/lookup/"+login, "list", "sudo"), rule("sys/leases/revoke-prefix/"+login, "sudo", "update"))
	}
	return rules
}
