package vault

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// KVName is the rotator's name in plans.
const KVName = "vault-kv"

// The acts on a secret of KV version 2. Each reads the data of one version, for no longer than the act, and then makes its one write:
// PATCH MOUNT/data/PATH with check-and-set.
const (
	actWrite   = "write a new value"
	actRestore = "write the old value back"

	argField   = "field"
	argVersion = "version" // the one that is current when the plan is made

	factCurrent = "current_version"
	factState   = "current_state"     // of its value: readable, destroyed, deleted and when; a time that lies ahead counts
	factOld     = "old_version_state" // the same of the version that was current when the plan was made; dropped: it is not kept any more
	factStays   = "old_version_stays" // "yes" when a version that is not the newest stays readable, and otherwise "no" with the reason
)

const (
	readable    = "readable"
	metadata    = "/metadata/" // between mount and path
	kvKeeps     = 10           // versions, where neither secret nor mount says: defaultMaxVersions of vault-plugin-secrets-kv
	kvOldAndNew = 2            // versions that have to be kept
)

// DraftKV drafts the rotation of one field of a KV secret. The new value is what its readers get as soon as it is written. The old value stays
// readable as the version before, and stays accepted by whoever checks it: Vault has no say in that, so ending it is not in the plan.
func DraftKV(d remediate.Draft) (string, []plan.Step, error) {
	old, source, err := plannable(d)
	if err != nil {
		return "", nil, err
	}
	was, next, after := strconv.Itoa(old), strconv.Itoa(old+1), strconv.Itoa(old+2)
	steps := []plan.Step{{
		ID: "write", Stage: plan.Created, Act: actWrite,
		Says: fmt.Sprintf("write version %s, in which %q is new (%s) and the other fields are as they were; who reads the secret gets it from then on, and version %s stays readable",
			next, d.Key.Field, source, was),
		Args:   material.With(source.Args(), map[string]string{argField: d.Key.Field, argVersion: was}),
		Expect: plan.Facts{factCurrent: was, factState: readable, factOld: readable, factStays: "yes"},
		After:  plan.Facts{factCurrent: next, factState: readable, factOld: readable},
		// KV has no way to make an older version the current one, and deleting the new one would leave its readers with nothing.
		Undo: actRestore, UndoExpect: plan.Facts{factCurrent: next, factState: readable, factOld: readable}, UndoAfter: plan.Facts{factCurrent: after, factState: readable},
	}}
	found := plan.Facts{factCurrent: next, factState: readable, factOld: readable}
	check := plan.Step{ID: "check", Stage: plan.Done, Says: fmt.Sprintf("see that version %s is the current one and version %s can still be read", next, was), Expect: found}
	if d.Emergency {
		check.Says += "; the old value counts until who checks it is told to refuse it, which Vault cannot do"
	}
	if d.Pattern == plan.InPlace || d.Emergency {
		return KVName, append(steps, check), nil
	}
	promoted := plan.Step{ID: "promote", Stage: plan.Promoted, Says: "the new value is the one in use", Expect: found}
	if len(d.Key.Clients) > 0 {
		promoted.Says = "the new value is the one in use: " + strings.Join(d.Key.Clients, ", ") + " have confirmed"
		promoted.Gates = []plan.Gate{{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime}}
	}
	return KVName, append(steps,
		plan.Step{
			ID: "distribute", Stage: plan.Distributed, Expect: found, Says: "those who read it have fetched the new value: their caches have run out",
			Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.CacheTime, remediate.CacheTime)}},
		},
		promoted,
		plan.Step{
			ID: "soak", Stage: plan.Soaking, Expect: found, Says: "nobody missed the old value",
			Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.Soak, remediate.SoakTime)}},
		},
		check,
	), nil
}

// plannable returns the current version and where the next value comes from, or why no safe plan exists.
func plannable(d remediate.Draft) (version int, source material.Source, err error) {
	refuse := func(why, next string) error { return &remediate.Refusal{Why: why, Next: next} }
	if d.Retire {
		return 0, source, refuse("Vault does not decide whether an old value of a KV secret is accepted", "end it where it is checked")
	}
	for _, fact := range []string{"secret.current_version", "secret.state", "secret.expires_at", "secret.max_versions"} {
		if u := d.Resource.Unread(fact); u != nil {
			return 0, source, refuse(fact+" was not read", u.Hint)
		}
	}
	s := d.Resource.Secret
	switch {
	case s == nil || s.CurrentVersion == nil || s.State == "":
		return 0, source, errors.New("its versions were not read")
	case s.State != "enabled":
		return 0, source, refuse("its current version is "+s.State, "write a value, or delete the metadata of what nobody uses")
	case s.ExpiresAt != nil:
		return 0, source, refuse(fmt.Sprintf("its current version is deleted by itself at %s, so the old value would not stay readable", s.ExpiresAt.Format(time.RFC3339)), "take delete_version_after away")
	case s.MaxVersions != nil && *s.MaxVersions < kvOldAndNew:
		return 0, source, refuse("max_versions is 1, so the old value would be lost when the new one is written", "keep more: vault kv metadata put -max-versions=3")
	case d.Key.Field == "":
		return 0, source, refuse("nothing says which of its fields holds the value", "name it: field in rotation.keys")
	case strings.Count(string(d.Resource.ID), metadata) != 1:
		return 0, source, refuse("its ID does not tell where its mount ends", "rotate it by hand")
	case untold(d.Key):
		return 0, source, refuse("a gate asks how long the old version is unused, and Vault keeps no record of that", "take another gate: a command, or clients that confirm")
	}
	switch {
	case len(d.Key.Generator) > 0:
		p, err := material.Bind(d.Key.Generator)
		if err != nil {
			return 0, source, refuse("its generator cannot be read: "+err.Error(), "correct the configuration")
		}
		source.Program = &p
	case d.Key.Random != nil:
		source.Random = *d.Key.Random
	default:
		return 0, source, refuse("nothing says how its new value is made", "name a generator, or random: {} for a value that is made at random, in rotation.keys")
	}
	return *s.CurrentVersion, source, nil
}

// untold says that a gate asks for what Vault keeps no record of.
func untold(k *remediate.Key) bool {
	return slices.ContainsFunc(k.Gates, func(g remediate.GateSettings) bool { return g.Unused > 0 })
}

// KV is the rotator of secrets of KV version 2.
type KV struct {
	Dial     Dial
	Programs material.Runner
}

// kvVersion is one of "versions" in the metadata.
type kvVersion struct {
	DeletionTime *string `json:"deletion_time"` // RFC 3339, may lie ahead; "" when it is not deleted
	Destroyed    *bool   `json:"destroyed"`
}

// Look reads the metadata of the secret and the configuration of its mount, and no value; it needs "read" on MOUNT/metadata/PATH and MOUNT/config.
func (k KV) Look(ctx context.Context, r plan.Rotation, _ plan.Facts) (plan.Facts, error) {
	conn, mount, path, err := k.dial(ctx, r)
	if err != nil {
		return nil, err
	}
	var meta struct {
		Current  *int                 `json:"current_version"`
		Most     *int                 `json:"max_versions"`
		After    string               `json:"delete_version_after"`
		Versions map[string]kvVersion `json:"versions"`
	}
	var config struct {
		Most  *int   `json:"max_versions"`
		After string `json:"delete_version_after"`
	}
	if err := read(ctx, conn, mount+metadata+path, &meta); err != nil {
		return nil, err
	}
	if err := read(ctx, conn, mount+"/config", &config); err != nil {
		return nil, err
	}
	if meta.Current == nil || meta.Most == nil || config.Most == nil {
		return nil, fmt.Errorf("read %s: the answers lack the current version, or how many are kept", mount+metadata+path)
	}
	facts := plan.Facts{factCurrent: strconv.Itoa(*meta.Current), factStays: "yes"}
	facts[factState] = kvState(meta.Versions, facts[factCurrent])
	for _, s := range r.Steps {
		if old := s.Args[argVersion]; old != "" {
			facts[factOld] = kvState(meta.Versions, old)
		}
	}
	most := max(*meta.Most, *config.Most) // AddVersion of vault-plugin-secrets-kv takes the larger one
	if most == 0 {
		most = kvKeeps
	}
	ends, err := kvLife(meta.After, config.After)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", mount+metadata+path, err)
	case most < kvOldAndNew:
		facts[factStays] = fmt.Sprintf("no, as %d version is kept", most)
	case ends > 0:
		facts[factStays] = fmt.Sprintf("no, as versions are deleted after %s", ends)
	}
	return facts, nil
}

// kvState says whether the value of a version can be read, and goes on being readable.
func kvState(versions map[string]kvVersion, version string) string {
	v, ok := versions[version]
	switch {
	case !ok:
		return "dropped"
	case v.Destroyed == nil || v.DeletionTime == nil:
		return "not told"
	case *v.Destroyed:
		return "destroyed"
	case *v.DeletionTime != "":
		return "deleted at " + *v.DeletionTime
	}
	return readable
}

// kvLife is how long versions live that are written now; 0: until they are deleted. The shorter of the two holds, and a mount can forbid it (deletionTime
// of vault-plugin-secrets-kv).
func kvLife(secret, mount string) (time.Duration, error) {
	own, err := time.ParseDuration(secret)
	if err != nil {
		return 0, errors.New("the answer does not tell delete_version_after")
	}
	whole, err := time.ParseDuration(mount)
	if err != nil {
		return 0, errors.New("the answer does not tell delete_version_after of the mount")
	}
	switch {
	case whole < 0:
		return 0, nil
	case own > 0 && whole > 0:
		return min(own, whole), nil
	}
	return max(own, whole), nil
}

// Do makes the call of an act; it needs "read" and "patch" on MOUNT/data/PATH.
func (k KV) Do(ctx context.Context, r plan.Rotation, s plan.Step, act string, _ plan.Facts) (plan.Facts, error) {
	conn, mount, path, err := k.dial(ctx, r)
	if err != nil {
		return nil, err
	}
	field, old := s.Args[argField], s.Args[argVersion]
	was, err := k.value(ctx, conn, mount+"/data/"+path, old, field)
	if err != nil {
		return nil, err
	}
	cas, err := strconv.Atoi(old)
	if err != nil {
		return nil, fmt.Errorf("the step names no version: %w", err)
	}
	var value material.Secret
	switch act {
	case actWrite:
		source, err := material.SourceOf(s.Args)
		if err != nil {
			return nil, err
		}
		if value, err = source.Make(ctx, k.Programs, material.About{Rotation: r.ID, Resource: string(r.Resource), Step: s.ID}); err != nil {
			return nil, fmt.Errorf("make a new value: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(value.Reveal()), []byte(was.Reveal())) == 1 {
			return nil, fmt.Errorf("the generator printed the value that %q has already, so nothing would be rotated", field)
		}
	case actRestore:
		value, cas = was, cas+1
	default:
		return nil, fmt.Errorf("%q is no act on a KV secret", act)
	}
	at := mount + "/data/" + path
	answer, err := conn.Call(ctx, http.MethodPatch, at, map[string]any{
		"options": map[string]any{"cas": cas}, "data": map[string]string{field: value.Reveal()},
	})
	if err == nil && string(answer["version"]) != strconv.Itoa(cas+1) {
		err = errors.New("the answer does not name the version that was written")
	}
	return nil, outcome("PATCH "+at, err)
}

// value reads a field of a version. Only a text is taken for a secret value.
func (KV) value(ctx context.Context, conn *vault.Connection, at, version, field string) (material.Secret, error) {
	answer, err := conn.Get(ctx, at, url.Values{"version": {version}})
	if err != nil {
		return material.Secret{}, fmt.Errorf("read version %s of %s: %w", version, at, err)
	}
	var data map[string]json.RawMessage
	if err := json.Unmarshal(answer["data"], &data); err != nil {
		return material.Secret{}, fmt.Errorf("read version %s of %s: the answer holds no data", version, at)
	}
	raw, ok := data[field]
	if !ok {
		return material.Secret{}, fmt.Errorf("version %s of %s has no field %q", version, at, field)
	}
	var value string
	if err := json.Unmarshal(raw, &value); err != nil { // the error would quote the value
		return material.Secret{}, fmt.Errorf("the field %q of %s is no text", field, at)
	}
	return material.New(value), nil
}

func (k KV) dial(ctx context.Context, r plan.Rotation) (conn *vault.Connection, mount, path string, err error) {
	cluster, namespace, full, err := at(r)
	if err != nil {
		return nil, "", "", err
	}
	mount, path, ok := strings.Cut(full, metadata)
	if !ok {
		return nil, "", "", fmt.Errorf("%s is no secret of KV version 2", r.Resource)
	}
	conn, err = k.Dial(ctx, cluster, namespace)
	return conn, mount, path, err
}

// read makes a call and takes its data apart.
func read(ctx context.Context, conn *vault.Connection, path string, into any) error {
	data, err := conn.Call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	text, err := json.Marshal(data)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil || len(data) == 0 {
		return fmt.Errorf("read %s: the answer is not as Vault gives it", path)
	}
	return nil
}

// KVPolicy is the least Vault policy for the steps of a rotation.
func KVPolicy(r plan.Rotation) []string {
	_, _, full, err := at(r)
	mount, path, ok := strings.Cut(full, metadata)
	if err != nil || !ok {
		return nil
	}
	return []string{
		fmt.Sprintf("path %q { capabilities = [\"read\"] }", mount+"/config"),
		fmt.Sprintf("path %q { capabilities = [\"patch\", \"read\"] }", mount+"/data/"+path),
		fmt.Sprintf("path %q { capabilities = [\"read\"] }", full),
	}
}
