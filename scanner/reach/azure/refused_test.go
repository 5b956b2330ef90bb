package azure_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestRefused are the operations that a key of a kind refuses to everybody.
func TestRefused(t *testing.T) {
	for algorithm, want := range map[string][]string{
		"ec": {"encrypt", "decrypt", "wrap", "unwrap"}, "aes": {"sign", "verify"}, "rsa": nil, "other": nil, "": nil,
	} {
		e := bare()
		e.put(key, "azure.keyvault.key", "payload", map[string]any{"key": map[string]any{"algorithm": algorithm}})
		if algorithm == "" {
			e.put(key, "azure.keyvault.key", "payload", nil)
		}
		x := e.build(t)
		var got []string
		for _, action := range []string{"encrypt", "decrypt", "sign", "verify", "wrap", "unwrap", "read", "delete", "update"} {
			_, err := x.Who(action, key)
			if refused := (*access.Refused)(nil); errors.As(err, &refused) {
				got = append(got, action)
			} else if err != nil {
				t.Errorf("%s with a key of the kind %q: %v", action, algorithm, err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("a key of the kind %q refuses %q, want %q", algorithm, got, want)
		}
	}
}

// TestNobodyPurgesWhatIsProtected is of vaults with purge protection, without, and of one of which it is not known.
func TestNobodyPurgesWhatIsProtected(t *testing.T) {
	for name, c := range map[string]struct {
		store map[string]any
		more  map[string]any
		want  bool
	}{
		"with purge protection":             {map[string]any{"rbac": true, "purge_protection": true}, nil, true},
		"without":                           {map[string]any{"rbac": true, "purge_protection": false}, nil, false},
		"of which it was not read":          {map[string]any{"rbac": true}, map[string]any{"unknown": []inventory.Unknown{{Fact: "store.purge_protection", Why: inventory.Denied}}}, false},
		"of which it was said and not read": {map[string]any{"rbac": true, "purge_protection": true}, map[string]any{"unknown": []inventory.Unknown{{Fact: "store", Why: inventory.Denied}}}, false},
	} {
		e := bare()
		vault := map[string]any{"store": c.store}
		maps.Copy(vault, c.more)
		e.put(shop, "azure.keyvault.vault", "shop", vault)
		x := e.build(t)
		for _, on := range []inventory.ID{key, secret} {
			_, err := x.Who("purge", on)
			refused := (*access.Refused)(nil)
			if is := errors.As(err, &refused); is != c.want || !is && err != nil {
				t.Errorf("a vault %s: purging %s gives %v", name, on, err)
			}
			if _, err := x.Who("delete", on); err != nil {
				t.Errorf("a vault %s: deleting %s gives %v", name, on, err)
			}
		}
	}
}
