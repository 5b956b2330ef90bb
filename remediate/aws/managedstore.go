package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/remediate/material"
)

// ManagedStore keeps access keys in Secrets Manager: the two fields of a JSON object are set, its other fields stay.
type ManagedStore struct{ Dial Dial }

// Ready reads what the store holds.
func (m ManagedStore) Ready(ctx context.Context, scope, id, old string) error {
	_, all, err := m.held(ctx, scope, id)
	if err != nil {
		return err
	}
	var now string
	if raw, there := all[fieldID]; there && (json.Unmarshal(raw, &now) != nil || now != "" && now != old) {
		return fmt.Errorf("%s holds another key, which is not the key that is to be replaced and would be lost there", id)
	}
	return nil
}

// Put writes a version whose ID follows from the key's, so that it is written once.
func (m ManagedStore) Put(ctx context.Context, scope, id string, fields map[string]material.Secret) error {
	conn, all, err := m.held(ctx, scope, id)
	if err != nil {
		return err
	}
	for name, v := range fields {
		if all[name], err = json.Marshal(v.Reveal()); err != nil {
			return errors.New("a part of the key is no text")
		}
	}
	value, err := json.Marshal(all)
	if err != nil {
		return errors.New("the store's value cannot be written as JSON")
	}
	return conn.PutSecret(ctx, id, versionID(id, fields[fieldID].Reveal()), string(value))
}

// Back makes the version current again that was it before Put.
func (m ManagedStore) Back(ctx context.Context, scope, id, key string) error {
	conn, all, err := m.held(ctx, scope, id)
	if err != nil {
		return err
	}
	var now string
	if json.Unmarshal(all[fieldID], &now) != nil || now != key {
		return nil
	}
	s, err := conn.ManagedSecret(ctx, id)
	if err != nil {
		return err
	}
	ours, before := versionID(id, key), ""
	for version, labels := range s.Labels {
		if slices.Contains(labels, "AWSPREVIOUS") {
			before = version
		}
	}
	if before == "" || !slices.Contains(s.Labels[ours], labelCurrent) {
		return fmt.Errorf("%s holds it, and which version was current before cannot be told; write there what its readers are to have, and apply again", id)
	}
	return conn.MoveLabel(ctx, id, labelCurrent, ours, before)
}

// held is what the store holds, and the connection to it; a secret without a version holds nothing yet.
func (m ManagedStore) held(ctx context.Context, scope, id string) (conn *aws.Connection, all map[string]json.RawMessage, err error) {
	if conn, err = m.Dial.dial(ctx, scope); err != nil {
		return nil, nil, err
	}
	now, err := conn.SecretValue(ctx, id, labelCurrent)
	text := "{}"
	switch e := (*aws.CallError)(nil); {
	case err == nil:
		text = now()
	case !errors.As(err, &e) || e.Code != "ResourceNotFoundException":
		return nil, nil, err
	}
	if json.Unmarshal([]byte(text), &all) != nil || all == nil {
		return nil, nil, errors.New("the store's value is no JSON object")
	}
	return conn, all, nil
}
