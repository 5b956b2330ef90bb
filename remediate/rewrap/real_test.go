package rewrap_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/rewrap"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// A real Vault decrypts what comes out to what went in, with the old versions retired.
func TestVaultDecryptsWhatWasRewrapped(t *testing.T) {
	server, err := vaultserver.Start(context.Background(), vaultserver.Need(t), t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	conn, err := vault.Connect(t.Context(), vault.Config{Name: "test", Address: server.Address, Emulated: true, Budget: vault.Budget{RPS: 1e6}}, vault.Options{Env: func(string) string { return server.Token }}, "")
	if err != nil {
		t.Fatal(err)
	}
	call := func(path string, body any) map[string]json.RawMessage {
		t.Helper()
		data, err := conn.Call(t.Context(), http.MethodPost, path, body)
		if err != nil {
			t.Fatalf("POST %s: %v", path, err)
		}
		return data
	}
	text := func(raw json.RawMessage) (s string) {
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	call("sys/mounts/stored", map[string]string{"type": "transit"})
	rewrapped := func(t *testing.T, key, in string, keep bool) (string, rewrap.Counts, error) {
		t.Helper()
		out := filepath.Join(t.TempDir(), "out")
		var told []string
		j := &rewrap.Job{
			Key: rewrap.Transit{Vault: conn, Key: "stored/keys/" + key}, In: strings.NewReader(in), Out: out, Batch: 7, KeepGoing: keep,
			Progress: func(int, int64) {}, Refused: func(e rewrap.ItemError) { told = append(told, e.Error()) },
		}
		counts, err := j.Run(t.Context())
		if err == nil {
			data, readErr := os.ReadFile(out)
			if readErr != nil {
				t.Fatal(readErr)
			}
			return string(data) + strings.Join(told, "\n"), counts, nil
		}
		return "", counts, err
	}
	for name, make := range map[string]map[string]any{
		"aes": {"type": "aes256-gcm96"}, "rsa": {"type": "rsa-2048"}, "derived": {"type": "aes256-gcm96", "derived": true}, "convergent": {"type": "aes256-gcm96", "derived": true, "convergent_encryption": true},
	} {
		t.Run(name, func(t *testing.T) {
			call("stored/keys/"+name, make)
			var in strings.Builder
			for i := range 20 {
				body := map[string]any{"plaintext": fmt.Appendf(nil, "payload %d", i)}
				row := map[string]any{"id": i}
				if make["derived"] == true {
					body["context"] = fmt.Appendf(nil, "tenant %d", i%3)
					row["context"] = body["context"]
				}
				row["ciphertext"] = text(call("stored/encrypt/"+name, body)["ciphertext"])
				line, err := json.Marshal(row)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&in, "%s\n", line)
				if i == 9 {
					call("stored/keys/"+name+"/rotate", nil)
				}
			}
			call("stored/keys/"+name+"/rotate", nil)
			out, counts, err := rewrapped(t, name, in.String(), false)
			if want := (rewrap.Counts{Lines: 20, Rewrapped: 20, Latest: 3}); err != nil || counts != want {
				t.Fatalf("%+v, %v", counts, err)
			}
			call("stored/keys/"+name+"/config", map[string]any{"min_decryption_version": 3, "min_encryption_version": 3})
			for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
				var row map[string]any
				if err := json.Unmarshal([]byte(line), &row); err != nil {
					t.Fatal(err)
				}
				plain, err := base64.StdEncoding.DecodeString(text(call("stored/decrypt/"+name, row)["plaintext"]))
				if err != nil || string(plain) != fmt.Sprintf("payload %d", i) || row["id"] != float64(i) {
					t.Errorf("line %d holds %q (%v)", i, plain, err)
				}
			}
			if _, _, err := rewrapped(t, name, in.String(), false); err == nil || !strings.Contains(err.Error(), "line 1 (id 0): ") || !strings.Contains(err.Error(), "too old") {
				t.Errorf("after the old versions were retired: %v", err)
			}
		})
	}
	t.Run("what Vault refuses is refused item by item", func(t *testing.T) {
		call("stored/keys/other", nil)
		call("stored/keys/other/rotate", nil)
		good := text(call("stored/encrypt/other", map[string]any{"plaintext": []byte("payload"), "key_version": 1})["ciphertext"])
		in := strings.Join([]string{good, "vault:v1:bm90IG1hZGUgYnkgdGhpcyBrZXkgYXQgYWxs", "vault:v1:A", "vault:v9:YQ==", good}, "\n")
		out, counts, err := rewrapped(t, "other", in, true)
		if want := (rewrap.Counts{Lines: 5, Rewrapped: 2, Older: 3, Latest: 2}); err != nil || counts != want || strings.Count(out, "vault:v2:") != 2 {
			t.Errorf("%+v, %v:\n%s", counts, err, out)
		}
		for _, line := range []string{"line 2: ", "line 3: ", "line 4: "} {
			if !strings.Contains(out, line) {
				t.Errorf("nobody was told of %s", line)
			}
		}
	})
}
