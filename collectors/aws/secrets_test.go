package aws

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var onlySecrets = Config{Services: []string{"secretsmanager"}}

func ptr[T any](v T) *T { return &v }

// TestFactsOfASecret reads one of each kind.
func TestFactsOfASecret(t *testing.T) {
	day := func(n int) time.Time { return noon.AddDate(0, 0, -n) }
	for _, c := range []struct {
		name   string
		secret awsfake.Secret
		want   inventory.Secret
		refs   []inventory.Ref
	}{
		{
			"never rotated: its age is that of its value, not that of its last change",
			awsfake.Secret{Created: day(400), Changed: day(1), Tags: map[string]string{"team": "a"}},
			inventory.Secret{
				CreatedAt: at(day(400)), WrittenAt: at(day(400)), State: "enabled", ServiceManaged: ptr(false), Replica: ptr(false),
				Rotation: &inventory.Rotation{Supported: ptr(true), Automatic: ptr(false)}, LastUse: &inventory.LastUse{TrackingSince: at(day(400))},
			},
			nil,
		},
		{
			"rotates every 30 days; the pending version is not the current one",
			awsfake.Secret{
				Created: day(400), RotationDays: 30, NextRotation: day(-3), Accessed: day(2), PrimaryRegion: "eu-west-1", KMSKey: "alias/app",
				Versions: []awsfake.SecretVersion{{Created: day(400)}, {Created: day(27), Stages: []string{"AWSCURRENT"}}, {Created: day(1), Stages: []string{"AWSPENDING"}}},
			},
			inventory.Secret{
				CreatedAt: at(day(400)), WrittenAt: at(day(27)), State: "enabled", ServiceManaged: ptr(false), Replica: ptr(false),
				Rotation: &inventory.Rotation{Supported: ptr(true), Automatic: ptr(true), PeriodDays: ptr(30), NextAt: at(day(-3))}, LastUse: &inventory.LastUse{At: at(day(2)), TrackingSince: at(day(400))},
			},
			[]inventory.Ref{{Edge: "uses", To: "arn:aws:kms:eu-west-1:111122223333:alias/app", Target: aliasType, Name: "alias/app"}},
		},
		{
			"on a schedule, by a service, as a replica",
			awsfake.Secret{Created: day(40), Schedule: "rate(4 hours)", OwningService: "rds", PrimaryRegion: "us-east-1", KMSKey: "arn:aws:kms:eu-west-1:444455556666:key/k"},
			inventory.Secret{
				CreatedAt: at(day(40)), WrittenAt: at(day(40)), State: "enabled", ServiceManaged: ptr(true), Replica: ptr(true),
				Rotation: &inventory.Rotation{Supported: ptr(true), Automatic: ptr(true), PeriodDays: ptr(1)}, LastUse: &inventory.LastUse{TrackingSince: at(day(40))},
			},
			[]inventory.Ref{{Edge: "uses", To: "arn:aws:kms:eu-west-1:444455556666:key/k", Target: keyType, Name: "arn:aws:kms:eu-west-1:444455556666:key/k"}},
		},
		{
			"deleted, under a key named by its ID",
			awsfake.Secret{Created: day(40), Deleted: day(2), KMSKey: "k"},
			inventory.Secret{
				CreatedAt: at(day(40)), WrittenAt: at(day(40)), DeletedAt: at(day(2)), State: "deleted", ServiceManaged: ptr(false), Replica: ptr(false),
				Rotation: &inventory.Rotation{Supported: ptr(true), Automatic: ptr(false)}, LastUse: &inventory.LastUse{TrackingSince: at(day(40))},
			},
			[]inventory.Ref{{Edge: "uses", To: "arn:aws:kms:eu-west-1:111122223333:key/k", Target: keyType, Name: "k"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake, region := newFake()
			c.secret.Name = "app/db"
			arn := region.AddSecret(c.secret)
			r := read(t, fake, onlySecrets).find(t, secretType, "app/db")
			if d := cmp.Diff(&c.want, r.Secret); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.refs, r.Refs); d != "" {
				t.Errorf("refs (-want +got):\n%s", d)
			}
			if string(r.ID) != arn || len(r.Unknown) > 0 || r.Tags == nil || r.Tags["team"] != c.secret.Tags["team"] {
				t.Errorf("%s, tags %v, unknown %+v", r.ID, r.Tags, r.Unknown)
			}
		})
	}
}

// TestSecretWithoutACurrentVersion has no age: nobody wrote a value.
func TestSecretWithoutACurrentVersion(t *testing.T) {
	fake, region := newFake()
	region.AddSecret(awsfake.Secret{Name: "empty", Versions: []awsfake.SecretVersion{}})
	r := read(t, fake, onlySecrets).find(t, secretType, "empty")
	if u := r.Unread("secret.written_at"); u == nil || u.Why != inventory.NotRead || r.Secret.WrittenAt != nil {
		t.Errorf("written %v, unknown %+v", r.Secret.WrittenAt, r.Unknown)
	}
}

// TestScheduleThatIsNotUnderstood leaves the period open, not the rotation.
func TestScheduleThatIsNotUnderstood(t *testing.T) {
	fake, region := newFake()
	region.AddSecret(awsfake.Secret{Name: "odd", Schedule: "cron(0 8 ? * MON-FRI *)"})
	r := read(t, fake, onlySecrets).find(t, secretType, "odd")
	if facts := unreadOf(r); len(facts) != 1 || facts["secret.rotation.period_days"] != inventory.NotRead || !*r.Secret.Rotation.Automatic {
		t.Errorf("unknown %v", facts)
	}
}

// TestVersionsThatAreDenied bound the age: it was written after the secret was made and before it was last changed.
func TestVersionsThatAreDenied(t *testing.T) {
	fake, region := newFake()
	region.AddSecret(awsfake.Secret{Name: "closed", Created: made, Changed: noon, Deny: []string{"ListSecretVersionIds"}})
	region.AddSecret(awsfake.Secret{Name: "open", Created: made})
	got := read(t, fake, onlySecrets)
	u := ptr(got.find(t, secretType, "closed")).Unread("secret.written_at")
	if u == nil || u.Why != inventory.Denied || !u.After.Equal(made) || !u.Before.Equal(noon) || u.Hint != "allow secretsmanager:ListSecretVersionIds on it" {
		t.Errorf("unknown %+v", u)
	}
	if open := got.find(t, secretType, "open"); len(open.Unknown) > 0 {
		t.Errorf("the refusal of one secret reaches another: %+v", open.Unknown)
	}
}

// TestResourcePolicies are read into statements, and their text is kept once.
func TestResourcePolicies(t *testing.T) {
	fake, region := newFake()
	public := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:*","Resource":"*"}]}`
	region.AddSecret(awsfake.Secret{Name: "public", Policy: public})
	region.AddSecret(awsfake.Secret{Name: "again", Policy: public})
	region.AddSecret(awsfake.Secret{Name: "none"})
	region.AddSecret(awsfake.Secret{Name: "denied", Deny: []string{"GetResourcePolicy"}})
	region.AddSecret(awsfake.Secret{Name: "broken", Policy: `{"Statement":[{"Effect":"Perhaps"}]}`})
	got := read(t, fake, onlySecrets)

	open := got.find(t, secretPolicyType, "public")
	if s := open.Policy.Statements; len(s) != 1 || !*s[0].Everyone || *s[0].Restricted || open.Policy.Guards != secretType {
		t.Errorf("statements %+v", s)
	}
	if open.Document != public || open.Policy.Document != inventory.DocumentHash(public) || open.Refs[0].To != got.find(t, secretType, "public").ID {
		t.Errorf("document %q with hash %s, refs %v", open.Document, open.Policy.Document, open.Refs)
	}
	if again := got.find(t, secretPolicyType, "again"); again.Policy.Document != open.Policy.Document || again.ID == open.ID {
		t.Errorf("%+v", again.Policy)
	}
	if none := got.find(t, secretPolicyType, "none"); none.Policy.Statements == nil || len(none.Policy.Statements) > 0 || none.Policy.Document != "" || len(none.Unknown) > 0 {
		t.Errorf("a secret without a policy: %+v, unknown %+v", none.Policy, none.Unknown)
	}
	if denied := got.find(t, secretPolicyType, "denied"); denied.Policy.Statements != nil || unreadOf(denied)["policy.statements"] != inventory.Denied || unreadOf(denied)["policy.document"] != inventory.Denied {
		t.Errorf("a policy that is denied: %+v, unknown %+v", denied.Policy, denied.Unknown)
	}
	broken := got.find(t, secretPolicyType, "broken")
	if u := broken.Unread("policy.statements"); broken.Policy.Statements != nil || u == nil || u.Why != inventory.Unreadable || !strings.Contains(u.Hint, "statement 1") || broken.Document == "" {
		t.Errorf("a policy that is none: %+v, unknown %+v", broken.Policy, broken.Unknown)
	}
}

// TestListOfSecretsThatBreaksOff keeps the pages that came and is a gap of secrets and policies, not of keys.
func TestListOfSecretsThatBreaksOff(t *testing.T) {
	fake, region := newFake()
	fake.SetPageSize(1)
	region.AddSecret(awsfake.Secret{Name: "a"})
	region.AddSecret(awsfake.Secret{Name: "bb"})
	asked := 0
	fake.Break(awsfake.Fault{Call: listSecrets, Do: func(w http.ResponseWriter, r *http.Request, req awsfake.Request, healthy awsfake.Answer) {
		if asked++; asked > 1 {
			awsfake.Deny(w, r, req, healthy)
			return
		}
		awsfake.Body(string(healthy.Body))(w, r, req, healthy)
	}})
	got := read(t, fake, onlySecrets)
	if len(got.others) != 2 || len(got.gaps) != 1 || !got.gaps[0].Covers(secretType) || !got.gaps[0].Covers(secretPolicyType) || got.gaps[0].Covers(keyType) {
		t.Errorf("%d resources, gaps %+v", len(got.others), got.gaps)
	}
}

// TestServicesThatAreNotAskedFor are not called.
func TestServicesThatAreNotAskedFor(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{})
	region.AddSecret(awsfake.Secret{Name: "a"})
	got := read(t, fake, onlySecrets)
	for _, c := range fake.Calls() {
		if strings.HasPrefix(c.Name, "kms:") {
			t.Errorf("made %s", c.Name)
		}
	}
	if types := got.sources[0].(inventory.Reporter).Report().Types; !cmp.Equal(types, []string{secretPolicyType, secretType}) || len(got.keys) > 0 {
		t.Errorf("reports to read %v", types)
	}
}
