package vault_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	rotate "github.com/keyreeve/keyreeve/remediate/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// writes tells calls that change Vault.
func writes(r *http.Request, _ []byte) bool {
	return r.Method != http.MethodGet && r.Method != "LIST" && !strings.HasSuffix(r.URL.Path, "/lookup")
}

const denied = `{"errors":["permission denied"]}`

// dial connects through a wire.
func dial(wire *rotatortest.Wire, now func() time.Time) rotate.Dial {
	return func(ctx context.Context, cluster, namespace string) (*vault.Connection, error) {
		env := func(name string) string { return map[string]string{"VAULT_TOKEN": "hvs.test"}[name] }
		return vault.Connect(ctx, vault.Config{Name: cluster, Address: wire.URL, Budget: vault.Budget{RPS: 1e6}}, vault.Options{Env: env, Now: now}, namespace)
	}
}

func number(n int) *int { return &n }

// signing is a Transit key as a scan finds it.
func signing(latest, floor int) *inventory.Resource {
	return &inventory.Resource{
		ID: "vault:eu/root/transit/keys/jwt", Type: "vault.transit.key", Name: "jwt", Scope: "vault/eu/root", Origin: inventory.Live,
		Key: &inventory.Key{State: "enabled", Origin: "internal", Versions: &inventory.KeyVersions{Latest: number(latest), MinDecryption: number(floor)}},
	}
}

// odd is a period of rotation that a scan rounds up to 42 days.
const odd = 1000 * time.Hour

// periodic is a key that rotates by itself.
func periodic(days int) *inventory.Resource {
	r := signing(2, 1)
	automatic := true
	r.Key.Rotation = &inventory.Rotation{Automatic: &automatic, PeriodDays: number(days)}
	return r
}

// transit opens a rotation of a Transit key that has two versions.
func transit(d remediate.Draft) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		d := d
		ago := func(days int) time.Time { return now().AddDate(0, 0, -days) }
		fake := vaultfake.New(vaultfake.Estate{"root": &vaultfake.Namespace{
			Mounts: []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: []vaultfake.TransitKey{
				{Name: "jwt", Type: "ed25519", Versions: []time.Time{ago(500), ago(120)}}, {Name: "other", Type: "ed25519", Versions: []time.Time{ago(500)}},
			}}},
			Tokens: []vaultfake.Token{{ID: "hvs.test", Accessor: "test", Created: now(), Root: true}},
		}}, vaultfake.Options{Now: now})
		key := func() *vaultfake.TransitKey { return &fake.Estate()["root"].Mounts[0].Keys[0] }
		if d.Resource == nil {
			d.Resource = signing(2, 1)
		} else {
			key().AutoRotate = odd
		}
		rotator, steps, err := rotate.DraftTransit(d)
		if err != nil {
			t.Fatal(err)
		}
		wire := rotatortest.NewWire(t, fake, writes, denied)
		return rotatortest.Fixture{
			Rotation: plan.Rotation{
				Resource: d.Resource.ID, Type: d.Resource.Type, Name: d.Resource.Name, Scope: string(d.Resource.Scope), Tier: "production", Purpose: d.Purpose,
				Rotator: rotator, Endpoint: wire.URL, Pattern: d.Pattern, Clients: d.Key.Clients, Steps: steps,
			},
			Rotator: rotate.Transit{Dial: dial(wire, now)}, Wire: wire,
			State: func() string {
				return fmt.Sprintf("%d versions, those from %d decrypt, rotates every %s", len(key().Versions), max(key().MinDecryption, 1), key().AutoRotate)
			},
			Foreign: func() { key().Versions = append(key().Versions, now()) },
			Valid: func() string {
				if key().MinDecryption > len(key().Versions) {
					return "no version decrypts"
				}
				return ""
			},
			Restores: d.Retire,
		}
	}
}

func TestTransit(t *testing.T) {
	cache, life := plan.Duration(15*time.Minute), plan.Duration(time.Hour)
	for _, c := range []struct {
		name string
		d    remediate.Draft
	}{
		{"overlap", remediate.Draft{Purpose: "token_signing", Pattern: plan.Overlap, Key: &remediate.Key{Clients: []string{"gateway"}, CacheTime: &cache, TokenLife: &life}}},
		{"in place", remediate.Draft{Purpose: "encryption", Pattern: plan.InPlace, Key: &remediate.Key{PeriodDays: 90}}},
		{"in place, with a period that is no number of days", remediate.Draft{Resource: periodic(42), Purpose: "encryption", Pattern: plan.InPlace, Key: &remediate.Key{PeriodDays: 30}}},
		{"retire", remediate.Draft{Purpose: "token_signing", Pattern: plan.Overlap, Key: &remediate.Key{}, Retire: true}},
	} {
		t.Run(c.name, func(t *testing.T) { rotatortest.Run(t, transit(c.d)) })
	}
}

// TestTransitPeriod: a plan has a key rotate more often by itself, and not less.
func TestTransitPeriod(t *testing.T) {
	for days, want := range map[int]bool{30: true, 42: false, 90: false, 0: false} {
		_, steps, err := rotate.DraftTransit(remediate.Draft{Resource: periodic(42), Purpose: "encryption", Pattern: plan.InPlace, Key: &remediate.Key{PeriodDays: days}})
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(steps, func(s plan.Step) bool { return s.ID == "period" }); got != want {
			t.Errorf("every %d days: a step that sets it %t, want %t", days, got, want)
		}
	}
}

func TestTransitRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(*inventory.Resource)
		why  string
	}{
		{"imported", func(r *inventory.Resource) { r.Key.Origin = "imported" }, "imported"},
		{"not enabled", func(r *inventory.Resource) { r.Key.State = "pending_deletion" }, "pending_deletion"},
		{"no versions", func(r *inventory.Resource) { r.Key.Versions = nil }, "versions were not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := signing(2, 1)
			c.with(r)
			_, steps, err := rotate.DraftTransit(remediate.Draft{Resource: r, Key: &remediate.Key{}})
			if err == nil || len(steps) > 0 || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%d steps, error %v; want one about %q", len(steps), err, c.why)
			}
		})
	}
}

// TestTransitPolicy has the rotation carried out with the rights that its plan is said to need, and shows that each is needed.
func TestTransitPolicy(t *testing.T) {
	d := remediate.Draft{Resource: signing(2, 1), Purpose: "encryption", Pattern: plan.InPlace, Key: &remediate.Key{PeriodDays: 90}}
	rotator, steps, err := rotate.DraftTransit(d)
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Rotation{Resource: d.Resource.ID, Scope: string(d.Resource.Scope), Rotator: rotator, Steps: steps}
	got, err := json.Marshal(rotate.TransitPolicy(r))
	if err != nil {
		t.Fatal(err)
	}
	want := `["path \"transit/keys/jwt\" { capabilities = [\"read\"] }","path \"transit/keys/jwt/config\" { capabilities = [\"update\"] }","path \"transit/keys/jwt/rotate\" { capabilities = [\"update\"] }"]`
	if string(got) != want {
		t.Errorf("policy %s, want %s", got, want)
	}
}
