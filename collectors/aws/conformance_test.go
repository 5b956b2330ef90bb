package aws

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

const (
	ownAccount   = "111122223333"
	otherAccount = "444455556666"
	fakePage     = 3
)

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Backend{
		Name: "aws", Calls: Calls, Item: keyType, List: listKeys, Page: fakePage, Open: openWorld,
	})
}

// openWorld starts a fake with two accounts, one of them behind a role, and spreads the keys over both. In the account of the
// credentials the keys lie in one Region, so that a page fills.
func openWorld(t *testing.T, w collectortest.World) *collectortest.Opened {
	fake := awsfake.New(func() time.Time { return w.Now })
	fake.SetPageSize(fakePage)
	fake.SetDelay(w.Delay)
	fake.SetCanary(w.Canary)
	own, other := fake.Account(ownAccount), fake.Account(otherAccount)
	own.AddAccessKey(accessKey)
	role := other.AddRole(awsfake.Role{Name: "keyreeve-read", Trusts: []string{ownAccount}, ExternalID: "outer-" + w.Canary})
	for i := range w.Items {
		region := own.Region("eu-west-1")
		if i == w.Items-1 && i > 0 {
			region = other.Region("eu-west-1")
		}
		region.AddKey(worldKey(w.Now, i))
	}
	for i := range fakePage + 1 {
		own.Region("eu-west-1").AddSecret(worldSecret(w.Now, i))
	}
	opened := &collectortest.Opened{Burst: 1, Started: time.Now()}
	hanging := make(chan struct{})
	opened.Hanging = hanging
	breakWorld(fake, w.Fault, sync.OnceFunc(func() { close(hanging) }))
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	if w.Fault.Kind == collectortest.Down {
		server.Close()
	}
	opened.Arrivals = func() []collectortest.Arrival {
		var out []collectortest.Arrival
		for _, c := range fake.Calls() {
			out = append(out, collectortest.Arrival{Call: c.Name, Bucket: c.Account, At: c.At})
		}
		return out
	}
	budget := Budget{RPS: w.Rate, Concurrency: 4}
	if w.Rate == 0 {
		budget.RPS = 1e5
	}
	env := map[string]string{"AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": w.Canary, "OUTER": "outer-" + w.Canary}
	var err error
	opened.Sources, err = Open(t.Context(), Config{
		Regions: Regions{"eu-west-1", "us-east-1"}, Endpoint: server.URL, Emulated: true, Budget: budget,
		Accounts: []Account{{Name: "payments", RoleARN: role, ExternalIDEnv: "OUTER"}},
	}, Options{
		Logger:     slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Env:        func(name string) string { return env[name] },
		maxBackoff: 4 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// worldKey is one of a few kinds of key, every kind of which occurs among the first.
func worldKey(now time.Time, i int) awsfake.Key {
	made := now.AddDate(-2, 0, -i)
	k := awsfake.Key{Created: made, Tags: map[string]string{"team": "payments", "keyreeve:rewrap": "lazy"}, LastUsed: now.AddDate(0, 0, -1), TrackedSince: now.AddDate(0, -6, 0)}
	switch i % 4 {
	case 0:
		for n := range fakePage + 1 { // of two shapes, on two pages
			k.Grants = append(k.Grants, grantTo("arn:aws:iam::444455556666:role/app", made.AddDate(0, 0, n), map[string]string{"n": fmt.Sprint(n)}, "Decrypt"))
		}
		k.Grants = append(k.Grants, grantTo("arn:aws:iam::444455556666:role/app", made, nil, "Encrypt"))
		k.RotationPeriod, k.NextRotation = 365, now.AddDate(0, 1, 0)
		k.Aliases = []string{"alias/payments", "alias/payments-old"}
		for n := range fakePage + 1 { // more than one page
			k.Rotations = append(k.Rotations, awsfake.Rotation{At: made.AddDate(0, n+1, 0)})
		}
	case 1:
		k.Spec = types.KeySpecRsa3072
	case 2:
		k.Origin, k.ValidTo = types.OriginTypeExternal, now.AddDate(1, 0, 0)
	case 3:
		k.State, k.DeletionAt = types.KeyStatePendingDeletion, now.AddDate(0, 0, 7)
	}
	return k
}

// worldSecret is one of a few kinds of secret.
func worldSecret(now time.Time, i int) awsfake.Secret {
	made := now.AddDate(-1, 0, -i)
	x := awsfake.Secret{
		Name: fmt.Sprint("payments/", i), Created: made, Changed: now, Accessed: now.AddDate(0, 0, -1), RotationDays: 30, NextRotation: now.AddDate(0, 0, 3), Tags: map[string]string{"team": "payments"},
	}
	switch i % 3 {
	case 0:
		x.KMSKey, x.Policy = "alias/payments", policyText
		for n := range fakePage { // the current version is on the second page
			x.Versions = append(x.Versions, awsfake.SecretVersion{Created: made, Stages: []string{fmt.Sprint("label-", n)}})
		}
		x.Versions = append(x.Versions, awsfake.SecretVersion{Created: made.AddDate(0, 1, 0), Stages: []string{"AWSCURRENT"}})
	case 1:
		x.Deleted = now
	}
	return x
}

const policyText = `{"Version":"2012-10-17","Statement":[{"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`

// accessKey is no access key of AWS's format, so that no detector of credentials takes it for one.
const accessKey = "FAKEREADER"

func breakWorld(fake *awsfake.Server, f collectortest.Fault, arrived func()) {
	do := map[collectortest.FaultKind]awsfake.Misbehave{
		collectortest.Deny:          awsfake.Deny,
		collectortest.Throttle:      awsfake.Throttle,
		collectortest.Unknown:       awsfake.Refuse(http.StatusBadRequest, "UnknownOperationException", ""),
		collectortest.CutBody:       awsfake.CutBody,
		collectortest.CutConnection: awsfake.CutConnection,
		collectortest.Blank:         awsfake.Body(""),
		collectortest.Markup:        awsfake.Markup(http.StatusInternalServerError),
		collectortest.BadCredential: awsfake.Refuse(http.StatusForbidden, "UnrecognizedClientException", "The security token included in the request is invalid."),
		collectortest.Hang:          awsfake.Hang(arrived),
	}[f.Kind]
	if do != nil {
		fake.Break(awsfake.Fault{Call: f.Call, Times: f.Times, Do: do})
	}
}
