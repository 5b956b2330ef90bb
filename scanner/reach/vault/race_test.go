package vault_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/access"
)

// Several may ask at once, and are answered alike; see "go test -race".
func TestFoundAtOnce(t *testing.T) {
	snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "a", "b")},
		Policies: map[string]string{"a": rule("transit/*", "update") + rule("sys/policies/acl/a", "update"), "b": rule("transit/decrypt/*", "deny") + rule("secret/data/app", "read")},
	}})
	e := build(t, snap)
	var group sync.WaitGroup
	answers := make([][]access.Found, 8)
	for i := range answers {
		group.Go(func() {
			for j := range snap.Resources {
				answers[i] = append(answers[i], e.Found(&snap.Resources[j]))
				_, _ = e.Explain("app", "decrypt", "vault:eu/root/transit/keys/app")
			}
		})
	}
	group.Wait()
	for _, other := range answers[1:] {
		if d := cmp.Diff(answers[0], other); d != "" {
			t.Error(d)
		}
	}
}
