package vault

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// KVStore keeps what another rotator has made in a secret of KV version 2: fields are set beside those that are there, by check-and-set.
func KVStore(d Dial) func(ctx context.Context, scope, id string, fields map[string]material.Secret) error {
	return func(ctx context.Context, scope, id string, fields map[string]material.Secret) error {
		conn, mount, path, err := KV{Dial: d}.dial(ctx, plan.Rotation{Resource: inventory.ID(id), Scope: scope})
		if err != nil {
			return err
		}
		var meta struct {
			Current *int `json:"current_version"`
		}
		if err := read(ctx, conn, mount+metadata+path, &meta); err != nil {
			return err
		}
		if meta.Current == nil {
			return fmt.Errorf("read %s: the answer lacks the current version", mount+metadata+path)
		}
		data := map[string]string{}
		for name, v := range fields {
			data[name] = v.Reveal()
		}
		_, err = conn.Call(ctx, http.MethodPatch, mount+"/data/"+path, map[string]any{"options": map[string]any{"cas": *meta.Current}, "data": data})
		return outcome("PATCH "+mount+"/data/"+path, err)
	}
}

// KVStorePolicy is the least Vault policy to keep something in a secret.
func KVStorePolicy(scope, id string) []string {
	_, _, full, err := at(plan.Rotation{Resource: inventory.ID(id), Scope: scope})
	mount, path, ok := strings.Cut(full, metadata)
	if err != nil || !ok {
		return nil
	}
	return []string{
		fmt.Sprintf("path %q { capabilities = [\"patch\"] }", mount+"/data/"+path),
		fmt.Sprintf("path %q { capabilities = [\"read\"] }", full),
	}
}
