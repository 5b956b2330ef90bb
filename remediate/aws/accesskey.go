package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// AccessKeyName is the rotator's name in plans.
const AccessKeyName = "aws-access-key"

// The acts on the access keys of a user.
const (
	actMake      = "make a second access key"      // iam:CreateAccessKey; its secret goes to the store in the same act
	actDrop      = "take the new access key away"  // iam:DeleteAccessKey, of one that was never used
	actDiscard   = "discard"                       // the same, of one whose secret nobody has; AWS allows two keys
	actDisable   = "make the old key inactive"     // iam:UpdateAccessKey
	actEnable    = "make the old key active again" // the same
	actDeny      = "deny older sessions"           // iam:PutUserPolicy
	actAllow     = "allow older sessions again"    // iam:DeleteUserPolicy
	argStore     = "store"                         // ID of where the secret goes
	argStoreAt   = "store_scope"                   //
	argMade      = "made_at"                       // of the plan
	factOld      = "old_key"                       // "active", "inactive"; "" it is gone
	factNew      = "new_key"                       // ID of the other one; "" there is none
	factNewState = "new_key_state"                 //
	factDenied   = "older_sessions_denied"         // "yes", "no"
	denyPolicy   = "keyreeve-deny-older-sessions"  // name of the inline policy
)

// useLag is how late AWS may tell of a use of an access key: GetAccessKeyLastUsed says that it lags and not by how much; the credential report, from the
// same record, is made anew every four hours.
const useLag = plan.Duration(4 * time.Hour)

// quietTime is how long the old key has to be unused before it is made inactive, where no soak is configured.
const quietTime = plan.Duration(24 * time.Hour)

// A Store keeps the two parts of a new access key.
type Store interface {
	// Ready says why the key that takes an old one's place could not be put there; above all that another key than the old one is.
	Ready(ctx context.Context, scope, id, old string) error
	// Put sets the two fields, in one call that writes. An error says that they may not be there.
	Put(ctx context.Context, scope, id string, fields map[string]material.Secret) error
	// Back has the store hold what it held before an access key was put there; nothing is done when it does not hold that key. An error says that its
	// readers may still get the key.
	Back(ctx context.Context, scope, id, key string) error
}

// The fields of an access key in a store.
const (
	fieldID     = "access_key_id"
	fieldSecret = "secret_access_key"
)

// DraftAccessKey drafts the change of an access key: a second one is made and stored, clients take it up, the old one is made inactive when AWS
// has not seen it used. Deleting it is not part of it.
func DraftAccessKey(d remediate.Draft) (string, []plan.Step, error) {
	refuse := func(why, next string) (string, []plan.Step, error) {
		return "", nil, &remediate.Refusal{Why: why, Next: next}
	}
	r := d.Resource
	for _, fact := range []string{"credential.state", "credential.last_use"} {
		if u := r.Unread(fact); u != nil {
			return refuse(fact+" was not read", u.Hint)
		}
	}
	user, id := owner(r.ID)
	switch {
	case r.Credential == nil || r.Credential.State == "" || user == "" || id == "":
		return "", nil, errors.New("whose key it is, or whether it is active, was not read")
	case d.Retire:
		return refuse("its rotation makes the old key inactive itself", "plan it without --retire")
	case r.Credential.State != "enabled":
		return refuse("it is inactive already", "delete it, when nobody misses it")
	case d.Pattern == plan.InPlace:
		return refuse("an access key cannot be changed in place", "take the pattern overlap")
	case d.Key.Store == "":
		return refuse("nothing says where the secret of the new key goes", "name a secret of Secrets Manager or KV as store in rotation.keys; better yet, replace the key by a role")
	}
	prefix := strings.TrimSuffix(string(r.ID), id)
	var store *inventory.Resource
	for i := range d.Snapshot.Resources {
		o := &d.Snapshot.Resources[i]
		if o.ID == d.Key.Store {
			store = o
		}
		if o.ID != r.ID && strings.HasPrefix(string(o.ID), prefix) {
			return refuse(fmt.Sprintf("the user has two access keys already (%s)", o.Name), "find out whose the other one is, and delete the one that nobody uses: AWS allows two")
		}
	}
	switch {
	case store == nil:
		return refuse(fmt.Sprintf("store %s is not in the snapshot", d.Key.Store), "make the secret, scan it, and name it by its ID")
	case store.Type != "aws.secretsmanager.secret" && store.Type != "vault.kv.secret":
		return refuse(fmt.Sprintf("store %s is a %s", d.Key.Store, store.Type), "name a secret of Secrets Manager or KV")
	}
	old := func(state string) plan.Facts {
		return plan.Facts{factOld: state, factNew: "${" + factNew + "}", factNewState: "active"}
	}
	steps := []plan.Step{{
		ID: "make", Stage: plan.Created, Act: actMake, Lossy: true, Args: map[string]string{argStore: string(store.ID), argStoreAt: string(store.Scope), argMade: exact(d.Now)},
		Says:   fmt.Sprintf("make a second access key for %s and put it into %s; who reads that has it from then on", user, store.Name),
		Expect: plan.Facts{factOld: "active", factNew: ""}, After: plan.Facts{factOld: "active", factNew: "*"},
		Undo: actDrop, UndoExpect: old("active"), UndoAfter: plan.Facts{factOld: "active", factNew: ""},
	}, {
		ID: "distribute", Stage: plan.Distributed, Expect: old("active"), Says: "those who read the store have fetched the new key: their caches have run out",
		Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.CacheTime, remediate.CacheTime)}},
	}}
	moved := plan.Step{ID: "promote", Stage: plan.Promoted, Expect: old("active"), Says: "the new key is the one in use"}
	if len(d.Key.Clients) > 0 {
		moved.Says += ": " + strings.Join(d.Key.Clients, ", ") + " have confirmed"
		moved.Gates = []plan.Gate{{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime}}
	}
	steps = append(steps, moved, plan.Step{
		ID: "disable", Stage: plan.OldDisabled, Act: actDisable, Expect: old("active"), After: old("inactive"),
		Says:  "make the old key inactive; it is not deleted, so that it can be made active again at once",
		Gates: []plan.Gate{{Kind: plan.Unused, For: remediate.Lasting(d.Key.Soak, quietTime), Lag: useLag}},
		Undo:  actEnable, UndoExpect: old("inactive"), UndoAfter: old("active"),
	})
	if d.Emergency {
		steps = append(steps, plan.Step{
			ID: "reauthenticate", Stage: plan.OldDisabled, Act: actDeny,
			Says:   fmt.Sprintf("deny %s every session that was issued before now; sessions of roles that the key has assumed live on until they expire, so revoke them at the roles", user),
			Expect: with(old("inactive"), factDenied, "no"), After: with(old("inactive"), factDenied, "yes"),
			Undo: actAllow, UndoExpect: plan.Facts{factDenied: "yes"}, UndoAfter: plan.Facts{factDenied: "no"},
		})
	}
	return AccessKeyName, append(steps,
		plan.Step{ID: "grace", Stage: plan.Grace, Expect: old("inactive"), Says: "nobody missed the old key", Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.GraceTime}}},
		plan.Step{ID: "check", Stage: plan.Done, Expect: old("inactive"), Says: "see that the new key is active and the old one is not"},
	), nil
}

func with(f plan.Facts, name, v string) plan.Facts {
	f[name] = v
	return f
}

// owner takes a key's ID apart: arn:aws:iam::ACCOUNT:user/PATH/NAME#access_key/ID.
func owner(id inventory.ID) (user, key string) {
	arn, key, _ := strings.Cut(string(id), "#access_key/")
	_, path, _ := strings.Cut(arn, ":user/")
	return path[strings.LastIndexByte(path, '/')+1:], key
}

// AccessKey is the rotator of access keys. Stores are by back end: "aws", "vault".
type AccessKey struct {
	Dial   Dial
	Stores map[string]Store
	Now    func() time.Time
}

// Look reads the user's access keys, and what AWS tells of the use of the old one.
func (a AccessKey) Look(ctx context.Context, r plan.Rotation, _ plan.Facts) (plan.Facts, error) {
	conn, err := a.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	user, old := owner(r.Resource)
	keys, err := conn.AccessKeys(ctx, user)
	if err != nil {
		return nil, err
	}
	facts := plan.Facts{}
	var others []string
	for _, k := range keys {
		state := map[bool]string{true: "active", false: "inactive"}[k.Active]
		if k.ID != old {
			others = append(others, k.ID)
			facts[factNewState] = state
			continue
		}
		facts[factOld] = state
		if !k.UsedAt.IsZero() { // no record is no proof: AWS does not tell since when it is complete
			facts[plan.OldUsedAt] = k.UsedAt.Format(time.RFC3339)
		}
	}
	slices.Sort(others)
	facts[factNew] = strings.Join(others, "+") // two others are none that is expected
	if slices.ContainsFunc(r.Steps, func(s plan.Step) bool { return s.Act == actDeny }) {
		made, err := time.Parse(time.RFC3339Nano, argument(r, argMade))
		if err != nil {
			return nil, fmt.Errorf("no step says when the plan was made: %w", err)
		}
		text, err := conn.UserPolicy(ctx, user, denyPolicy)
		if err != nil {
			return nil, err
		}
		facts[factDenied] = "no"
		if before := deniedBefore(text); !before.IsZero() && !before.Before(made.Truncate(time.Second)) {
			facts[factDenied] = "yes"
		}
	}
	return facts, nil
}

// Do makes the call of an act. Making a key has its secret stored before it returns; where that fails, nobody has it.
func (a AccessKey) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, known plan.Facts) (plan.Facts, error) {
	conn, err := a.Dial.dial(ctx, r.Scope)
	if err != nil {
		return nil, err
	}
	user, old := owner(r.Resource)
	switch act {
	case actMake:
		return a.make(ctx, conn, user, old, s)
	case actDrop:
		return nil, a.drop(ctx, conn, user, known[factNew], s)
	case actDiscard:
		return nil, a.drop(ctx, conn, user, known["names"], s)
	case actDisable:
		return nil, outcome(conn.SetAccessKey(ctx, user, old, false))
	case actEnable:
		return nil, outcome(conn.SetAccessKey(ctx, user, old, true))
	case actDeny:
		return nil, outcome(conn.PutUserPolicy(ctx, user, denyPolicy, denying(a.Now())))
	case actAllow:
		return nil, outcome(conn.DeleteUserPolicy(ctx, user, denyPolicy))
	}
	return nil, fmt.Errorf("%q is no act on an access key", act)
}

func (a AccessKey) store(s plan.Step) (Store, error) {
	store := a.Stores[inventory.Scope(s.Args[argStoreAt]).Backend()]
	if store == nil {
		return nil, fmt.Errorf("there is no way to store a secret in %s", s.Args[argStoreAt])
	}
	return store, nil
}

func (a AccessKey) make(ctx context.Context, conn *aws.Connection, user, old string, s plan.Step) (plan.Facts, error) {
	store, err := a.store(s)
	if err != nil {
		return nil, err
	}
	if err := store.Ready(ctx, s.Args[argStoreAt], s.Args[argStore], old); err != nil {
		return nil, fmt.Errorf("no key was made, as its secret could not be stored: %w", err)
	}
	id, secret, err := conn.CreateAccessKey(ctx, user)
	if err != nil {
		return nil, outcome(err)
	}
	fields := map[string]material.Secret{fieldID: material.New(id), fieldSecret: material.New(secret())}
	if err := store.Put(ctx, s.Args[argStoreAt], s.Args[argStore], fields); err != nil {
		return nil, fmt.Errorf("%w: the key %s was made and its secret could not be stored: %w", plan.ErrUnclear, id, err)
	}
	return plan.Facts{factNew: id}, nil
}

// errUsed is why a key stays.
var errUsed = errors.New("it has been used, so somebody has its secret; deactivate and delete it by hand when you know who")

// drop deletes a key that AWS has not seen used, once the store does not hand it out any more.
func (a AccessKey) drop(ctx context.Context, conn *aws.Connection, user, id string, s plan.Step) error {
	store, err := a.store(s)
	if err != nil {
		return err
	}
	keys, err := conn.AccessKeys(ctx, user)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(keys, func(k aws.AccessKey) bool { return k.ID == id })
	switch {
	case i < 0:
		return fmt.Errorf("the user has no key %q", id)
	case !keys[i].UsedAt.IsZero():
		return fmt.Errorf("%s: %w", id, errUsed)
	}
	if err := store.Back(ctx, s.Args[argStoreAt], s.Args[argStore], id); err != nil {
		return fmt.Errorf("%s was not deleted, as its store may still hand it out: %w", id, err)
	}
	return outcome(conn.DeleteAccessKey(ctx, user, id))
}

// denying is a policy that denies what sessions do that were issued before a time. Calls with the long-lived key itself have no such time,
// so they are not denied by it.
func denying(now time.Time) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":%s}}}]}`,
		strconv.Quote(now.UTC().Format(time.RFC3339)))
}

// deniedBefore reads the time of such a policy; zero where it is another.
func deniedBefore(text string) time.Time {
	var p struct {
		Statement []struct {
			Effect, Action, Resource string
			Condition                struct{ DateLessThan map[string]string }
		}
	}
	if json.Unmarshal([]byte(text), &p) != nil || len(p.Statement) != 1 {
		return time.Time{}
	}
	s := p.Statement[0]
	at, err := time.Parse(time.RFC3339, s.Condition.DateLessThan["aws:TokenIssueTime"])
	if err != nil || s.Effect != "Deny" || s.Action != "*" || s.Resource != "*" || len(s.Condition.DateLessThan) != 1 {
		return time.Time{}
	}
	return at
}

// StoreOf tells where a rotation puts the secret of a new access key; "" nowhere.
func StoreOf(r plan.Rotation) (scope, id string) {
	return argument(r, argStoreAt), argument(r, argStore)
}

// AccessKeyPermissions are the least for the steps of a rotation. What the store needs is beside them.
func AccessKeyPermissions(r plan.Rotation) []Permission {
	arn, _, _ := strings.Cut(string(r.Resource), "#")
	actions := []string{"iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"}
	var more []Permission
	for _, s := range r.Steps {
		switch s.Act {
		case actMake:
			actions = append(actions, "iam:CreateAccessKey", "iam:DeleteAccessKey")
			if strings.HasPrefix(s.Args[argStore], "arn:") {
				more = on(s.Args[argStore], "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:ListSecretVersionIds", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage")
			}
		case actDisable:
			actions = append(actions, "iam:UpdateAccessKey")
		case actDeny:
			actions = append(actions, "iam:GetUserPolicy", "iam:PutUserPolicy", "iam:DeleteUserPolicy")
		}
	}
	return append(on(arn, actions...), more...)
}
