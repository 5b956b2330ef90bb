package vaultfake

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// sign answers POST sign/NAME with a signature that the public key of the version verifies. Of its many parameters it knows those that tokens need:
// input, key_version, marshaling_algorithm and signature_algorithm; the hash goes by the curve, and for RSA it is SHA-256.
func (s *Server) sign(r *http.Request, m *Mount, name string, rt *route) {
	rt.call = "POST TRANSIT/sign/NAME"
	var body struct {
		Input      []byte `json:"input"`
		Version    int    `json:"key_version"`
		Marshaling string `json:"marshaling_algorithm"`
		Algorithm  string `json:"signature_algorithm"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	rt.handle = func(*Namespace, *Token) reply {
		var k *TransitKey
		for i := range m.Keys {
			if m.Keys[i].Name == name {
				k = &m.Keys[i]
			}
		}
		switch {
		case err != nil:
			return failed(http.StatusBadRequest, "the body cannot be read")
		case k == nil:
			return failed(http.StatusBadRequest, "signing key not found")
		case !signing[k.Type]:
			return failed(http.StatusBadRequest, "key type "+k.Type+" does not support signing")
		}
		version := body.Version
		switch {
		case version == 0:
			version = len(k.Versions)
		case version > len(k.Versions):
			return failed(http.StatusBadRequest, "requested version for signing is higher than the latest key version")
		case version < max(k.MinEncryption, k.MinDecryption, 1):
			return failed(http.StatusBadRequest, "requested version for signing is less than the minimum encryption key version")
		}
		signature, err := signature(k.material(version), body.Input, body.Marshaling, body.Algorithm)
		if err != nil {
			return failed(http.StatusBadRequest, err.Error())
		}
		return s.wrapped(object{"signature": fmt.Sprintf("vault:v%d:%s", version, signature), "key_version": version}, m.Type)
	}
}

// signature signs and marshals: as ASN.1 in base64, or as JWS (RFC 7518) in base64url.
func signature(key crypto.Signer, input []byte, marshaling, algorithm string) (string, error) {
	encoding := base64.StdEncoding
	if marshaling == "jws" {
		encoding = base64.RawURLEncoding
	}
	digest, hash := input, crypto.Hash(0)
	var opts crypto.SignerOpts = hash
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		hash = map[int]crypto.Hash{256: crypto.SHA256, 384: crypto.SHA384, 521: crypto.SHA512}[k.Params().BitSize]
		digest = sum(hash, input)
		if marshaling == "jws" {
			r, s, err := ecdsa.Sign(rand.Reader, k, digest)
			if err != nil {
				return "", err
			}
			size := (k.Params().BitSize + 7) / 8
			both := make([]byte, 2*size)
			r.FillBytes(both[:size])
			s.FillBytes(both[size:])
			return encoding.EncodeToString(both), nil
		}
		opts = hash
	case *rsa.PrivateKey:
		digest, opts = sum(crypto.SHA256, input), crypto.SHA256
		if algorithm != "pkcs1v15" {
			opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: crypto.SHA256}
		}
	}
	made, err := key.Sign(rand.Reader, digest, opts)
	return encoding.EncodeToString(made), err
}

func sum(h crypto.Hash, input []byte) []byte {
	sum := h.New()
	sum.Write(input)
	return sum.Sum(nil)
}

// material is the private key of a version. It follows from the key's name and the version, so that it stays the same without being kept. RSA
// keys take long to make: those of one size and version are one.
func (k *TransitKey) material(version int) crypto.Signer {
	seed := sha512.Sum512([]byte("fake " + k.Name + " " + strconv.Itoa(version)))
	switch k.Type {
	case "ed25519":
		return ed25519.NewKeyFromSeed(seed[:ed25519.SeedSize])
	case "ecdsa-p256", "ecdsa-p384", "ecdsa-p521":
		curve := map[string]elliptic.Curve{"ecdsa-p256": elliptic.P256(), "ecdsa-p384": elliptic.P384(), "ecdsa-p521": elliptic.P521()}[k.Type]
		scalar := make([]byte, (curve.Params().BitSize+7)/8)
		copy(scalar[len(scalar)-sha256.Size:], seed[:sha256.Size])
		scalar[len(scalar)-sha256.Size] &= 0x7f // below the order of P-256
		key, err := ecdsa.ParseRawPrivateKey(curve, scalar)
		if err != nil {
			panic(err) // of a hash that is zero
		}
		return key
	}
	bits, err := strconv.Atoi(strings.TrimPrefix(k.Type, "rsa-"))
	if err != nil {
		panic(err) // a type of the table signing that has no material here
	}
	return rsaKey(bits, version)
}

var rsaKeys sync.Map // by bits and version

func rsaKey(bits, version int) *rsa.PrivateKey {
	at := [2]int{bits, version}
	if k, ok := rsaKeys.Load(at); ok {
		return k.(*rsa.PrivateKey)
	}
	made, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err) // no such size
	}
	k, _ := rsaKeys.LoadOrStore(at, made)
	return k.(*rsa.PrivateKey)
}

// publicKey is the public half as Vault writes it; a derived key has one for each context, and shows none.
func (k *TransitKey) publicKey(version int) string {
	if k.Derived {
		return ""
	}
	public := k.material(version).Public()
	if raw, ok := public.(ed25519.PublicKey); ok {
		return base64.StdEncoding.EncodeToString(raw)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err) // kinds that x509 knows
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
