package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"flag"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/ledger"
)

// What scripts of jwks need: back ends that sign, and somebody who verifies.

const (
	account = "111122223333"
	region  = "eu-west-1"
	kmsKeys = "arn:aws:kms:" + region + ":" + account + ":key/"
)

// startKMS starts a fake KMS that holds the keys one, two, three (Ed25519), ec (P-256), rsa and secret (HMAC), and sets AWS_ENDPOINT_URL. Another start gives
// the same keys in another state:
//
//	kms [-alias KEY] [-disabled KEY,KEY] [-deny KEY]
//
// The alias alias/session leads to one unless it is said otherwise.
func startKMS(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("kms", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	alias := flags.String("alias", "one", "")
	disabled := flags.String("disabled", "", "")
	deny := flags.String("deny", "", "")
	ts.Check(flags.Parse(args))
	fake := awsfake.New(sceneOf(ts).clock)
	a := fake.Account(account)
	a.AddAccessKey("AKIASCRIPT")
	specs := map[string]types.KeySpec{
		"ec": types.KeySpecEccNistP256, "rsa": types.KeySpecRsa2048, "secret": types.KeySpecHmac256, "one": "", "two": "", "three": "",
	}
	for name, spec := range specs {
		k := awsfake.Key{ID: name, Spec: spec}
		if spec == "" {
			k.Spec = types.KeySpecEccNistEdwards25519
		}
		if name == *alias {
			k.Aliases = []string{"alias/session"}
		}
		if strings.Contains(","+*disabled+",", ","+name+",") {
			k.State = types.KeyStateDisabled
		}
		if name == *deny {
			k.Deny = []string{"GetPublicKey"}
		}
		a.Region(region).AddKey(k)
	}
	server := httptest.NewServer(fake)
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIASCRIPT")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "not checked")
}

// otherKinds are keys of the other kinds that sign, and derived ones: vault -kinds.
func otherKinds(made time.Time) []vaultfake.TransitKey {
	once := []time.Time{made}
	return []vaultfake.TransitKey{
		{Name: "p256", Type: "ecdsa-p256", Versions: once},
		{Name: "p384", Type: "ecdsa-p384", Versions: once},
		{Name: "p521", Type: "ecdsa-p521", Versions: once},
		{Name: "rsa", Type: "rsa-2048", Versions: once},
		{Name: "derived", Type: "ed25519", Versions: once, Derived: true},
		{Name: "derived-payload", Type: "aes256-gcm96", Versions: []time.Time{made, made}, Derived: true},
	}
}

// rolled writes to the ledger that a rotation made a KMS key in the place of another, and with "done" that it ended: rolled OLD NEW [done].
func rolled(ts *testscript.TestScript, neg bool, args []string) {
	ctx := context.Background()
	w, err := ledger.Open(ctx, ledger.Folder(ts.MkAbs("ledger")), "a test", sceneOf(ts).clock)
	ts.Check(err)
	e := format.Entry{Kind: format.Outcome, Plan: "sha256:test", Rotation: "session-1", Step: "create", Resource: kmsKeys + args[0], Facts: map[string]string{
		"act": "create", "result": "done", "stage": "CREATED", "known.new": kmsKeys + args[1],
	}}
	if len(args) > 2 {
		e.Step, e.Facts = "check", map[string]string{"result": "done", "stage": "DONE"}
	}
	_, err = w.Append(ctx, e)
	ts.Check(err)
	ts.Check(w.Close())
}

// transit writes to the fake Vault as somebody else would: transit rotate KEY, transit floor KEY N.
func transit(ts *testscript.TestScript, neg bool, args []string) {
	ask(ts, http.MethodPost, "transit/keys/"+args[1]+map[string]string{"rotate": "/rotate", "floor": "/config"}[args[0]], map[string]any{"min_decryption_version": number(args, 2)})
}

func number(args []string, at int) any {
	if len(args) <= at {
		return nil
	}
	n, _ := strconv.Atoi(args[at])
	return n
}

// ask makes a call to the fake Vault with the reader's token, which may do everything, and returns its data.
func ask(ts *testscript.TestScript, method, path string, body any) map[string]any {
	text, err := json.Marshal(body)
	ts.Check(err)
	req, err := http.NewRequest(method, ts.Getenv("VAULT_ADDR")+"/v1/"+path, bytes.NewReader(text))
	ts.Check(err)
	req.Header.Set("X-Vault-Token", "hvs.reader")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	var answer struct {
		Data   map[string]any
		Errors []string
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(&answer))
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s %s: %d %v", method, path, resp.StatusCode, answer.Errors)
	}
	return answer.Data
}

// makeToken has a back end sign a token, as the program that issues tokens would: it finds the kid from the public key, and the back end makes
// the signature. sign FILE ALG vault KEY VERSION, or sign FILE ALG kms KEY.
func makeToken(ts *testscript.TestScript, neg bool, args []string) {
	file, alg := args[0], args[1]
	head := func(public any) string {
		print, err := (&jose.JSONWebKey{Key: public}).Thumbprint(crypto.SHA256)
		ts.Check(err)
		text, err := json.Marshal(map[string]string{"alg": alg, "kid": base64.RawURLEncoding.EncodeToString(print)})
		ts.Check(err)
		return base64.RawURLEncoding.EncodeToString(text) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"somebody"}`))
	}
	var token string
	if args[2] == "vault" {
		key, version := "transit/keys/"+args[3], args[4]
		text := ask(ts, http.MethodGet, key, nil)["keys"].(map[string]any)[version].(map[string]any)["public_key"].(string)
		token = head(publicKey(ts, text))
		body := map[string]any{"input": []byte(token), "key_version": number(args, 4), "marshaling_algorithm": "jws"}
		if alg[0] == 'R' {
			body["signature_algorithm"] = "pkcs1v15"
		}
		signature := ask(ts, http.MethodPost, "transit/sign/"+args[3], body)["signature"].(string)
		token += "." + signature[strings.LastIndexByte(signature, ':')+1:]
	} else {
		client := kms.New(kms.Options{Region: region, BaseEndpoint: sdk.String(ts.Getenv("AWS_ENDPOINT_URL")), Credentials: credentials.NewStaticCredentialsProvider("AKIASCRIPT", "not checked", "")})
		public, err := client.GetPublicKey(context.Background(), &kms.GetPublicKeyInput{KeyId: sdk.String(args[3])})
		ts.Check(err)
		token = head(publicKey(ts, string(public.PublicKey)))
		algorithm := map[string]types.SigningAlgorithmSpec{
			"EdDSA": types.SigningAlgorithmSpecEd25519Sha512, "ES256": types.SigningAlgorithmSpecEcdsaSha256,
			"RS256": types.SigningAlgorithmSpecRsassaPkcs1V15Sha256, "PS256": types.SigningAlgorithmSpecRsassaPssSha256,
		}[alg]
		made, err := client.Sign(context.Background(), &kms.SignInput{KeyId: sdk.String(args[3]), Message: []byte(token), SigningAlgorithm: algorithm})
		ts.Check(err)
		if alg == "ES256" {
			made.Signature = jwsSignature(ts, made.Signature)
		}
		token += "." + base64.RawURLEncoding.EncodeToString(made.Signature)
	}
	ts.Check(os.WriteFile(ts.MkAbs(file), []byte(token), 0o600))
}

// jwsSignature turns an ASN.1 signature of P-256 into the two numbers of RFC 7518.
func jwsSignature(ts *testscript.TestScript, der []byte) []byte {
	var both struct{ R, S *big.Int }
	_, err := asn1.Unmarshal(der, &both)
	ts.Check(err)
	out := make([]byte, 64)
	both.R.FillBytes(out[:32])
	both.S.FillBytes(out[32:])
	return out
}

// verifies has go-jose verify a token with the key of a set that the token's kid names: verifies SET TOKEN.
func verifies(ts *testscript.TestScript, neg bool, args []string) {
	var set jose.JSONWebKeySet
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &set))
	token, err := jose.ParseSignedCompact(ts.ReadFile(args[1]), []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.ES384, jose.ES512, jose.RS256, jose.PS256})
	ts.Check(err)
	head := token.Signatures[0].Header
	keys := set.Key(head.KeyID)
	if len(keys) > 1 || len(keys) == 1 && (keys[0].Use != "sig" || !keys[0].IsPublic()) {
		ts.Fatalf("the key %s is %+v", head.KeyID, keys)
	}
	_, err = token.Verify(set)
	good := err == nil && keys[0].Algorithm == head.Algorithm // which go-jose leaves to its caller
	if good == neg {
		ts.Fatalf("that %s verifies %s is %v (%v), as %s", args[0], args[1], good, err, head.Algorithm)
	}
}

// publicKey reads a public key as a back end writes it: DER, PEM, or an Ed25519 key in base64.
func publicKey(ts *testscript.TestScript, text string) any {
	der := []byte(text)
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	} else if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		return ed25519.PublicKey(raw)
	}
	public, err := x509.ParsePKIXPublicKey(der)
	ts.Check(err)
	return public
}
