package aws_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/remediate"
	rotate "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// rolled is an asymmetric or HMAC key as a scan finds it.
func rolled(arn string, made time.Time, k awsfake.Key, usages ...string) *inventory.Resource {
	r := kmsKey(arn, made, 0)
	r.Key.Rotation.Supported = pointer(false)
	r.Key.Usages, r.Key.Spec, r.Key.Grants, r.Tags = usages, string(k.Spec), pointer(len(k.Grants)), k.Tags
	for _, name := range k.Aliases {
		r.Refs = append(r.Refs, inventory.Ref{Edge: "alias", Target: "aws.kms.alias", Name: name})
	}
	return r
}

// estate is a snapshot in which the policies of IAM were read.
func estate(all ...inventory.Resource) *inventory.Snapshot {
	return &inventory.Snapshot{Resources: all, Scopes: []inventory.ScopeRead{{Scope: inventory.NewScope("aws", "", number, "global")}}}
}

// grant is one on a key.
func grant(id string) types.GrantListEntry {
	return types.GrantListEntry{
		GrantId: aws.String(id), GranteePrincipal: aws.String("arn:aws:iam::" + number + ":role/" + id), Operations: []types.GrantOperation{"Sign", "GetPublicKey"},
		RetiringPrincipal: aws.String("arn:aws:iam::" + number + ":role/admin"), Constraints: &types.GrantConstraints{EncryptionContextSubset: map[string]string{"app": id}},
	}
}

// seen tells what a Region holds without IDs: of each key its place, state, aliases, tags and grants.
func seen(in *awsfake.Region) string {
	var all []string
	for i, k := range in.Keys() {
		var grants []string
		for _, g := range k.Grants {
			grants = append(grants, fmt.Sprintf("%s may %v for %v, retired by %s", *g.GranteePrincipal, g.Operations, g.Constraints.EncryptionContextSubset, *g.RetiringPrincipal))
		}
		slices.Sort(grants)
		all = append(all, fmt.Sprintf("%d %s %s %s %q %v %v %v %d", i, k.State, k.Spec, k.Usage, k.Description, k.Aliases, k.Tags, grants, len(k.Policy)))
	}
	return strings.Join(all, "; ")
}

func roll(k awsfake.Key, d remediate.Draft, usages ...string) rotatortest.Open {
	return rollIn(k, d, nil, usages...)
}

// rollIn tells the Region too, if it is asked where.
func rollIn(k awsfake.Key, d remediate.Draft, where **awsfake.Region, usages ...string) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		k, d := k, d
		fake := awsfake.New(now)
		in := fake.Account(number).Region(region)
		if where != nil {
			*where = in
		}
		k.Created = days(now(), 800)
		k.Tags = maps.Clone(k.Tags)
		k.Policy = `{"Version":"2012-10-17","Statement":[{"Sid":"own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`
		arn := in.AddKey(k)
		other := in.AddKey(awsfake.Key{Spec: k.Spec, Usage: k.Usage, Tags: map[string]string{"keyreeve:replaces": "something else"}, Deny: []string{"DescribeKey"}})
		in.AddKey(awsfake.Key{Created: days(now(), 1), Aliases: []string{"alias/shut"}, Deny: []string{"ListResourceTags"}})
		d.Resource, d.Now = rolled(arn, k.Created, k, usages...), now()
		d.Snapshot = estate(*d.Resource)
		f := fixture(t, fake, d, rotate.DraftKMS)
		f.Rotator = rotate.Roll{Dial: dial(f.Wire)}
		f.State = func() string { return seen(in) }
		f.Foreign = func() {
			if len(k.Aliases) > 0 {
				in.PointAlias(k.Aliases[0], other)
			} else {
				in.AddAlias("alias/late", arn)
			}
		}
		// Whoever signs names an alias, which has to lead to an enabled key; what was signed with the old one verifies while it may be about.
		f.Valid = func() string {
			for _, name := range k.Aliases {
				i := slices.IndexFunc(in.Keys(), func(k awsfake.Key) bool { return slices.Contains(k.Aliases, name) })
				if i < 0 || in.Keys()[i].State != types.KeyStateEnabled {
					return name + " leads to no key that is enabled"
				}
			}
			return ""
		}
		f.Restores = false // the new key stays, disabled
		return f
	}
}

func TestRoll(t *testing.T) {
	for _, c := range []struct {
		name   string
		key    awsfake.Key
		d      remediate.Draft
		usages []string
	}{
		{"a signing key with a grant", awsfake.Key{
			Spec: types.KeySpecEccNistP256, Description: "signs sessions", Aliases: []string{"alias/session"}, Tags: map[string]string{"team": "web"},
			Grants: []types.GrantListEntry{grant("a")},
		}, remediate.Draft{}, []string{"sign", "verify"}},
		{"an HMAC key with two aliases, a series and clients", awsfake.Key{
			Spec: types.KeySpecHmac256, Aliases: []string{"alias/tokens", "alias/hooks"}, Tags: map[string]string{"keyreeve:series": "tokens"},
		}, remediate.Draft{Key: &remediate.Key{Clients: []string{"web"}}}, []string{"mac"}},
		{"a key that others encrypt for", awsfake.Key{
			Spec: types.KeySpecRsa2048, Usage: types.KeyUsageTypeEncryptDecrypt, Aliases: []string{"alias/inbox"},
		}, remediate.Draft{}, []string{"decrypt", "encrypt"}},
		{"retired later", awsfake.Key{Spec: types.KeySpecRsa2048, Usage: types.KeyUsageTypeEncryptDecrypt}, remediate.Draft{Retire: true}, []string{"decrypt", "encrypt"}},
	} {
		t.Run(c.name, func(t *testing.T) { rotatortest.Run(t, roll(c.key, c.d, c.usages...)) })
	}
}

func TestRollCarriesOver(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	key := awsfake.Key{Spec: types.KeySpecEccNistP256, Description: "signs sessions", Aliases: []string{"alias/session"}, Tags: map[string]string{"team": "web", "aws:createdBy": "x"}, Grants: []types.GrantListEntry{grant("b"), grant("a")}}
	f := roll(key, remediate.Draft{}, "sign", "verify")(t, func() time.Time { return now })
	f.Rotation.ID = "rotation"
	known := plan.Facts{}
	for _, s := range f.Rotation.Steps {
		if s.Act == "" {
			continue
		}
		found, err := f.Rotator.Look(t.Context(), f.Rotation, known)
		if err != nil {
			t.Fatal(err)
		}
		if diff := s.Expect.Differs(found, known); diff != "" {
			t.Fatalf("before %s: %s", s.ID, diff)
		}
		made, err := f.Rotator.Do(t.Context(), f.Rotation, s, s.Act, known)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(known, made)
	}
	got := f.State()
	for _, want := range []string{
		`0 Disabled ECC_NIST_P256 SIGN_VERIFY "signs sessions" [] map[aws:createdBy:x keyreeve:series:session team:web]`,
		`3 Enabled ECC_NIST_P256 SIGN_VERIFY "signs sessions" [alias/session] map[keyreeve:replaces:00000001-0000-4000-8000-000000000001 2026-01-05T09:00:00Z keyreeve:series:session team:web] ` +
			`[arn:aws:iam::111122223333:role/a may [Sign GetPublicKey] for map[app:a], retired by arn:aws:iam::111122223333:role/admin ` +
			`arn:aws:iam::111122223333:role/b may [Sign GetPublicKey] for map[app:b], retired by arn:aws:iam::111122223333:role/admin] 154`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %s in it", got, want)
		}
	}
}

// TestRollColleague: an alias is not led to a key that others may use than those who may use the old one now.
func TestRollColleague(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	key := awsfake.Key{Spec: types.KeySpecEccNistP256, Aliases: []string{"alias/session"}, Grants: []types.GrantListEntry{grant("a"), grant("b")}}
	swap := func(k *awsfake.Key) { k.Grants = []types.GrantListEntry{grant("a"), grant("c")} }
	policy := func(k *awsfake.Key) { k.Policy = strings.Replace(k.Policy, `"kms:*"`, `"kms:Get*"`, 1) }
	for _, c := range []struct {
		name   string
		change func(in *awsfake.Region, old, next string)
		why    string
	}{
		{"nothing", func(*awsfake.Region, string, string) {}, ""},
		{"one grant is taken for another", func(in *awsfake.Region, old, _ string) { in.Change(old, swap) }, "grants_carried is 1, and 1 that the old key has no more where 2 was expected"},
		{"the policy of the old key", func(in *awsfake.Region, old, _ string) { in.Change(old, policy) }, "policy is another on the new key"},
		{"the policy of the new key", func(in *awsfake.Region, _, next string) { in.Change(next, policy) }, "policy is another on the new key"},
		{"both policies", func(in *awsfake.Region, old, next string) { in.Change(old, policy); in.Change(next, policy) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var in *awsfake.Region
			f := rollIn(key, remediate.Draft{}, &in, "sign", "verify")(t, func() time.Time { return now })
			f.Rotation.ID = "rotation"
			known := plan.Facts{}
			for _, s := range f.Rotation.Steps {
				if s.Stage == plan.Promoted {
					c.change(in, string(f.Rotation.Resource), known["new_key"])
				}
				found, err := f.Rotator.Look(t.Context(), f.Rotation, known)
				if err != nil {
					t.Fatal(err)
				}
				diff := s.Expect.Differs(found, known)
				if s.Stage == plan.Promoted {
					if (diff == "") != (c.why == "") || !strings.Contains(diff, c.why) {
						t.Errorf("before %s: %q, want %q", s.ID, diff, c.why)
					}
					if back := s.UndoExpect.Differs(found, known); strings.Contains(back, "policy") {
						t.Errorf("it cannot be taken back: %s", back)
					}
					return
				}
				if diff != "" {
					t.Fatalf("before %s: %s", s.ID, diff)
				}
				if s.Act == "" {
					continue
				}
				made, err := f.Rotator.Do(t.Context(), f.Rotation, s, s.Act, known)
				if err != nil {
					t.Fatal(err)
				}
				maps.Copy(known, made)
			}
		})
	}
}

// TestRollUntold: after a lost answer, a key that was made since and does not tell its tags may be the one, so no other is made.
func TestRollUntold(t *testing.T) {
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	var in *awsfake.Region
	f := rollIn(awsfake.Key{Spec: types.KeySpecEccNistP256, Aliases: []string{"alias/session"}}, remediate.Draft{}, &in, "sign", "verify")(t, func() time.Time { return now })
	if _, err := f.Rotator.Look(t.Context(), f.Rotation, nil); err != nil {
		t.Fatal(err)
	}
	in.AddKey(awsfake.Key{Created: now, Deny: []string{"ListResourceTags", "DescribeKey"}})
	if _, err := f.Rotator.Look(t.Context(), f.Rotation, nil); err != nil {
		t.Fatalf("a key that tells nothing at all is in the way: %v", err)
	}
	in.AddKey(awsfake.Key{Created: now, Deny: []string{"ListResourceTags"}})
	if found, err := f.Rotator.Look(t.Context(), f.Rotation, nil); err == nil || !strings.Contains(err.Error(), "whether it is the one is not known") {
		t.Errorf("found %v, error %v", found, err)
	}
}

func TestRollRefuses(t *testing.T) {
	const arn = "arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888"
	names := func(typ, document string) inventory.Resource {
		return inventory.Resource{ID: "arn:aws:iam::111122223333:policy/sign", Type: typ, Document: document}
	}
	own := func(suffix string, p inventory.Policy, document string) inventory.Resource {
		return inventory.Resource{ID: inventory.ID(arn + suffix), Type: "aws.kms.policy", Document: document, Policy: &p}
	}
	for _, c := range []struct {
		name string
		with func(*inventory.Resource, *remediate.Draft)
		why  string
	}{
		{"no alias", func(r *inventory.Resource, _ *remediate.Draft) { r.Refs = nil }, "it has no alias"},
		{"aliases not read", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Unknown = []inventory.Unknown{{Fact: "refs", Why: inventory.Denied, Hint: "allow it"}}
		}, "refs was not read"},
		{"grants not read", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Unknown = []inventory.Unknown{{Fact: "key.grants", Why: inventory.Denied, Hint: "allow it"}}
		}, "key.grants was not read"},
		{"imported", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.Origin = "imported" }, "imported"},
		{"in a store of one's own", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.Origin = "custom_store" }, "a store of yours"},
		{"AWS's own", func(r *inventory.Resource, _ *remediate.Draft) { r.Refs[0].Name = "alias/aws/signer" }, "AWS manages it"},
		{"a primary", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.MultiRegion = "primary" }, "replica in another Region"},
		{"disabled", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.State = "disabled" }, "it is disabled"},
		{"of a stack", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Tags = map[string]string{"aws:cloudformation:stack-name": "web"}
		}, "CloudFormation stack web"},
		{"too many grants", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.Grants = pointer(21) }, "it has 21 grants"},
		{"in place", func(_ *inventory.Resource, d *remediate.Draft) { d.Pattern = plan.InPlace }, "replaces no material"},
		{"retiring the key in use", func(_ *inventory.Resource, d *remediate.Draft) { d.Retire = true }, "alias/session leads to it"},
		{"retiring a key whose use is not recorded", func(r *inventory.Resource, d *remediate.Draft) {
			d.Retire, r.Refs, r.Key.Algorithm, r.Key.Usages = true, nil, "ml_kem", []string{"derive"}
		}, "no record of when"},
		{"a policy of IAM names it", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Snapshot.Resources = append(d.Snapshot.Resources, names("aws.iam.policy", `{"Resource":"`+arn+`"}`))
		}, "arn:aws:iam::111122223333:policy/sign names the key itself"},
		{"something refers to it", func(r *inventory.Resource, d *remediate.Draft) {
			d.Snapshot.Resources = append(d.Snapshot.Resources, inventory.Resource{ID: "secret", Refs: []inventory.Ref{{Edge: "uses", To: r.ID}}})
		}, "secret names the key itself"},
		{"its policy names it", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Snapshot.Resources = append(d.Snapshot.Resources, own("#policy", inventory.Policy{}, `{"Resource":"`+arn+`"}`))
		}, "its own policy names the key itself"},
		{"another account may use it", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Snapshot.Resources = append(d.Snapshot.Resources, own("#policy", inventory.Policy{}, `{"Principal":{"AWS":"arn:aws:iam::444455556666:root"}}`))
		}, "names account 444455556666"},
		{"a service holds a grant", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Snapshot.Resources = append(d.Snapshot.Resources, own("#grant/1", inventory.Policy{Grant: &inventory.Grant{Grantee: "dynamodb.amazonaws.com"}}, ""))
		}, "dynamodb.amazonaws.com holds a grant on it"},
		{"IAM was not read", func(_ *inventory.Resource, d *remediate.Draft) { d.Snapshot.Scopes = nil }, "whether policies of IAM name the key itself was not read"},
		{"IAM was not read whole", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Snapshot.Gaps = []inventory.Gap{{Scope: inventory.NewScope("aws", "", number, "global"), What: "list", Why: inventory.Denied}}
		}, "was not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rolled(arn, time.Now(), awsfake.Key{Spec: types.KeySpecEccNistP256, Aliases: []string{"alias/session"}}, "sign", "verify")
			d := remediate.Draft{Resource: r, Key: &remediate.Key{}, Snapshot: estate(*r)}
			if name, steps, err := rotate.DraftKMS(d); err != nil || name != rotate.RollName || len(steps) == 0 {
				t.Fatalf("without it: %v", err)
			}
			c.with(r, &d)
			refused(t, rotate.DraftKMS, d, c.why)
		})
	}
	t.Run("clients stand in for what was not read", func(t *testing.T) {
		r := rolled(arn, time.Now(), awsfake.Key{Aliases: []string{"alias/session"}}, "sign", "verify")
		_, steps, err := rotate.DraftKMS(remediate.Draft{Resource: r, Key: &remediate.Key{Clients: []string{"web"}}, Snapshot: &inventory.Snapshot{Resources: []inventory.Resource{*r}}})
		if err != nil || len(steps) == 0 {
			t.Fatal(err)
		}
	})
}

func TestRollPermissions(t *testing.T) {
	const arn = "arn:aws:kms:eu-west-1:111122223333:key/k"
	r := rolled(arn, time.Now(), awsfake.Key{Aliases: []string{"alias/session"}}, "sign", "verify")
	_, steps, err := rotate.DraftKMS(remediate.Draft{Resource: r, Key: &remediate.Key{}, Snapshot: estate(*r), Now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, p := range rotate.RollPermissions(plan.Rotation{Resource: arn, Steps: steps}) {
		got[p.Action+" "+strings.TrimPrefix(p.Resource, "arn:aws:kms:eu-west-1:111122223333:")+" "+p.If.Key+"="+p.If.Value] = true
		if strings.Contains(p.Action, "Deletion") || strings.Contains(p.Action, "Grant") && p.Action != "kms:ListGrants" {
			t.Errorf("%s is not needed", p.Action)
		}
	}
	for _, want := range []string{
		"kms:CreateKey * aws:RequestTag/keyreeve:replaces=k 2026-01-05T09:00:00Z", "kms:DisableKey key/* aws:ResourceTag/keyreeve:replaces=k 2026-01-05T09:00:00Z",
		"kms:UpdateAlias alias/session =", "kms:UpdateAlias key/k =", "kms:DisableKey key/k =", "kms:EnableKey key/k =", "kms:TagResource key/k =",
	} {
		if !got[want] {
			t.Errorf("lacks %q: %v", want, slices.Sorted(maps.Keys(got)))
		}
	}
}
