package vault

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestTLS(t *testing.T) {
	fake := vaultfake.New(loginEstate(), vaultfake.Options{})
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	options := Options{Env: func(string) string { return "root-token" }}

	trusted := readAll(t, Config{Name: "eu", Address: server.URL, CAFile: ca}, options)
	if len(trusted.ofType("vault.transit.key")) != 1 {
		t.Errorf("with its certificate authority, the server gives %v", trusted.gaps)
	}
	untrusted := readAll(t, Config{Name: "eu", Address: server.URL}, options)
	if gap := untrusted.gap(t, "anything"); gap.Why != inventory.Unreachable || !strings.HasPrefix(gap.Err, "TLS: ") || !strings.Contains(gap.Hint, "ca_file") {
		t.Errorf("without it: %+v", gap)
	}
	plain := httptest.NewServer(fake)
	t.Cleanup(plain.Close)
	speechless := readAll(t, Config{Name: "eu", Address: strings.Replace(plain.URL, "http:", "https:", 1)}, options)
	if gap := speechless.gap(t, "anything"); !strings.Contains(gap.Err, "TLS") || !strings.Contains(gap.Hint, "http://") {
		t.Errorf("a server without TLS: %+v", gap)
	}
	// What the plain server saw came with a configuration that may send to it; nothing was sent by the two above.
	if calls := fake.Calls()[readHealth.Name]; calls != 1 {
		t.Errorf("%d calls arrived, want those of the trusted connection alone", calls)
	}
}

// A server that is no Vault, such as a proxy with a page for everything, is one gap about the address, not six about permissions.
func TestNotAVault(t *testing.T) {
	server := httptest.NewServer(pageForEverything{})
	t.Cleanup(server.Close)
	got := readAll(t, Config{Name: "eu", Address: server.URL, Emulated: true}, Options{Env: func(string) string { return "x" }})
	if gap := got.gap(t, "anything"); gap.Why != inventory.Unreadable || !strings.Contains(gap.Hint, "check the address") || len(got.gaps) != 1 || len(got.resources) > 0 {
		t.Errorf("got the gaps %+v and %d resources", got.gaps, len(got.resources))
	}
}
