package aws

import (
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

func TestPublicKeys(t *testing.T) {
	fake, own := newFake()
	signing := awsfake.Key{Spec: types.KeySpecEccNistEdwards25519, Aliases: []string{"alias/jwt"}}
	mine := own.AddKey(signing)
	other := fake.Account(otherAccount)
	role := other.AddRole(awsfake.Role{Name: "keyreeve-read", Trusts: []string{ownAccount}})
	far := other.Region("us-east-1").AddKey(signing)
	closed := fake.Account("555566667777").AddRole(awsfake.Role{Name: "keyreeve-read", Trusts: []string{"999999999999"}})
	disabled := signing
	disabled.State, disabled.Aliases = types.KeyStateDisabled, nil
	off := own.AddKey(disabled)
	secret := own.AddKey(awsfake.Key{Spec: types.KeySpecHmac256})
	blind := own.AddKey(awsfake.Key{Spec: types.KeySpecEccNistP256, Deny: []string{"DescribeKey"}})
	silent := own.AddKey(awsfake.Key{Spec: types.KeySpecEccNistP256, Deny: []string{"GetPublicKey"}})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	keys := NewPublicKeys(
		Config{Endpoint: server.URL, Regions: Regions{"eu-west-1"}, Budget: Budget{RPS: 1e5}, Accounts: []Account{{RoleARN: role}, {RoleARN: closed}}},
		Options{Env: func(name string) string { return testEnv[name] }, maxBackoff: time.Millisecond},
	)
	for id, want := range map[string]PublicKey{
		mine: {ARN: mine, State: "Enabled"},
		strings.Replace(mine, mine[strings.Index(mine, ":key/"):], ":alias/jwt", 1): {ARN: mine, State: "Enabled"},
		far: {ARN: far, State: "Enabled"}, // of a role, in a Region that the configuration does not list
		off: {ARN: off, State: "Disabled"},
	} {
		got, err := keys.Read(t.Context(), id)
		if err != nil || got.ARN != want.ARN || got.State != want.State || got.Usage != "SIGN_VERIFY" || got.Spec != "ECC_NIST_EDWARDS25519" {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
		if public, err := x509.ParsePKIXPublicKey(got.DER); want.State == "Enabled" {
			if _, ok := public.(ed25519.PublicKey); !ok {
				t.Errorf("%s: %T, %v", id, public, err)
			}
		} else if got.DER != nil {
			t.Errorf("%s: %x", id, got.DER)
		}
	}
	if got, err := keys.Read(t.Context(), secret); err != nil || got.Usage != "GENERATE_VERIFY_MAC" || got.DER != nil {
		t.Errorf("an HMAC key: %+v, %v", got, err)
	}
	for id, why := range map[string]string{
		blind:  "allow kms:DescribeKey on this key",
		silent: "allow kms:GetPublicKey on this key",
		"arn:aws:kms:eu-west-1:555566667777:key/x":   "sts:AssumeRole",
		"arn:aws:kms:eu-west-1:" + ownAccount + ":x": "NotFoundException",
		"arn:aws:s3:::bucket":                        "no ARN of a key or alias of KMS",
		"alias/jwt":                                  "no ARN of a key or alias of KMS",
	} {
		if got, err := keys.Read(t.Context(), id); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %+v, %v; want an error with %q", id, got, err, why)
		}
	}
	if _, err := keys.Read(t.Context(), "arn:aws:kms:eu-west-1:777788889999:key/x"); !errors.Is(err, ErrOtherAccount) {
		t.Errorf("another account: %v", err)
	}
	for _, call := range []string{"kms:DescribeKey", "kms:GetPublicKey"} {
		for name, do := range map[string]awsfake.Misbehave{"empty": awsfake.Body(`{}`), "cut off": awsfake.CutBody, "no JSON": awsfake.Markup(500), "denied": awsfake.Deny} {
			fake.Break(awsfake.Fault{Call: call, Times: 1, Do: do})
			if got, err := keys.Read(t.Context(), mine); err == nil && got.DER == nil {
				t.Errorf("%s %s: %+v and no error", name, call, got)
			} else if err == nil && name == "denied" { // the others are tried again
				t.Errorf("%s %s: no error", name, call)
			}
		}
	}
}
