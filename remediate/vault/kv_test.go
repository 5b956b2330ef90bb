package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	rotate "github.com/keyreeve/keyreeve/remediate/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const firstPassword = "f1rst-p4ssword"

var programs = material.Runner{Environ: os.Getenv}

// password is a KV secret as a scan finds it.
func password(version int) *inventory.Resource {
	return &inventory.Resource{
		ID: "vault:eu/root/kv/metadata/team/db", Type: "vault.kv.secret", Name: "team/db", Scope: "vault/eu/root", Origin: inventory.Live,
		Secret: &inventory.Secret{State: "enabled", CurrentVersion: number(version)},
	}
}

// executable writes a program of the shell.
func executable(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// kvFake is a Vault with the secret team/db, which has three versions.
func kvFake(now func() time.Time) (*vaultfake.Server, *vaultfake.Mount, *vaultfake.Secret) {
	version := func(days int, password string) vaultfake.SecretVersion {
		return vaultfake.SecretVersion{Created: now().AddDate(0, 0, -days), Data: map[string]any{"password": password, "user": "app", "port": 5432}}
	}
	root := &vaultfake.Namespace{
		Mounts: []vaultfake.Mount{{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{
			{Path: "team/db", Versions: []vaultfake.SecretVersion{version(300, "older"), version(200, "old"), version(100, firstPassword)}},
			{Path: "team/db2", Versions: []vaultfake.SecretVersion{version(300, "other")}},
		}}},
		Tokens: []vaultfake.Token{{ID: "hvs.test", Accessor: "test", Created: now(), Root: true}},
	}
	return vaultfake.New(vaultfake.Estate{"root": root}, vaultfake.Options{Now: now}), &root.Mounts[0], &root.Mounts[0].Secrets[0]
}

// kv opens a rotation of a KV secret.
func kv(d remediate.Draft) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		d := d
		fake, mount, secret := kvFake(now)
		d.Resource = password(3)
		rotator, steps, err := rotate.DraftKV(d)
		if err != nil {
			t.Fatal(err)
		}
		wire := rotatortest.NewWire(t, fake, writes, denied)
		value := func(version int) string { return secret.Versions[version-1].Data["password"].(string) }
		return rotatortest.Fixture{
			Rotation: plan.Rotation{
				Resource: d.Resource.ID, Type: d.Resource.Type, Name: d.Resource.Name, Scope: string(d.Resource.Scope), Tier: "production", Purpose: "api_key",
				Rotator: rotator, Endpoint: wire.URL, Pattern: d.Pattern, Clients: d.Key.Clients, Steps: steps,
			},
			Rotator: rotate.KV{Dial: dial(wire, now), Programs: programs}, Wire: wire,
			State: func() string {
				what := []string{}
				for i, v := range secret.Versions {
					kind := "new"
					if slices.Contains([]string{"older", "old", firstPassword}, value(i+1)) {
						kind = value(i + 1)
					}
					what = append(what, fmt.Sprintf("%s/%v/%v", kind, v.Data["user"], v.Data["port"]))
				}
				return strings.Join(what, " ")
			},
			Foreign: func() {
				secret.Write(mount, map[string]any{"password": "a colleague's", "user": "app", "port": 5432}, now())
			},
			Valid: func() string {
				if secret.Versions[2].Data["password"] != firstPassword || value(len(secret.Versions)) == "" {
					return "the old value or the new one cannot be read"
				}
				return ""
			},
			Secrets: func() []string { return []string{firstPassword, value(len(secret.Versions))} },
		}
	}
}

func TestKV(t *testing.T) {
	cache := plan.Duration(15 * time.Minute)
	generator := executable(t, "head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n'")
	for _, c := range []struct {
		name string
		d    remediate.Draft
	}{
		{"overlap", remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Field: "password", Random: &material.Random{}, Clients: []string{"gateway"}, CacheTime: &cache}}},
		{"shown by a gate", remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{
			Field: "password", Random: &material.Random{}, Gates: []remediate.GateSettings{{Before: plan.OldDisabled, URL: "https://db.test"}},
		}}},
		{"emergency", remediate.Draft{Pattern: plan.Urgent, Emergency: true, Key: &remediate.Key{Field: "password", Random: &material.Random{}}}},
		{"in place", remediate.Draft{Pattern: plan.InPlace, Key: &remediate.Key{Field: "password", Generator: []string{generator}}}},
	} {
		t.Run(c.name, func(t *testing.T) { rotatortest.Run(t, kv(c.d)) })
	}
}

// What was read does not allow a safe plan: the reason is given, and no step.
func TestKVRefuses(t *testing.T) {
	random := remediate.Key{Field: "password", Random: &material.Random{}}
	soon := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		with func(*inventory.Resource, *remediate.Draft)
		why  string
	}{
		{"one version is kept", func(r *inventory.Resource, _ *remediate.Draft) { r.Secret.MaxVersions = number(1) }, "max_versions is 1"},
		{"it ends by itself", func(r *inventory.Resource, _ *remediate.Draft) { r.Secret.ExpiresAt = &soon }, "deleted by itself at 2026-02-01T00:00:00Z"},
		{"deleted", func(r *inventory.Resource, _ *remediate.Draft) { r.Secret.State = "deleted" }, "is deleted"},
		{"no state", func(r *inventory.Resource, _ *remediate.Draft) { r.Secret.State = "" }, "were not read"},
		{"state unread", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Unknown = []inventory.Unknown{{Fact: "secret.state"}}
		}, "secret.state was not read"},
		{"max_versions unread", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Unknown = []inventory.Unknown{{Fact: "secret.max_versions"}}
		}, "secret.max_versions was not read"},
		{"no field", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.Field = "" }, "which of its fields"},
		{"no generator", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.Random = nil }, "how its new value is made"},
		{"generator is gone", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.Generator = []string{"/nowhere/generator"} }, "generator cannot be read"},
		{"a gate that never opens", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Key.Gates = []remediate.GateSettings{{Before: plan.Soaking, Unused: 1}}
		}, "Vault keeps no record"},
		{"retire", func(_ *inventory.Resource, d *remediate.Draft) { d.Retire = true }, "does not decide"},
		{"two mounts", func(r *inventory.Resource, _ *remediate.Draft) { r.ID = "vault:eu/root/a/metadata/b/metadata/c" }, "where its mount ends"},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := random
			d := remediate.Draft{Resource: password(3), Key: &key, Pattern: plan.Overlap}
			c.with(d.Resource, &d)
			_, steps, err := rotate.DraftKV(d)
			if err == nil || len(steps) > 0 || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%d steps, error %v; want one about %q", len(steps), err, c.why)
			}
		})
	}
}

// A rotation that ends without anybody's word that the old value is refused would be no rotation.
func TestKVAsksWhetherTheOldValueCounts(t *testing.T) {
	for _, c := range []struct {
		name  string
		d     remediate.Draft
		asked bool
		step  bool
	}{
		{"overlap", remediate.Draft{Pattern: plan.Overlap}, true, true},
		{"emergency", remediate.Draft{Pattern: plan.Urgent, Emergency: true}, true, true},
		{"a gate shows it", remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Gates: []remediate.GateSettings{{Before: plan.OldDisabled, URL: "https://db.test"}}}}, false, true},
		{"a gate elsewhere", remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Gates: []remediate.GateSettings{{Before: plan.Soaking, URL: "https://db.test"}}}}, true, true},
		{"in place", remediate.Draft{Pattern: plan.InPlace}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := remediate.Key{}
			if c.d.Key != nil {
				key = *c.d.Key
			}
			key.Field, key.Random = "password", &material.Random{}
			c.d.Key, c.d.Resource = &key, password(3)
			_, steps, err := rotate.DraftKV(c.d)
			if err != nil {
				t.Fatal(err)
			}
			r := plan.Rotation{Steps: steps}
			if asked := slices.Contains(r.Confirmers(), remediate.HandRetired); asked != c.asked {
				t.Errorf("a person is asked: %t, want %t", asked, c.asked)
			}
			at := slices.IndexFunc(steps, func(s plan.Step) bool { return s.Stage == plan.OldDisabled })
			if (at >= 0) != c.step || at >= 0 && steps[at].Final == "" {
				t.Errorf("step %d is that to OLD DISABLED, and has to say that there is no way back", at)
			}
		})
	}
}

// carryOut looks and does a step's act as the engine would, and says what stood in the way.
func carryOut(t *testing.T, fake *vaultfake.Server, key remediate.Key, change func(*plan.Rotation)) (expected string, did error) {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	wire := rotatortest.NewWire(t, fake, writes, denied)
	rotator, steps, err := rotate.DraftKV(remediate.Draft{Resource: password(3), Key: &key, Pattern: plan.InPlace})
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Rotation{ID: "db", Resource: "vault:eu/root/kv/metadata/team/db", Scope: "vault/eu/root", Rotator: rotator, Steps: steps}
	if change != nil {
		change(&r)
	}
	k := rotate.KV{Dial: dial(wire, now), Programs: programs}
	facts, err := k.Look(t.Context(), r, nil)
	if err != nil {
		return err.Error(), nil
	}
	if expected = steps[0].Expect.Differs(facts, nil); expected != "" {
		return expected, nil
	}
	_, err = k.Do(t.Context(), r, r.Steps[0], r.Steps[0].Act, nil)
	return "", err
}

// What the plan could not know is found out before anything is written.
func TestKVLooksBeforeItWrites(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name string
		with func(*vaultfake.Mount, *vaultfake.Secret)
		why  string
	}{
		{"the mount keeps one version", func(m *vaultfake.Mount, _ *vaultfake.Secret) { m.MaxVersions = 1 }, "old_version_stays is no, as 1 version is kept where yes"},
		{"the secret keeps one, the mount more", func(m *vaultfake.Mount, s *vaultfake.Secret) { m.MaxVersions, s.MaxVersions = 5, 1 }, ""},
		{"the mount deletes", func(m *vaultfake.Mount, _ *vaultfake.Secret) { m.DeleteAfter = time.Hour }, "no, as versions are deleted after 1h0m0s"},
		{"the secret deletes", func(_ *vaultfake.Mount, s *vaultfake.Secret) { s.DeleteAfter = time.Hour }, "no, as versions are deleted after 1h0m0s"},
		{"the secret deletes, and the mount forbids it", func(m *vaultfake.Mount, s *vaultfake.Secret) { m.DeleteAfter, s.DeleteAfter = -time.Second, time.Hour }, ""},
		{"the mount deletes sooner", func(m *vaultfake.Mount, s *vaultfake.Secret) { m.DeleteAfter, s.DeleteAfter = time.Minute, time.Hour }, "after 1m0s"},
		{"deleted meanwhile", func(_ *vaultfake.Mount, s *vaultfake.Secret) { s.Versions[2].Deleted = now() }, "current_state is deleted at 2026-01-05T09:00:00Z"},
		{"it will be deleted", func(_ *vaultfake.Mount, s *vaultfake.Secret) { s.Versions[2].Deleted = now().AddDate(1, 0, 0) }, "current_state is deleted at 2027"},
		{"destroyed", func(_ *vaultfake.Mount, s *vaultfake.Secret) { s.Versions[2].Destroyed = true }, "old_version_state is destroyed"},
		{"another version", func(m *vaultfake.Mount, s *vaultfake.Secret) { s.Write(m, map[string]any{"password": "x"}, now()) }, "current_version is 4 where 3 was expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake, mount, secret := kvFake(now)
			c.with(mount, secret)
			before := len(secret.Versions)
			why, err := carryOut(t, fake, remediate.Key{Field: "password", Random: &material.Random{}}, nil)
			if err != nil || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("it says %q, %v; want %q", why, err, c.why)
			}
			if c.why != "" && len(secret.Versions) != before {
				t.Error("it wrote")
			}
		})
	}
}

// An act that cannot be done well is not done, and no value is in what it says.
func TestKVDoesNothingWrong(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	random := remediate.Key{Field: "password", Random: &material.Random{}}
	for _, c := range []struct {
		name   string
		key    remediate.Key
		with   func(*vaultfake.Secret)
		change func(*plan.Rotation)
		why    string
	}{
		{"the field is not there", remediate.Key{Field: "pasword", Random: &material.Random{}}, nil, nil, `no field "pasword"`},
		{"the field is a number", remediate.Key{Field: "port", Random: &material.Random{}}, nil, nil, `"port" of kv/data/team/db is no text`},
		{"the same value again", remediate.Key{Field: "password", Generator: []string{executable(t, "echo "+firstPassword)}}, nil, nil, "nothing would be rotated"},
		{"the generator fails", remediate.Key{Field: "password", Generator: []string{executable(t, "echo "+firstPassword+"; exit 1")}}, nil, nil, "ended with 1"},
		{"an act of another rotator", random, nil, func(r *plan.Rotation) { r.Steps[0].Act = "rotate" }, "is no act on a KV secret"},
		{"no source", random, nil, func(r *plan.Rotation) { delete(r.Steps[0].Args, "random_length") }, "where its new value comes from"},
		{"a version that is not current", random, nil, func(r *plan.Rotation) { r.Steps[0].Args["version"] = "2" }, "did not match the current version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake, _, secret := kvFake(now)
			_, err := carryOut(t, fake, c.key, c.change)
			if err == nil || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), firstPassword) {
				t.Errorf("it says %v, want %q", err, c.why)
			}
			if len(secret.Versions) != 3 {
				t.Error("it wrote")
			}
		})
	}
}

// The rights that the plan is said to need are enough to carry it out and to take it back, and none can be spared.
func TestKVPolicy(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	rules := rotate.KVPolicy(plan.Rotation{Resource: "vault:eu/root/kv/metadata/team/db", Scope: "vault/eu/root"})
	for without := -1; without < len(rules); without++ {
		granted := slices.Clone(rules)
		if without >= 0 {
			granted = slices.Delete(granted, without, without+1)
		}
		fake, _, secret := kvFake(now)
		token := &fake.Estate()["root"].Tokens[0]
		token.Root, token.Rules = false, vaultfake.ParsePolicy(strings.Join(granted, "\n"))
		why, err := carryOut(t, fake, remediate.Key{Field: "password", Random: &material.Random{}}, nil)
		if done := why == "" && err == nil; done != (without < 0) || done != (len(secret.Versions) == 4) {
			t.Errorf("without rule %d of %q: %s %v", without, rules, why, err)
		}
	}
}
