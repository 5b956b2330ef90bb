package aws_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/remediate"
	rotate "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const oldKey = "old-key"

func accessKey(d *remediate.Draft, store string) {
	d.Resource = &inventory.Resource{
		ID: "arn:aws:iam::111122223333:user/team/bob#access_key/" + oldKey, Type: "aws.iam.access_key", Name: oldKey, Scope: inventory.NewScope("aws", "", number, "global"), Origin: inventory.Live,
		Credential: &inventory.Credential{Class: "access_key", State: "enabled", LastUse: &inventory.LastUse{}},
	}
	if d.Key == nil {
		d.Key = &remediate.Key{}
	}
	k := *d.Key
	k.Store = inventory.ID(store)
	d.Key = &k
	d.Snapshot = &inventory.Snapshot{Resources: []inventory.Resource{
		*d.Resource, {ID: inventory.ID(store), Type: "aws.secretsmanager.secret", Name: "storefront/keys", Scope: inventory.NewScope("aws", "", number, region)},
	}}
}

func accessKeys(d remediate.Draft) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		d := d
		fake := awsfake.New(now)
		account := fake.Account(number)
		used := now().Add(-time.Minute)
		account.AddUser(awsfake.User{Name: "team/bob", Keys: []awsfake.AccessKey{{ID: oldKey, Created: days(now(), 400), LastUsed: used}}})
		in := account.Region(region)
		store := in.AddSecret(awsfake.Secret{Name: "storefront/keys", Versions: []awsfake.SecretVersion{{Created: days(now(), 400), Stages: []string{"AWSCURRENT"}, Value: `{"host":"db.example.com"}`}}})
		accessKey(&d, store)
		d.Now = now()
		f := fixture(t, fake, d, rotate.DraftAccessKey)
		dialled := dial(f.Wire)
		f.Rotator = rotate.AccessKey{Dial: dialled, Stores: map[string]rotate.Store{"aws": rotate.ManagedStore{Dial: dialled}}, Now: now}
		stored := func() (id, secret string) {
			var v struct {
				Host   string `json:"host"`
				ID     string `json:"access_key_id"`
				Secret string `json:"secret_access_key"`
			}
			if err := json.Unmarshal([]byte(in.Value(store)), &v); err != nil || v.Host == "" {
				t.Errorf("the store has lost what it held: %v", err)
			}
			return v.ID, v.Secret
		}
		f.State = func() string {
			id, _ := stored()
			var keys []string
			for _, k := range account.Keys("team/bob") {
				name := k.ID
				if name != oldKey {
					name = "another"
				}
				text := fmt.Sprintf("%s inactive %t", name, k.Inactive)
				if k.ID == id {
					text += " stored"
				}
				keys = append(keys, text)
			}
			return fmt.Sprintf("%s; older sessions denied %t", strings.Join(keys, ", "), account.InlinePolicy("team/bob", "keyreeve-deny-older-sessions") != "")
		}
		f.Foreign = func() {
			keys := account.Keys("team/bob")
			if len(keys) == 1 {
				account.AddKey("team/bob", awsfake.AccessKey{ID: "a-colleagues", Created: now()})
				return
			}
			old, other := keys[0], keys[1]
			if old.Inactive {
				account.SetKey("team/bob", old.ID, false)
				return
			}
			account.SetKey("team/bob", other.ID, true)
		}
		f.Valid = func() string {
			id, _ := stored()
			if id != "" && !slices.ContainsFunc(account.Keys("team/bob"), func(k awsfake.AccessKey) bool { return k.ID == id }) {
				return "the store hands out a key that is gone"
			}
			for _, k := range account.Keys("team/bob") {
				if !k.Inactive && (k.ID == oldKey || k.ID == id) {
					return ""
				}
			}
			return "neither the old key nor the stored one is active"
		}
		f.Secrets = func() (all []string) {
			for _, k := range account.Keys("team/bob") {
				if k.Secret != "" {
					all = append(all, k.Secret)
				}
			}
			return all
		}
		f.Restores = true
		return f
	}
}

func TestAccessKey(t *testing.T) {
	short := plan.Duration(time.Hour)
	for _, c := range []struct {
		name string
		d    remediate.Draft
	}{
		{"overlap", remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Clients: []string{"storefront"}, CacheTime: &short, Soak: &short}}},
		{"emergency", remediate.Draft{Pattern: plan.Urgent, Emergency: true}},
	} {
		t.Run(c.name, func(t *testing.T) { rotatortest.Run(t, accessKeys(c.d)) })
	}
}

// TestAccessKeyStore: no key is made whose secret has no place, and none is deleted that the store may still hand out.
func TestAccessKeyStore(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, act string
		prepare   func(in *awsfake.Region, store string)
		why       string
	}{
		{"no object", "make a second access key", func(in *awsfake.Region, store string) { in.Write(store, "a text") }, "no key was made"},
		{"a key of somebody else's", "make a second access key", func(in *awsfake.Region, store string) {
			in.Write(store, `{"host":"db.example.com","access_key_id":"another","secret_access_key":"x"}`)
		}, "which is not the key that is to be replaced"},
		{"written by a colleague since", "take the new access key away", func(in *awsfake.Region, store string) {
			in.Write(store, strings.Replace(in.Value(store), "db.example.com", "db2.example.com", 1))
		}, "may still hand it out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := awsfake.New(func() time.Time { return now })
			account := fake.Account(number)
			account.AddUser(awsfake.User{Name: "team/bob", Keys: []awsfake.AccessKey{{ID: oldKey, Created: days(now, 400)}}})
			in := account.Region(region)
			store := in.AddSecret(awsfake.Secret{Name: "storefront/keys", Versions: []awsfake.SecretVersion{{Created: days(now, 400), Stages: []string{"AWSCURRENT"}, Value: `{"host":"db.example.com"}`}}})
			d := remediate.Draft{Pattern: plan.Overlap, Now: now}
			accessKey(&d, store)
			f := fixture(t, fake, d, rotate.DraftAccessKey)
			dialled := dial(f.Wire)
			rotator := rotate.AccessKey{Dial: dialled, Stores: map[string]rotate.Store{"aws": rotate.ManagedStore{Dial: dialled}}, Now: func() time.Time { return now }}
			step := f.Rotation.Steps[0]
			var known plan.Facts
			if c.act != step.Act {
				var err error
				if known, err = rotator.Do(t.Context(), f.Rotation, step, step.Act, nil); err != nil {
					t.Fatal(err)
				}
			}
			c.prepare(in, store)
			before, value := len(account.Keys("team/bob")), in.Value(store)
			_, err := rotator.Do(t.Context(), f.Rotation, step, c.act, known)
			if err == nil || errors.Is(err, plan.ErrUnclear) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("error %v, want one about %q", err, c.why)
			}
			if len(account.Keys("team/bob")) != before || in.Value(store) != value {
				t.Error("something was done")
			}
		})
	}
}

func TestAccessKeyRefuses(t *testing.T) {
	const store = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:storefront/keys-000015"
	for _, c := range []struct {
		name string
		with func(*remediate.Draft)
		why  string
	}{
		{"two keys", func(d *remediate.Draft) {
			d.Snapshot.Resources = append(d.Snapshot.Resources, inventory.Resource{ID: "arn:aws:iam::111122223333:user/team/bob#access_key/second", Name: "second"})
		}, "two access keys already (second)"},
		{"inactive", func(d *remediate.Draft) { d.Resource.Credential.State = "disabled" }, "inactive already"},
		{"no store", func(d *remediate.Draft) { d.Key.Store = "" }, "nothing says where the secret of the new key goes"},
		{"a store that was not scanned", func(d *remediate.Draft) { d.Key.Store = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:else" }, "is not in the snapshot"},
		{"a store of another kind", func(d *remediate.Draft) { d.Key.Store = d.Resource.ID }, "is a aws.iam.access_key"},
		{"in place", func(d *remediate.Draft) { d.Pattern = plan.InPlace }, "cannot be changed in place"},
		{"use not read", func(d *remediate.Draft) {
			d.Resource.Unknown = []inventory.Unknown{{Fact: "credential.last_use", Why: inventory.Denied, Hint: "allow it"}}
		}, "credential.last_use was not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d remediate.Draft
			accessKey(&d, store)
			c.with(&d)
			refused(t, rotate.DraftAccessKey, d, c.why)
		})
	}
}
