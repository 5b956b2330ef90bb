package aws

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(t time.Time) *time.Time { return &t }

// newFake returns a fake in which the reader belongs to ownAccount.
func newFake() (*awsfake.Server, *awsfake.Region) {
	fake := awsfake.New(func() time.Time { return noon })
	own := fake.Account(ownAccount)
	own.AddAccessKey(accessKey)
	return fake, own.Region("eu-west-1")
}

var testEnv = map[string]string{"AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": "not a secret", "XID": "outer"}

// A reading is what all sources yielded.
type reading struct {
	sources []inventory.Source
	keys    []inventory.Resource // sorted by ID
	others  []inventory.Resource // that are no keys, sorted by ID
	gaps    []inventory.Gap
}

// read reads what a fake holds of keys, unless c asks for other services, with settings that a test does not care about filled in.
func read(t *testing.T, fake *awsfake.Server, c Config) reading {
	t.Helper()
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c.Endpoint = server.URL
	return readAt(t, c)
}

func readAt(t testing.TB, c Config) reading {
	t.Helper()
	if c.Regions == nil {
		c.Regions = Regions{"eu-west-1"}
	}
	if c.Services == nil {
		c.Services = []string{"kms"}
	}
	if c.Budget.RPS == 0 {
		c.Budget.RPS = 1e5
	}
	sources, err := Open(t.Context(), c, Options{Env: func(name string) string { return testEnv[name] }, maxBackoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, sources)
}

func drain(t testing.TB, sources []inventory.Source) reading {
	t.Helper()
	got := reading{sources: sources}
	for _, s := range sources {
		for r, err := range s.Resources(t.Context()) {
			var gap *inventory.Gap
			if errors.As(err, &gap) {
				got.gaps = append(got.gaps, *gap)
			} else if err != nil {
				t.Fatal(err)
			} else if r.Type == keyType {
				got.keys = append(got.keys, r)
			} else {
				got.others = append(got.others, r)
			}
		}
	}
	for _, list := range [][]inventory.Resource{got.keys, got.others} {
		slices.SortFunc(list, func(a, b inventory.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
	}
	return got
}

// only returns the one key of a reading that has no gaps.
func (r reading) only(t *testing.T) inventory.Resource {
	t.Helper()
	if len(r.keys) != 1 || len(r.gaps) != 0 {
		t.Fatalf("want one key and no gap, got %d and %v", len(r.keys), r.gaps)
	}
	return r.keys[0]
}

// find returns the one resource of a type that has a name.
func (r reading) find(t *testing.T, typ, name string) inventory.Resource {
	t.Helper()
	var found []inventory.Resource
	for _, o := range slices.Concat(r.keys, r.others) {
		if o.Type == typ && o.Name == name {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s are called %q, among %d", len(found), typ, name, len(r.others))
	}
	return found[0]
}

// unreadOf returns the facts that a key lists as unknown, each with its reason.
func unreadOf(r inventory.Resource) map[string]inventory.Reason {
	out := map[string]inventory.Reason{}
	for _, u := range r.Unknown {
		out[u.Fact] = u.Why
	}
	return out
}
