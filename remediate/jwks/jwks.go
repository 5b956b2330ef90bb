// Package jwks renders the public keys that have to be accepted now as a JSON Web Key Set (RFC 7517): those of signing keys of Vault Transit and
// of AWS KMS, the new, the current and the retiring ones.
//
// It only reads, and it decides nothing: a key leaves the set when it is retired where it is kept. What was not read is an error and never a key
// less, since a set that lacks a key logs out everybody whose token that key signed.
package jwks

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4" // JWK and its thumbprints, as those who verify read them; package approval verifies tokens with it
)

// A Key is a public key that is accepted.
type Key struct {
	From   string           // where it is kept, for people: "vault:eu/root/transit/keys/jwt version 3"
	Public crypto.PublicKey // *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
	Alg    string           // of JWA (RFC 7518, RFC 8037); empty where the kind of key leaves no choice
}

// A Set is a key set, sorted by kid, so that the same keys are the same bytes.
type Set struct{ Keys []Named }

// Named is a key with its kid: the SHA-256 thumbprint of RFC 7638, which follows from the public key alone.
type Named struct {
	KID, Alg string
	From     []string // one public key may be selected in two ways
	jwk      jose.JSONWebKey
}

// rsaAlgs are what an RSA key may be used for. The key does not tell which, and a verifier refuses what is not the stated one.
var rsaAlgs = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}

// curveAlgs is the one algorithm of an elliptic curve, by the curve's name.
var curveAlgs = map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}

// NewSet names keys and sorts them. An error says which key cannot be in a set, and why.
func NewSet(keys []Key) (*Set, error) {
	s := &Set{}
	for _, k := range keys {
		alg, err := k.alg()
		if err != nil {
			return nil, err
		}
		jwk := jose.JSONWebKey{Key: k.Public, Use: "sig", Algorithm: alg}
		print, err := jwk.Thumbprint(crypto.SHA256)
		if err != nil || !jwk.Valid() || !jwk.IsPublic() {
			return nil, fmt.Errorf("%s: it is no public key that a JWKS can hold", k.From)
		}
		jwk.KeyID = base64.RawURLEncoding.EncodeToString(print)
		i, there := slices.BinarySearchFunc(s.Keys, jwk.KeyID, func(n Named, kid string) int { return cmp.Compare(n.KID, kid) })
		switch {
		case !there:
			s.Keys = slices.Insert(s.Keys, i, Named{KID: jwk.KeyID, Alg: alg, From: []string{k.From}, jwk: jwk})
		case s.Keys[i].Alg != alg:
			return nil, fmt.Errorf("%s is for %s, and it is the same key as %s, which is for %s", k.From, alg, s.Keys[i].From[0], s.Keys[i].Alg)
		case !slices.Contains(s.Keys[i].From, k.From):
			s.Keys[i].From = append(s.Keys[i].From, k.From)
		}
	}
	return s, nil
}

// alg is the algorithm that a key is stated for, or the only one it can have.
func (k Key) alg() (string, error) {
	var may []string
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		may = []string{"EdDSA"}
	case *ecdsa.PublicKey:
		may = []string{curveAlgs[public.Curve.Params().Name]}
	case *rsa.PublicKey:
		may = rsaAlgs
		if k.Alg == "" {
			return "", fmt.Errorf("%s is an RSA key, which does not tell whether it signs as RS256 or PS256; write =RS256 (PKCS #1 v1.5) or =PS256 (PSS) behind its ID", k.From)
		}
	}
	switch {
	case len(may) == 0 || may[0] == "":
		return "", fmt.Errorf("%s: a JWKS holds RSA keys, those of P-256, P-384 and P-521, and Ed25519; it is none of them", k.From)
	case k.Alg == "":
		return may[0], nil
	case !slices.Contains(may, k.Alg):
		return "", fmt.Errorf("%s cannot sign as %s; it can as %s", k.From, k.Alg, strings.Join(may, ", "))
	}
	return k.Alg, nil
}

// Bytes is the document: indented JSON with a line feed at its end.
func (s *Set) Bytes() ([]byte, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range s.Keys {
		set.Keys = append(set.Keys, k.jwk)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	if err := e.Encode(set); err != nil {
		return nil, fmt.Errorf("write the key set as JSON: %w", err)
	}
	return b.Bytes(), nil
}

// KIDs lists the kids of a document that was written earlier.
func KIDs(document []byte) ([]string, error) {
	var set struct {
		Keys []struct {
			KID string `json:"kid"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil {
		return nil, fmt.Errorf("it is no key set: %w", err)
	}
	var kids []string
	for _, k := range set.Keys {
		kids = append(kids, k.KID)
	}
	return kids, nil
}

// A Selection names a key whose public halves go into the set, by its ID in an inventory, and the algorithm it signs with.
type Selection struct{ ID, Alg string }

// ParseSelection reads ID or ID=ALG.
func ParseSelection(text string) (Selection, error) {
	id, alg, stated := strings.Cut(text, "=")
	if id == "" || stated && alg == "" {
		return Selection{}, fmt.Errorf("%q names no key; write ID or ID=ALG", text)
	}
	return Selection{id, alg}, nil
}
