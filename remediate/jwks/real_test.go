package jwks_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/jwks"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// A real Vault signs with every version that it still accepts, and the set verifies just these.
func TestSetVerifiesWhatVaultSigns(t *testing.T) {
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
	call := func(method, path string, body any) map[string]json.RawMessage {
		t.Helper()
		data, err := conn.Call(t.Context(), method, path, body)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return data
	}
	call(http.MethodPost, "sys/mounts/signing", map[string]string{"type": "transit"})
	render := func(path, alg string) jose.JSONWebKeySet {
		t.Helper()
		keys, err := jwks.Transit(t.Context(), conn, path, jwks.Selection{ID: path, Alg: alg})
		if err != nil {
			t.Fatal(err)
		}
		s, err := jwks.NewSet(keys)
		if err != nil {
			t.Fatal(err)
		}
		text, err := s.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(text, &set); err != nil {
			t.Fatal(err)
		}
		return set
	}
	for _, c := range []struct{ typ, alg, padding string }{
		{"ed25519", "EdDSA", ""}, {"ecdsa-p256", "ES256", ""}, {"ecdsa-p384", "ES384", ""}, {"ecdsa-p521", "ES512", ""}, {"rsa-2048", "RS256", "pkcs1v15"}, {"rsa-2048", "PS256", "pss"},
	} {
		t.Run(c.typ+" "+c.alg, func(t *testing.T) {
			name := strings.ToLower(c.alg)
			path := "signing/keys/" + name
			// token has the version sign, under a kid that is found in the set that is valid then.
			token := func(version int, set jose.JSONWebKeySet) string {
				t.Helper()
				for _, k := range set.Keys {
					head, err := json.Marshal(map[string]string{"alg": c.alg, "kid": k.KeyID})
					if err != nil {
						t.Fatal(err)
					}
					text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"somebody"}`))
					body := map[string]any{"input": []byte(text), "key_version": version, "marshaling_algorithm": "jws", "salt_length": "hash"}
					if c.padding != "" {
						body["signature_algorithm"] = c.padding
					}
					hash := map[string]string{"ES384": "/sha2-384", "ES512": "/sha2-512"}[c.alg]
					signature := strings.Trim(string(call(http.MethodPost, "signing/sign/"+name+hash, body)["signature"]), `"`)
					text += "." + signature[strings.LastIndexByte(signature, ':')+1:]
					if verifies(t, set, text) {
						return text
					}
				}
				t.Fatalf("no key of the set verifies what version %d signed", version)
				return ""
			}
			call(http.MethodPost, path, map[string]string{"type": c.typ})
			old := token(1, render(path, c.alg))
			call(http.MethodPost, path+"/rotate", nil)
			both := render(path, c.alg)
			fresh := token(2, both)
			if len(both.Keys) != 2 || !verifies(t, both, old) {
				t.Errorf("after a rotation the set has %d keys and no longer verifies the old version", len(both.Keys))
			}
			call(http.MethodPost, path+"/config", map[string]any{"min_decryption_version": 2})
			after := render(path, c.alg)
			if verifies(t, after, old) || !verifies(t, after, fresh) || len(after.Keys) != 1 {
				t.Errorf("after version 1 was retired the set has %d keys; it verifies the old %v, the new %v", len(after.Keys), verifies(t, after, old), verifies(t, after, fresh))
			}
			public := after.Keys[0]
			if print, err := public.Thumbprint(crypto.SHA256); err != nil || base64.RawURLEncoding.EncodeToString(print) != public.KeyID || public.Use != "sig" || public.Algorithm != c.alg {
				t.Errorf("the key is %+v", public)
			}
		})
	}
	t.Run("derived", func(t *testing.T) {
		call(http.MethodPost, "signing/keys/derived", map[string]any{"type": "ed25519", "derived": true})
		if keys, err := jwks.Transit(t.Context(), conn, "signing/keys/derived", jwks.Selection{ID: "derived"}); err == nil {
			t.Errorf("%v", keys)
		}
	})
}

// verifies reports whether a set verifies a token by the kid in its header.
func verifies(t *testing.T, set jose.JSONWebKeySet, token string) bool {
	t.Helper()
	parsed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.ES384, jose.ES512, jose.RS256, jose.PS256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := parsed.Verify(set)
	return err == nil && bytes.Contains(payload, []byte("somebody"))
}
