package vault_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// peer is a real Vault.
type peer struct {
	t              *testing.T
	address, token string
}

func realVault(t *testing.T) *peer {
	server, err := vaultserver.Start(context.Background(), vaultserver.Need(t), t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &peer{t, server.Address, server.Token}
}

// ask makes a call, "METHOD PATH", and returns what it answers; ok is whether it succeeded.
func (p *peer) ask(token, call string, body any) (answer map[string]any, ok bool) {
	p.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	var sent io.Reader = bytes.NewReader(text)
	if body == nil {
		sent = nil
	}
	req, err := http.NewRequest(method, p.address+"/v1/"+path, sent)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("X-Vault-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil && err != io.EOF {
		p.t.Fatalf("%s: %d %v", call, resp.StatusCode, err)
	}
	return answer, resp.StatusCode < 300
}

// must makes a call as root that has to succeed.
func (p *peer) must(call string, body any) map[string]any {
	p.t.Helper()
	answer, ok := p.ask(p.token, call, body)
	if !ok {
		p.t.Fatalf("%s: %v", call, answer)
	}
	return answer
}

type fields map[string]any

// call is a request as a client makes it.
type call struct {
	call string
	body any
}

// publicKey is what somebody brings who keeps the private half.
func publicKey(t *testing.T) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// Each option of the actions does in a real Vault what it is said to, and without one of its requests it does not.
func TestOptionsOfVault(t *testing.T) {
	p := realVault(t)
	config := func(key string) call {
		return call{"POST transit/keys/" + key + "/config", fields{"exportable": true, "allow_plaintext_backup": true, "deletion_allowed": true}}
	}
	value := call{"POST secret/data/app", fields{"data": fields{"k": "v"}}}
	export := func(end string) call { return call{"GET transit/export/encryption-key/" + end, nil} }
	for name, c := range map[string]struct {
		policy string
		calls  []call // the last is the one that counts; those before it may fail
		want   bool
	}{
		"all versions":                             {rule("transit/export/encryption-key/old", "read"), []call{export("old")}, true},
		"a version spelled with a v":               {rule("transit/export/encryption-key/old/v4", "read"), []call{export("old/v4")}, true},
		"a version spelled with a 0":               {rule("transit/export/encryption-key/old/04", "read"), []call{export("old/04")}, true},
		"a version that may not be decrypted with": {rule("transit/export/encryption-key/old/2", "read"), []call{export("old/2")}, false},
		"a version that there is not yet":          {rule("transit/export/encryption-key/old/31", "read"), []call{export("old/31")}, false},
		"a type that the key is not of":            {rule("transit/export/+/old", "read"), []call{{"GET transit/export/signing-key/old", nil}}, false},
		"a key that does not leave":                {rule("transit/export/+/app", "read"), []call{config("app"), export("app")}, false},
		"a key that is let out first":              {rule("transit/export/+/app", "read") + rule("transit/keys/app/config", "update"), []call{config("app"), export("app")}, true},
		"wrapped for a key that is there":          {rule("transit/byok-export/wrap/old", "read"), []call{{"GET transit/byok-export/wrap/old", nil}}, true},
		"wrapped, one version":                     {rule("transit/byok-export/wrap/old/4", "read"), []call{{"GET transit/byok-export/wrap/old/4", nil}}, true},
		"wrapped for a key that wraps nothing":     {rule("transit/byok-export/app/old", "read"), []call{{"GET transit/byok-export/app/old", nil}}, false},
		"wrapped for a key that is brought": {
			rule("transit/byok-export/mine/old", "read") + rule("transit/keys/mine/import", "update"),
			[]call{{"POST transit/keys/mine/import", fields{"public_key": publicKey(t), "type": "rsa-2048"}}, {"GET transit/byok-export/mine/old", nil}},
			true,
		},
		"wrapped, a key that does not leave": {rule("transit/byok-export/wrap/app", "read"), []call{{"GET transit/byok-export/wrap/app", nil}}, false},
		"a backup needs both settings":       {rule("transit/backup/old", "read"), []call{{"GET transit/backup/old", nil}}, false},
		"a backup after the settings":        {rule("transit/backup/app", "read") + rule("transit/keys/app/config", "update"), []call{config("app"), {"GET transit/backup/app", nil}}, true},
		"deletion that is not allowed":       {rule("transit/keys/app", "delete"), []call{{"DELETE transit/keys/app", nil}}, false},
		"deletion after the settings":        {rule("transit/keys/app", "delete") + rule("transit/keys/app/config", "update"), []call{config("app"), {"DELETE transit/keys/app", nil}}, true},
		"an old version of a secret":         {rule("secret/data/rotated", "read"), []call{{"GET secret/data/rotated?version=1", nil}}, true},
		"a secret without a version to read": {rule("secret/data/gone", "read"), []call{{"GET secret/data/gone?version=2", nil}}, false},
		"a secret that is undeleted first":   {rule("secret/data/gone", "read") + rule("secret/undelete/gone", "update"), []call{{"POST secret/undelete/gone", fields{"versions": []int{2}}}, {"GET secret/data/gone?version=2", nil}}, true},
		"a destroyed version":                {rule("secret/data/gone", "read") + rule("secret/undelete/gone", "update"), []call{{"POST secret/undelete/gone", fields{"versions": []int{1}}}, {"GET secret/data/gone?version=1", nil}}, false},
		"writing asks for update":            {rule("secret/data/app", "create"), []call{value}, false},
		"writing what was deleted":           {rule("secret/data/gone", "update"), []call{{"POST secret/data/gone", fields{"data": fields{"k": "v"}}}}, true},
		"creating what was deleted":          {rule("secret/data/gone", "create"), []call{{"POST secret/data/gone", fields{"data": fields{"k": "v"}}}}, false},
		"creating anew":                      {rule("secret/data/app", "create") + rule("secret/metadata/app", "delete"), []call{{"DELETE secret/metadata/app", nil}, value}, true},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.fill()
			p.must("POST sys/policies/acl/p", fields{"policy": c.policy})
			token := p.must("POST auth/token/create", fields{"policies": []string{"p"}})["auth"].(map[string]any)["client_token"].(string)
			var answer map[string]any
			got := false
			for _, one := range c.calls {
				answer, got = p.ask(token, one.call, one.body)
			}
			if got != c.want {
				t.Errorf("%t, want %t: %v", got, c.want, answer["errors"])
			}
		})
	}
}

// fill makes the engines anew: a key that does not leave, an exportable one with 30 versions of which those from 3 are of use, one that
// others are wrapped for, and secrets with two versions.
func (p *peer) fill() {
	p.t.Helper()
	for mount, body := range map[string]fields{"transit": {"type": "transit"}, "secret": {"type": "kv-v2"}} {
		p.must("DELETE sys/mounts/"+mount, nil)
		p.must("POST sys/mounts/"+mount, body)
	}
	p.must("POST transit/keys/app", nil)
	p.must("POST transit/keys/wrap", fields{"type": "rsa-2048"})
	p.must("POST transit/keys/old", fields{"exportable": true})
	for range 29 {
		p.must("POST transit/keys/old/rotate", nil)
	}
	p.must("POST transit/keys/old/config", fields{"min_decryption_version": 3})
	for _, name := range []string{"app", "rotated", "gone"} {
		for range 2 {
			for {
				if _, ok := p.ask(p.token, "POST secret/data/"+name, fields{"data": fields{"k": "v"}}); ok {
					break // the engine takes a moment to get ready
				}
			}
		}
	}
	p.must("DELETE secret/data/rotated", nil)
	p.must("DELETE secret/data/gone", nil)
	p.must("POST secret/destroy/gone", fields{"versions": []int{1}})
}
