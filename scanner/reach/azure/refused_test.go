package azure_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
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
