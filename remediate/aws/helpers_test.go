package aws_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/remediate"
	rotate "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	number = "111122223333"
	region = "eu-west-1"
	denied = `{"__type":"AccessDeniedException","message":"not allowed"}`
)

// called is the name of a call: "RotateKeyOnDemand".
func called(r *http.Request, body []byte) string {
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name
	}
	form, _ := url.ParseQuery(string(body))
	return form.Get("Action")
}

// writes tells calls that change what a rotation is about. Storing the secret of an access key is part of making it.
func writes(r *http.Request, body []byte) bool {
	name := called(r, body)
	for _, reads := range []string{"Get", "List", "Describe", "Assume", "PutSecretValue"} {
		if strings.HasPrefix(name, reads) && (name != "PutSecretValue" || strings.Contains(string(body), "storefront/keys")) {
			return false
		}
	}
	return true
}

// The SDK reads the environment of the process, so that of who runs the tests is taken away here, before tests run beside each other.
func TestMain(m *testing.M) {
	for _, set := range os.Environ() {
		if name, _, _ := strings.Cut(set, "="); strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	os.Setenv("AWS_CONFIG_FILE", os.DevNull)
	os.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	os.Exit(m.Run())
}

// dial connects through a wire.
func dial(wire *rotatortest.Wire) rotate.Dial {
	env := map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
	open := map[string]*aws.Connection{}
	return func(ctx context.Context, account, in string) (conn *aws.Connection, err error) {
		if conn = open[in]; conn != nil {
			return conn, nil
		}
		defer func() {
			if err == nil {
				open[in] = conn
			}
		}()
		return aws.Connect(ctx, aws.Config{Endpoint: wire.URL, Regions: aws.Regions{region}}, aws.Options{Env: func(name string) string { return env[name] }}, account, in)
	}
}

// fixture drafts a rotation and puts a wire before the fake.
func fixture(t *testing.T, fake *awsfake.Server, d remediate.Draft, draft remediate.Drafter) rotatortest.Fixture {
	t.Helper()
	fake.Account(number).AddAccessKey("test")
	if d.Key == nil {
		d.Key = &remediate.Key{}
	}
	if d.Snapshot == nil {
		d.Snapshot = &inventory.Snapshot{Resources: []inventory.Resource{*d.Resource}}
	}
	rotator, steps, err := draft(d)
	if err != nil {
		t.Fatal(err)
	}
	return rotatortest.Fixture{
		Rotation: plan.Rotation{
			Resource: d.Resource.ID, Type: d.Resource.Type, Name: d.Resource.Name, Scope: string(d.Resource.Scope), Tier: "production", Purpose: d.Purpose,
			Rotator: rotator, Endpoint: "aws", Pattern: plan.Overlap, Clients: d.Key.Clients, Steps: steps,
		},
		Wire: rotatortest.NewWire(t, fake, writes, denied), Restores: true,
		Pass: fake.Settle,
	}
}

func pointer[T any](v T) *T { return &v }

func refused(t *testing.T, draft remediate.Drafter, d remediate.Draft, why string) {
	t.Helper()
	if d.Key == nil {
		d.Key = &remediate.Key{}
	}
	if d.Snapshot == nil {
		d.Snapshot = &inventory.Snapshot{}
	}
	_, steps, err := draft(d)
	if err == nil || len(steps) > 0 || !strings.Contains(err.Error(), why) {
		t.Errorf("%d steps, error %v; want one about %q", len(steps), err, why)
	}
}

func days(now time.Time, n int) time.Time { return now.AddDate(0, 0, -n) }
