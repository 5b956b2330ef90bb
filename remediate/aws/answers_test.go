package aws_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
)

// TestEmptyAnswers: an answer that does not say what was asked is none. It must not count as "there is none", after which something is made again.
func TestEmptyAnswers(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	fake := awsfake.New(now)
	account := fake.Account(number)
	account.AddAccessKey("test")
	account.AddUser(awsfake.User{Name: "bob", Keys: []awsfake.AccessKey{{ID: oldKey, Created: days(now(), 400)}}})
	in := account.Region(region)
	key := in.AddKey(awsfake.Key{Spec: types.KeySpecEccNistP256, Aliases: []string{"alias/session"}})
	material := in.AddKey(awsfake.Key{})
	secret := in.AddSecret(awsfake.Secret{Name: "mail", Versions: []awsfake.SecretVersion{{Created: now(), Stages: []string{"AWSCURRENT"}, Value: "first"}}})
	conn, err := dial(rotatortest.NewWire(t, fake, writes, denied))(t.Context(), number, region)
	if err != nil {
		t.Fatal(err)
	}
	for call, read := range map[string]func() error{
		"kms:DescribeKey":                     func() error { _, err := conn.KeyState(t.Context(), key); return err },
		"kms:ListAliases":                     func() error { _, err := conn.KeyAliases(t.Context(), key); return err },
		"kms:ListKeys":                        func() error { _, err := conn.KeysTagged(t.Context(), "a", "b", now()); return err },
		"kms:ListResourceTags":                func() error { _, err := conn.KeysTagged(t.Context(), "a", "b", now()); return err },
		"kms:ListGrants":                      func() error { _, err := conn.Grants(t.Context(), key); return err },
		"kms:GetKeyPolicy":                    func() error { _, err := conn.SamePolicy(t.Context(), key, material); return err },
		"kms:GetKeyLastUsage":                 func() error { _, _, err := conn.KeyUse(t.Context(), key); return err },
		"kms:GetKeyRotationStatus":            func() error { _, err := conn.KMSKey(t.Context(), material); return err },
		"kms:ListKeyRotations":                func() error { _, err := conn.KMSKey(t.Context(), material); return err },
		"iam:ListAccessKeys":                  func() error { _, err := conn.AccessKeys(t.Context(), "bob"); return err },
		"iam:GetAccessKeyLastUsed":            func() error { _, err := conn.AccessKeys(t.Context(), "bob"); return err },
		"secretsmanager:DescribeSecret":       func() error { _, err := conn.ManagedSecret(t.Context(), secret); return err },
		"secretsmanager:ListSecretVersionIds": func() error { _, err := conn.ManagedSecret(t.Context(), secret); return err },
		"secretsmanager:GetSecretValue":       func() error { _, err := conn.SecretValue(t.Context(), secret, "AWSCURRENT"); return err },
	} {
		if err := read(); err != nil {
			t.Errorf("%s: %v", call, err)
		}
		_, name, _ := strings.Cut(call, ":")
		body := "{}"
		if strings.HasPrefix(call, "iam:") {
			body = "<" + name + "Response><" + name + "Result></" + name + "Result></" + name + "Response>"
		}
		fake.Break(awsfake.Fault{Call: call, Times: 1, Do: awsfake.Body(body)})
		if err := read(); err == nil {
			t.Errorf("%s: nothing was answered, and it counts as an answer", call)
		}
	}
	fake.Break(awsfake.Fault{Call: "secretsmanager:PutSecretValue", Times: 1, Do: awsfake.Body(`{"ARN":"` + secret + `","VersionId":"another"}`)})
	if e := (*aws.CallError)(nil); !errors.As(conn.PutSecret(t.Context(), secret, "a-token", "second"), &e) || e.Refused {
		t.Errorf("a value that was not written: %v", e)
	}
	fake.Break(awsfake.Fault{Call: "secretsmanager:UpdateSecretVersionStage", Times: 1, Do: awsfake.Body("")})
	if e := (*aws.CallError)(nil); !errors.As(conn.MoveLabel(t.Context(), secret, "AWSPENDING", "", ""), &e) || e.Refused {
		t.Errorf("an act that was not answered: %v", e)
	}
}
