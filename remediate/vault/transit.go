// Package vault rotates what HashiCorp Vault holds: keys of Transit, secrets of KV version 2, secret-ids of AppRole.
//
// It leaves plans, approvals and the ledger to others: each rotator looks, and does one thing when it is told to.
package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Dial connects to the Vault and namespace of a resource.
type Dial func(ctx context.Context, cluster, namespace string) (*vault.Connection, error)

// TransitName is the rotator's name in plans.
const TransitName = "vault-transit"

// The acts on a Transit key.
const (
	actRotate    = "rotate"                       // POST MOUNT/keys/NAME/rotate
	actPeriod    = "set auto_rotate_period"       // POST MOUNT/keys/NAME/config
	actRetire    = "raise min_decryption_version" // POST MOUNT/keys/NAME/config
	actUnretire  = "lower min_decryption_version" // the same
	argPeriod    = "auto_rotate_period"           // seconds
	argFloor     = "min_decryption_version"       //
	factLatest   = "latest_version"               //
	factFloor    = "min_decryption_version"       //
	factEncrypt  = "min_encryption_version"       //
	factPeriod   = "auto_rotate_period"           // seconds
	factDeleted  = "soft_deleted"                 // of OpenBao
	factImported = "imported_key"                 //
)

// DraftTransit drafts the rotation of a Transit key. Rotating adds a version, which Vault uses from then on; it keeps older versions for what they
// made. Raising min_decryption_version ends that, so it is in a plan of its own, and trimming is in none.
func DraftTransit(d remediate.Draft) (string, []plan.Step, error) {
	r := d.Resource
	for _, fact := range []string{"key.versions.latest", "key.versions.min_decryption", "key.state"} {
		if u := r.Unread(fact); u != nil {
			return "", nil, &remediate.Refusal{Why: fact + " was not read", Next: u.Hint}
		}
	}
	k := r.Key
	if k == nil || k.Versions == nil || k.Versions.Latest == nil || k.Versions.MinDecryption == nil {
		return "", nil, errors.New("its versions were not read")
	}
	if k.Origin == "imported" {
		return "", nil, &remediate.Refusal{Why: "its material was imported: after a rotation by Vault no more can be imported", Next: "import a new version from where the material comes from"}
	}
	if k.State != "enabled" {
		return "", nil, fmt.Errorf("it is %s", k.State)
	}
	latest, floor := *k.Versions.Latest, *k.Versions.MinDecryption
	if d.Retire {
		return TransitName, retire(r, latest, floor), nil
	}
	old, next := strconv.Itoa(latest), strconv.Itoa(latest+1)
	final := "Vault uses the newest version and takes no version away; the old ones stay for what they made"
	steps := []plan.Step{{
		ID: "rotate", Stage: plan.Created, Act: actRotate,
		Says:   fmt.Sprintf("add version %s, which Vault encrypts and signs with from then on; versions up to %s still decrypt and verify", next, old),
		Expect: plan.Facts{factLatest: old, factFloor: strconv.Itoa(floor)},
		After:  plan.Facts{factLatest: next, factFloor: strconv.Itoa(floor)},
		Final:  final,
	}}
	if expect, ok := longer(k, d.Key.PeriodDays); ok {
		seconds := strconv.Itoa(d.Key.PeriodDays * 86400)
		steps[0].Expect[factPeriod] = expect // found out before the rotation, and not after it
		steps = append(steps, plan.Step{
			ID: "period", Stage: plan.Created, Act: actPeriod, Says: fmt.Sprintf("let Vault rotate it by itself every %d days", d.Key.PeriodDays),
			Args: map[string]string{argPeriod: seconds}, Expect: plan.Facts{factLatest: next, factPeriod: expect}, After: plan.Facts{factLatest: next, factPeriod: seconds},
			Final: final,
		})
	}
	found := plan.Facts{factLatest: next}
	switch {
	case d.Emergency && d.Purpose != "encryption":
		return TransitName, append(steps, bar(next, floor),
			plan.Step{ID: "check", Stage: plan.Done, Says: "see that nothing counts any more that older versions made", Expect: plan.Facts{factLatest: next, factFloor: next}}), nil
	case d.Emergency:
		return TransitName, append(steps, plan.Step{
			ID: "check", Stage: plan.Done, Expect: found,
			Says: "see that the new version is the latest; old ones still decrypt, so that nothing is lost: re-wrap what they encrypted, and retire them by a plan of its own",
		}), nil
	case d.Pattern == plan.InPlace:
		return TransitName, append(steps, plan.Step{ID: "check", Stage: plan.Done, Says: "see that the new version is the latest", Expect: found}), nil
	}
	cache, life := remediate.Lasting(d.Key.CacheTime, remediate.CacheTime), remediate.Lasting(d.Key.TokenLife, remediate.TokenLife)
	steps = append(steps, plan.Step{
		ID: "distribute", Stage: plan.Distributed, Expect: found,
		Says: "those who verify have the new public key: their caches have run out", Gates: []plan.Gate{{Kind: plan.Wait, For: cache}},
	})
	promoted := plan.Step{ID: "promote", Stage: plan.Promoted, Says: "the new version is the one in use", Expect: found}
	if len(d.Key.Clients) > 0 {
		promoted.Says = "the new version is the one in use: " + strings.Join(d.Key.Clients, ", ") + " have confirmed"
		promoted.Gates = []plan.Gate{{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime}}
	}
	return TransitName, append(steps, promoted,
		plan.Step{
			ID: "soak", Stage: plan.Soaking, Expect: found, Says: "what the old version signed has run out",
			Gates: []plan.Gate{{Kind: plan.Wait, For: life}},
		},
		plan.Step{ID: "check", Stage: plan.Done, Says: "see that the new version is the latest; old ones still verify until they are retired by a plan of its own", Expect: found},
	), nil
}

// longer says that a key does not rotate by itself, or less often than every so many days, and which period is to be found: a scan tells it in days,
// rounded up.
func longer(k *inventory.Key, days int) (expect string, yes bool) {
	switch {
	case days == 0:
		return "", false
	case k.Rotation == nil || k.Rotation.PeriodDays == nil:
		return "0", true
	}
	return "*", *k.Rotation.PeriodDays > days
}

// bar ends, in an emergency, what older versions signed: their public keys leave the set of those that count.
func bar(next string, floor int) plan.Step {
	from := strconv.Itoa(floor)
	return plan.Step{
		ID: "reauthenticate", Stage: plan.OldDisabled, Act: actRetire, Says: fmt.Sprintf("accept nothing any more that versions before %s made: whoever holds a token of theirs has to log in again", next),
		Args: map[string]string{argFloor: next}, Expect: plan.Facts{factLatest: next, factFloor: from}, After: plan.Facts{factLatest: next, factFloor: next},
		Undo: actUnretire, UndoExpect: plan.Facts{factFloor: next}, UndoAfter: plan.Facts{factFloor: from},
	}
}

// retire raises the floor to the latest version, as a plan of its own.
func retire(_ *inventory.Resource, latest, floor int) []plan.Step {
	to, from := strconv.Itoa(latest), strconv.Itoa(floor)
	return []plan.Step{
		{
			ID: "retire", Stage: plan.OldDisabled, Act: actRetire, Says: fmt.Sprintf("accept nothing any more that versions before %s made; ciphertext that was not re-wrapped cannot be decrypted then", to),
			Args: map[string]string{argFloor: to}, Expect: plan.Facts{factLatest: to, factFloor: from}, After: plan.Facts{factLatest: to, factFloor: to},
			Undo: actUnretire, UndoExpect: plan.Facts{factFloor: to}, UndoAfter: plan.Facts{factFloor: from},
		},
		{ID: "grace", Stage: plan.Grace, Says: "nobody missed the old versions", Expect: plan.Facts{factFloor: to}, Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.GraceTime}}},
		{ID: "check", Stage: plan.Done, Says: "see that old versions are not accepted", Expect: plan.Facts{factFloor: to}},
	}
}

// Transit is the rotator of Transit keys.
type Transit struct{ Dial Dial }

// at takes a resource's ID apart: vault:CLUSTER/NAMESPACE/MOUNT/keys/NAME. The scope tells where the namespace ends.
func at(r plan.Rotation) (cluster, namespace, path string, err error) {
	parts := inventory.Scope(r.Scope).Parts()
	if len(parts) < 3 || parts[0] != "vault" {
		return "", "", "", fmt.Errorf("%s is no scope of Vault", r.Scope)
	}
	cluster, namespace = parts[1], strings.Join(parts[2:], "/")
	path, ok := strings.CutPrefix(string(r.Resource), string(inventory.VaultID(cluster, namespace)))
	if !ok {
		return "", "", "", fmt.Errorf("%s is not in %s", r.Resource, r.Scope)
	}
	return cluster, namespace, path, nil
}

// Look reads the key; it needs "read" on MOUNT/keys/NAME.
func (t Transit) Look(ctx context.Context, r plan.Rotation, _ plan.Facts) (plan.Facts, error) {
	conn, path, err := t.dial(ctx, r)
	if err != nil {
		return nil, err
	}
	data, err := conn.Call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	facts := plan.Facts{}
	for fact, field := range map[string]string{factLatest: "latest_version", factFloor: "min_decryption_version", factEncrypt: "min_encryption_version", factPeriod: "auto_rotate_period", factImported: "imported_key", factDeleted: "soft_deleted"} {
		if raw, ok := data[field]; ok {
			facts[fact] = strings.Trim(string(raw), `"`)
		}
	}
	if facts[factLatest] == "" || facts[factFloor] == "" {
		return nil, fmt.Errorf("read %s: the answer lacks its versions", path)
	}
	return facts, nil
}

// Do makes the call of an act; it needs "update" on the path.
func (t Transit) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, _ plan.Facts) (plan.Facts, error) {
	conn, path, err := t.dial(ctx, r)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	switch act {
	case actRotate:
		path += "/rotate"
	case actPeriod:
		path, body = path+"/config", map[string]any{"auto_rotate_period": s.Args[argPeriod] + "s"}
	case actRetire:
		path, body = path+"/config", map[string]any{"min_decryption_version": json.Number(s.Args[argFloor])}
	case actUnretire:
		path, body = path+"/config", map[string]any{"min_decryption_version": json.Number(s.UndoAfter[factFloor])}
	default:
		return nil, fmt.Errorf("%q is no act on a Transit key", act)
	}
	_, err = conn.Call(ctx, http.MethodPost, path, body)
	return nil, outcome("POST "+path, err)
}

func (t Transit) dial(ctx context.Context, r plan.Rotation) (*vault.Connection, string, error) {
	cluster, namespace, path, err := at(r)
	if err != nil {
		return nil, "", err
	}
	conn, err := t.Dial(ctx, cluster, namespace)
	return conn, path, err
}

// outcome tells a call that was refused from one that may have been carried out.
func outcome(call string, err error) error {
	if err == nil {
		return nil
	}
	var e *vault.CallError
	if errors.As(err, &e) && e.Refused() {
		return fmt.Errorf("%s: %w", call, err)
	}
	return fmt.Errorf("%s: %w: %w", call, plan.ErrUnclear, err)
}

// TransitPolicy is the least Vault policy for the steps of a rotation.
func TransitPolicy(r plan.Rotation) []string {
	_, _, path, err := at(r)
	if err != nil {
		return nil
	}
	rules := []string{fmt.Sprintf("path %q { capabilities = [\"read\"] }", path)}
	for _, s := range r.Steps {
		for _, act := range []string{s.Act, s.Undo} {
			switch act {
			case actRotate:
				rules = append(rules, fmt.Sprintf("path %q { capabilities = [\"update\"] }", path+"/rotate"))
			case actPeriod, actRetire, actUnretire:
				rules = append(rules, fmt.Sprintf("path %q { capabilities = [\"update\"] }", path+"/config"))
			}
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}
