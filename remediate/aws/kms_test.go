package aws_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/remediate"
	rotate "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// kmsKey is a symmetric key as a scan finds it.
func kmsKey(arn string, made time.Time, period int) *inventory.Resource {
	r := &inventory.Resource{
		ID: inventory.ID(arn), Type: "aws.kms.key", Name: "alias/payments", Scope: inventory.NewScope("aws", "", number, region), Origin: inventory.Live,
		Key: &inventory.Key{
			State: "enabled", Origin: "generated", Manager: "customer", MultiRegion: "single", CreatedAt: &made, RotatedAt: &made,
			Rotation: &inventory.Rotation{Supported: pointer(true), Automatic: pointer(period > 0)},
		},
	}
	if period > 0 {
		r.Key.Rotation.PeriodDays = &period
	}
	return r
}

func kms(period int, d remediate.Draft) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		d := d
		fake := awsfake.New(now)
		in := fake.Account(number).Region(region)
		made := days(now(), 800)
		arn := in.AddKey(awsfake.Key{Created: made, RotationPeriod: int32(period), Aliases: []string{"alias/payments"}})
		d.Resource = kmsKey(arn, made, period)
		f := fixture(t, fake, d, rotate.DraftKMS)
		dialled := dial(f.Wire)
		f.Rotator = rotate.KMS{Dial: dialled}
		tell := func() (days int32, rotations int, running bool) { return in.Rotations(arn) }
		f.State = func() string {
			days, rotations, running := tell()
			return fmt.Sprintf("automatic %d, %d rotations, running %t", days, rotations, running)
		}
		f.Foreign = func() { in.RotateNow(arn) }
		f.Restores = false
		return f
	}
}

func TestKMS(t *testing.T) {
	for _, c := range []struct {
		name   string
		period int
		d      remediate.Draft
	}{
		{"automatic and on demand", 0, remediate.Draft{Findings: []string{"rotation/encryption-key-overdue"}}},
		{"automatic only", 0, remediate.Draft{Findings: []string{"rotation/automatic-rotation-off"}}},
		{"a shorter period", 1000, remediate.Draft{Findings: []string{"rotation/rotation-period-too-long"}, Key: &remediate.Key{PeriodDays: 180}}},
		{"on demand only", 365, remediate.Draft{}},
	} {
		t.Run(c.name, func(t *testing.T) { rotatortest.Run(t, kms(c.period, c.d)) })
	}
}

func TestKMSRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(*inventory.Resource, *remediate.Draft)
		why  string
	}{
		{"imported", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.Origin = "imported" }, "imported"},
		{"custom store", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.Origin = "custom_store" }, "a store of yours"},
		{"AWS's own", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.Manager = "provider" }, "AWS manages it"},
		{"disabled", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.State = "disabled" }, "it is disabled"},
		{"going", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.State = "pending_deletion" }, "it is pending_deletion"},
		{"a replica", func(r *inventory.Resource, _ *remediate.Draft) { r.Key.MultiRegion = "replica" }, "a replica"},
		{"a period that AWS does not take", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.PeriodDays = 30 }, "AWS takes 90 to 2560"},
		{"retiring", func(_ *inventory.Resource, d *remediate.Draft) { d.Retire = true }, "keeps old material"},
		{"age not read", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Unknown = []inventory.Unknown{{Fact: "key.rotated_at", Why: inventory.Denied, Hint: "allow it"}}
		}, "key.rotated_at was not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := remediate.Draft{Resource: kmsKey("arn:aws:kms:eu-west-1:111122223333:key/k", time.Now(), 0), Key: &remediate.Key{}}
			c.with(d.Resource, &d)
			refused(t, rotate.DraftKMS, d, c.why)
		})
	}
}

func TestKMSPermissions(t *testing.T) {
	arn := "arn:aws:kms:eu-west-1:111122223333:key/k"
	_, steps, err := rotate.DraftKMS(remediate.Draft{Resource: kmsKey(arn, time.Now(), 0), Key: &remediate.Key{}, Findings: []string{"rotation/automatic-rotation-off"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range rotate.KMSPermissions(plan.Rotation{Resource: inventory.ID(arn), Steps: steps}) {
		got = append(got, p.Action)
		if p.Resource != arn {
			t.Errorf("%s on %s", p.Action, p.Resource)
		}
	}
	want := []string{"kms:DescribeKey", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GetKeyRotationStatus", "kms:ListKeyRotations"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
