package vault

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

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
