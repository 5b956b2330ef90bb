package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/rogpeppe/go-internal/testscript"
)

// An issuer gives out identity tokens, as a CI system does.
type issuer struct {
	url string
	key *ecdsa.PrivateKey
	kid string
}

// issuerCommand starts an issuer, sets ISSUER and writes its certificate to ca.pem; started again, it has another key: issuer KID.
func issuerCommand(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.issuer != nil {
		s.issuer.key, s.issuer.kid = key, args[0]
		return
	}
	s.issuer = &issuer{key: key, kid: args[0]}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		i := *s.issuer
		s.mu.Unlock()
		var answer any
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			answer = map[string]string{"issuer": i.url, "jwks_uri": i.url + "/keys"}
		case "/keys":
			answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: i.kid, Use: "sig", Algorithm: "ES256"}}}
		default:
			http.NotFound(w, r)
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	ts.Defer(server.Close)
	s.issuer.url = server.URL
	ts.Setenv("ISSUER", server.URL)
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o644))
}

// token writes an identity token that lives five minutes: token FILE AUDIENCE-FILE [CLAIM=VALUE...].
func token(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	now := s.clock()
	audience := strings.TrimSpace(ts.ReadFile(args[1]))
	claims := map[string]any{"iss": s.issuer.url, "aud": audience, "sub": "job", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
	for _, a := range args[2:] {
		name, v, _ := strings.Cut(a, "=")
		claims[name] = v
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: s.issuer.key, KeyID: s.issuer.kid}}, nil)
	ts.Check(err)
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+"\n"), 0o600))
}
