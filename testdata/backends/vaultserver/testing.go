package vaultserver

import (
	"os"
	"testing"
)

// peersEnv, set to 1, lets tests make long builds.
const peersEnv = "KEYREEVE_PEERS"

// Need returns the built server for a test. Where KEYREEVE_PEERS=1 it is built when it is missing; otherwise a test that would have to wait
// minutes for it is skipped.
func Need(t testing.TB) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	binary, there, err := Cached(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if there {
		return binary
	}
	if os.Getenv(peersEnv) != "1" {
		t.Skip("the real Vault server is not built yet; make demo or make test-peers builds it (minutes, once)")
	}
	if binary, err = Build(t.Context(), root, func(line string) { t.Log(line) }); err != nil {
		t.Fatal(err)
	}
	return binary
}
