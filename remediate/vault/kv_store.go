package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// KVStore keeps what another rotator has made in a secret of KV version 2: fields are set beside those that are there, by check-and-set.
type KVStore struct{ Dial Dial }

// The fields of an access key, as in package aws.
const keyID, keySecret = "access_key_id", "secret_access_key"

// kvHeld is a secret that is a store: its current version, what that holds, and where it is.
type kvHeld struct {
	conn    *vault.Connection
	at      string // MOUNT/data/PATH
	version int
	data    map[string]json.RawMessage
}

// Ready reads what the store holds.
func (k KVStore) Ready(ctx context.Context, scope, id, old string) error {
	h, err := k.held(ctx, scope, id)
	if err != nil {
		return err
	}
	var now string
	if raw, there := h.data[keyID]; there && (json.Unmarshal(raw, &now) != nil || now != "" && now != old) {
		return fmt.Errorf("%s holds another key, which is not the key that is to be replaced and would be lost there", h.at)
	}
	return nil
}

// Put sets fields.
func (k KVStore) Put(ctx context.Context, scope, id string, fields map[string]material.Secret) error {
	h, err := k.held(ctx, scope, id)
	if err != nil {
		return err
	}
	data := map[string]string{}
	for name, v := range fields {
		data[name] = v.Reveal()
	}
	return h.patch(ctx, data)
}

// Back writes the fields of an access key as they were in the version before the one that put this key there.
func (k KVStore) Back(ctx context.Context, scope, id, key string) error {
	h, err := k.held(ctx, scope, id)
	if err != nil || !holds(h.data, key) {
		return err
	}
	before, err := kvData(ctx, h.conn, h.at, h.version-1)
	if err != nil || holds(before, key) {
		return fmt.Errorf("%s holds it, and what it held before cannot be told; write there what its readers are to have, and apply again", h.at)
	}
	data := map[string]json.RawMessage{}
	for _, name := range []string{keyID, keySecret} {
		if data[name] = before[name]; data[name] == nil {
			data[name] = json.RawMessage("null") // which takes a field away
		}
	}
	return h.patch(ctx, data)
}

func holds(data map[string]json.RawMessage, key string) bool {
	var now string
	return json.Unmarshal(data[keyID], &now) == nil && now == key
}

func (h *kvHeld) patch(ctx context.Context, data any) error {
	answer, err := h.conn.Call(ctx, http.MethodPatch, h.at, map[string]any{"options": map[string]any{"cas": h.version}, "data": data})
	if err == nil && string(answer["version"]) != strconv.Itoa(h.version+1) {
		err = errors.New("the answer does not name the version that was written")
	}
	return outcome("PATCH "+h.at, err)
}

func (k KVStore) held(ctx context.Context, scope, id string) (*kvHeld, error) {
	conn, mount, path, err := KV{Dial: k.Dial}.dial(ctx, plan.Rotation{Resource: inventory.ID(id), Scope: scope})
	if err != nil {
		return nil, err
	}
	var meta struct {
		Current *int `json:"current_version"`
	}
	if err := read(ctx, conn, mount+metadata+path, &meta); err != nil {
		return nil, err
	}
	if meta.Current == nil {
		return nil, fmt.Errorf("read %s: the answer lacks the current version", mount+metadata+path)
	}
	h := &kvHeld{conn: conn, at: mount + "/data/" + path, version: *meta.Current}
	h.data, err = kvData(ctx, conn, h.at, h.version)
	return h, err
}

// kvData reads what a version holds.
func kvData(ctx context.Context, conn *vault.Connection, at string, version int) (data map[string]json.RawMessage, err error) {
	answer, err := conn.Get(ctx, at, url.Values{"version": {strconv.Itoa(version)}})
	if err != nil {
		return nil, fmt.Errorf("read version %d of %s: %w", version, at, err)
	}
	if json.Unmarshal(answer["data"], &data) != nil || data == nil {
		return nil, fmt.Errorf("read version %d of %s: the answer holds no data", version, at)
	}
	return data, nil
}

// KVStorePolicy is the least Vault policy to keep something in a secret.
func KVStorePolicy(scope, id string) []string {
	_, _, full, err := at(plan.Rotation{Resource: inventory.ID(id), Scope: scope})
	mount, path, ok := strings.Cut(full, metadata)
	if err != nil || !ok {
		return nil
	}
	return []string{
		fmt.Sprintf("path %q { capabilities = [\"patch\", \"read\"] }", mount+"/data/"+path),
		fmt.Sprintf("path %q { capabilities = [\"read\"] }", full),
	}
}
