package jwks

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/vault"
)

// A Caller makes one call to a Vault: a *vault.Connection.
type Caller interface {
	Call(ctx context.Context, method, path string, body any) (map[string]json.RawMessage, error)
}

// Transit reads every version of a Transit key that Vault itself still accepts: those from min_decryption_version to the latest. Raising
// min_decryption_version is what retires a version. It needs "read" on the path, MOUNT/keys/NAME.
//
// Vault signs with the latest version unless it is told a key_version.
func Transit(ctx context.Context, c Caller, path string, of Selection) ([]Key, error) {
	data, err := c.Call(ctx, http.MethodGet, path, nil)
	if vault.NotFound(err) {
		return nil, fmt.Errorf("read %s: there is no such key", of.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", of.ID, err)
	}
	keys, err := transitKeys(data, of)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", of.ID, err)
	}
	return keys, nil
}

func transitKeys(data map[string]json.RawMessage, of Selection) ([]Key, error) {
	var signs, gone bool
	if json.Unmarshal(data["supports_signing"], &signs) != nil {
		return nil, errors.New("the answer lacks whether it signs")
	}
	if !signs {
		return nil, errors.New("it is no asymmetric signing key, so there is no public key of it")
	}
	if raw, ok := data["soft_deleted"]; ok && (json.Unmarshal(raw, &gone) != nil || gone) { // of OpenBao
		return nil, errors.New("it is deleted, and can be restored")
	}
	var latest, floor, available int
	for field, to := range map[string]*int{"latest_version": &latest, "min_decryption_version": &floor, "min_available_version": &available} {
		if json.Unmarshal(data[field], to) != nil {
			return nil, fmt.Errorf("the answer lacks its %s", field)
		}
	}
	var versions map[string]struct {
		PublicKey string `json:"public_key"`
	}
	if json.Unmarshal(data["keys"], &versions) != nil {
		return nil, errors.New("the answer lacks its public keys")
	}
	var keys []Key
	for v := max(floor, available, 1); v <= latest; v++ {
		text := versions[strconv.Itoa(v)].PublicKey
		if text == "" {
			return nil, fmt.Errorf("the answer lacks the public key of version %d (a derived key has one for each context)", v)
		}
		public, err := transitPublic(text)
		if err != nil {
			return nil, fmt.Errorf("the public key of version %d: %w", v, err)
		}
		keys = append(keys, Key{From: fmt.Sprintf("%s version %d", of.ID, v), Public: public, Alg: of.Alg})
	}
	if len(keys) == 0 {
		return nil, errors.New("it has no version that is accepted")
	}
	return keys, nil
}

// transitPublic reads a public key as Vault writes it: PEM, or 32 bytes in base64 where it is one of Ed25519.
func transitPublic(text string) (crypto.PublicKey, error) {
	if strings.HasPrefix(text, "-----BEGIN") {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return nil, errors.New("its PEM is cut off")
		}
		return x509.ParsePKIXPublicKey(block.Bytes)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errors.New("it is neither PEM nor an Ed25519 key in base64")
	}
	return ed25519.PublicKey(raw), nil
}
