package aws

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var (
	made   = noon.AddDate(-3, 0, 0)
	common = []string{describeKey, getKeyPolicy, listGrants, getKeyLastUsage, listResourceTags}
)

// TestFactsOfEachKindOfKey checks what is observed of a key, and that nothing is asked that its kind cannot answer.
func TestFactsOfEachKindOfKey(t *testing.T) {
	still := func() *inventory.Rotation {
		return &inventory.Rotation{Supported: aws.Bool(false), Automatic: aws.Bool(false), KeepsOldForever: aws.Bool(false)}
	}
	symmetric := func(change func(*inventory.Key)) inventory.Key {
		k := inventory.Key{
			Spec: "SYMMETRIC_DEFAULT", Algorithm: "aes", Bits: aws.Int(256), Usages: []string{"decrypt", "encrypt"}, Manager: "customer", Origin: "generated", State: "enabled",
			CreatedAt: at(made), RotatedAt: at(made), MultiRegion: "single", LastUse: &inventory.LastUse{TrackingSince: at(made)},
			Rotation: &inventory.Rotation{Supported: aws.Bool(true), Automatic: aws.Bool(false), KeepsOldForever: aws.Bool(true)},
		}
		change(&k)
		return k
	}
	for _, c := range []struct {
		name  string
		key   awsfake.Key
		want  inventory.Key
		calls []string // besides those for every key
	}{
		{
			"never rotated",
			awsfake.Key{},
			symmetric(func(k *inventory.Key) {}),
			[]string{getKeyRotationStatus, listKeyRotations},
		},
		{
			"rotates itself; the newest rotation is its age",
			awsfake.Key{RotationPeriod: 180, NextRotation: noon.AddDate(0, 0, 9), LastUsed: noon, Rotations: []awsfake.Rotation{{At: noon.AddDate(-2, 0, 0)}, {At: noon.AddDate(-1, 0, 0), Type: types.RotationTypeOnDemand}}},
			symmetric(func(k *inventory.Key) {
				k.Rotation.Automatic, k.Rotation.PeriodDays, k.Rotation.NextAt = aws.Bool(true), aws.Int(180), at(noon.AddDate(0, 0, 9))
				k.RotatedAt = at(noon.AddDate(-1, 0, 0))
				k.LastUse.At, k.LastUse.Operation = at(noon), "Decrypt"
			}),
			[]string{getKeyRotationStatus, listKeyRotations},
		},
		{
			"disabled, with rotation as it was",
			awsfake.Key{State: types.KeyStateDisabled, RotationPeriod: 365, NextRotation: noon},
			symmetric(func(k *inventory.Key) {
				k.State = "disabled"
				k.Rotation.Automatic, k.Rotation.PeriodDays, k.Rotation.NextAt = aws.Bool(true), aws.Int(365), at(noon)
			}),
			[]string{getKeyRotationStatus, listKeyRotations},
		},
		{
			"waits to be deleted: rotation reads off",
			awsfake.Key{State: types.KeyStatePendingDeletion, RotationPeriod: 365, DeletionAt: noon.AddDate(0, 0, 30)},
			symmetric(func(k *inventory.Key) { k.State, k.DeletionAt = "pending_deletion", at(noon.AddDate(0, 0, 30)) }),
			[]string{getKeyRotationStatus, listKeyRotations},
		},
		{
			"RSA cannot rotate in place",
			awsfake.Key{Spec: types.KeySpecRsa2048},
			symmetric(func(k *inventory.Key) {
				k.Spec, k.Algorithm, k.Bits, k.Usages, k.Rotation = "RSA_2048", "rsa", aws.Int(2048), []string{"sign", "verify"}, still()
			}), nil,
		},
		{
			"HMAC",
			awsfake.Key{Spec: types.KeySpecHmac256},
			symmetric(func(k *inventory.Key) {
				k.Spec, k.Algorithm, k.Usages, k.Rotation = "HMAC_256", "hmac", []string{"mac"}, still()
			}), nil,
		},
		{
			"ML-DSA has a parameter set, no size",
			awsfake.Key{Spec: types.KeySpecMlDsa65},
			symmetric(func(k *inventory.Key) {
				k.Spec, k.Algorithm, k.Bits, k.Usages, k.Rotation = "ML_DSA_65", "ml_dsa", nil, []string{"sign", "verify"}, still()
			}), nil,
		},
		{
			"imported material: rotated on demand, what waits does not count",
			awsfake.Key{Origin: types.OriginTypeExternal, ValidTo: noon.AddDate(0, 1, 0), Rotations: []awsfake.Rotation{{At: noon.AddDate(0, -2, 0), State: types.KeyMaterialStateCurrent}, {At: noon.AddDate(0, -1, 0), State: types.KeyMaterialStatePendingRotation}}},
			symmetric(func(k *inventory.Key) {
				k.Origin, k.ExpiresAt, k.RotatedAt, k.Rotation = "imported", at(noon.AddDate(0, 1, 0)), at(noon.AddDate(0, -2, 0)), still()
			}),
			[]string{listKeyRotations},
		},
		{
			"in a custom store",
			awsfake.Key{Origin: types.OriginTypeAwsCloudhsm, Store: "cks-1"},
			symmetric(func(k *inventory.Key) { k.Origin, k.Rotation = "custom_store", still() }), nil,
		},
		{
			"a replica",
			awsfake.Key{MultiRegion: types.MultiRegionKeyTypeReplica},
			symmetric(func(k *inventory.Key) { k.MultiRegion = "replica" }),
			[]string{getKeyRotationStatus, listKeyRotations},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake, region := newFake()
			c.key.Created = made
			region.AddKey(c.key)
			r := read(t, fake, Config{}).only(t)
			c.want.Grants = ptr(0)
			if diff := cmp.Diff(c.want, *r.Key); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
			if len(r.Unknown) > 0 {
				t.Errorf("unknown: %+v", r.Unknown)
			}
			if want, got := slices.Sorted(slices.Values(slices.Concat(common, c.calls))), asked(fake); !slices.Equal(want, got) {
				t.Errorf("asked %v, want %v", got, want)
			}
		})
	}
}

// asked lists the calls about keys that arrived, sorted.
func asked(fake *awsfake.Server) []string {
	seen := map[string]bool{}
	for _, c := range fake.Calls() {
		if c.Name != listKeys && c.Name != listAliases && !strings.HasPrefix(c.Name, "sts:") {
			seen[c.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// TestKeysThatAWSManages are observed without the calls that their policies may refuse to everyone, and nothing that is
// required of them is missing.
func TestKeysThatAWSManages(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{Manager: types.KeyManagerTypeAws, Created: made, Aliases: []string{"alias/aws/acm"}, Deny: []string{"GetKeyRotationStatus", "ListKeyRotations", "ListResourceTags", "GetKeyLastUsage"}})
	region.AddEmptyAlias("alias/aws/s3")
	r := read(t, fake, Config{}).only(t)
	if r.Key.Manager != "provider" || r.Name != "alias/aws/acm" || !*r.Key.Rotation.Automatic || *r.Key.Rotation.PeriodDays != 365 || r.Tags == nil {
		t.Errorf("got %+v, %+v", r, r.Key)
	}
	if got := asked(fake); !slices.Equal(got, []string{describeKey}) {
		t.Errorf("asked %v", got)
	}
	if u := r.Unread("key.rotated_at"); u == nil || u.After == nil || !u.After.Equal(made) {
		t.Errorf("key.rotated_at is %+v, want unknown and no earlier than %s", u, made)
	}
	if r.Complete(); len(r.Unknown) != 4 {
		t.Errorf("something required is missing: %+v", r.Unknown)
	}
	if _, unknown := r.Facts(); unknown != 0 {
		t.Errorf("%d required facts are unknown; a scan of an account with such a key would never be complete", unknown)
	}
}

// TestAliasesNameKeys checks names and refs, and that an alias without a key behind it is nobody's.
func TestAliasesNameKeys(t *testing.T) {
	fake, region := newFake()
	fake.SetPageSize(2)
	region.AddEmptyAlias("alias/aws/s3")
	region.AddKey(awsfake.Key{ID: "b", Aliases: []string{"alias/z", "alias/a", "alias/m"}})
	region.AddKey(awsfake.Key{ID: "c"})
	got := read(t, fake, Config{})
	want := []inventory.Ref{
		{Edge: "alias", To: "arn:aws:kms:eu-west-1:111122223333:alias/a", Target: "aws.kms.alias", Name: "alias/a"},
		{Edge: "alias", To: "arn:aws:kms:eu-west-1:111122223333:alias/m", Target: "aws.kms.alias", Name: "alias/m"},
		{Edge: "alias", To: "arn:aws:kms:eu-west-1:111122223333:alias/z", Target: "aws.kms.alias", Name: "alias/z"},
	}
	if diff := cmp.Diff(want, got.keys[0].Refs); diff != "" || got.keys[0].Name != "alias/a" {
		t.Errorf("name %q, refs (-want +got):\n%s", got.keys[0].Name, diff)
	}
	if len(got.keys[1].Refs) != 0 || got.keys[1].Name != "c" {
		t.Errorf("a key without an alias is called %q and has refs %v", got.keys[1].Name, got.keys[1].Refs)
	}
}

func TestTagsDeclareRewrap(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{Tags: map[string]string{"keyreeve:rewrap": "lazy", "env": "prod"}})
	r := read(t, fake, Config{}).only(t)
	if r.Key.Rewrap != "lazy" || r.Tags["env"] != "prod" {
		t.Errorf("rewrap %q, tags %v", r.Key.Rewrap, r.Tags)
	}
}

func TestAlgorithmOfSpec(t *testing.T) {
	for _, c := range []struct {
		spec, partition, algorithm string
		bits                       int // 0: not said
	}{
		{"SYMMETRIC_DEFAULT", "aws", "aes", 256},
		{"SYMMETRIC_DEFAULT", "aws-cn", "other", 128}, // SM4
		{"RSA_4096", "aws", "rsa", 4096},
		{"ECC_NIST_P521", "aws", "ec", 521},
		{"ECC_SECG_P256K1", "aws", "ec", 256},
		{"ECC_NIST_EDWARDS25519", "aws", "ed25519", 256},
		{"HMAC_512", "aws", "hmac", 512},
		{"SM2", "aws-cn", "sm2", 256},
		{"ML_KEM_768", "aws", "ml_kem", 0},
		{"SOMETHING_NEW", "aws", "other", 0},
		{"", "aws", "", 0},
	} {
		algorithm, bits := algorithm(c.spec, c.partition)
		if algorithm != c.algorithm || aws.ToInt(bits) != c.bits {
			t.Errorf("%q in %s is %s of %d bits, want %s of %d", c.spec, c.partition, algorithm, aws.ToInt(bits), c.algorithm, c.bits)
		}
	}
	for _, spec := range types.KeySpec("").Values() {
		if a, _ := algorithm(string(spec), "aws"); a == "other" || a == "" {
			t.Errorf("%s, which the SDK knows, is of no known algorithm", spec)
		}
	}
}

// Every word that the SDK knows has to be one of the inventory's; a new one must not become an empty fact unnoticed.
func TestWordsOfTheSDKAreKnown(t *testing.T) {
	for _, v := range types.KeyState("").Values() {
		if states[v] == "" {
			t.Errorf("state %s is not mapped", v)
		}
	}
	for _, v := range types.KeyUsageType("").Values() {
		if awsfacts.KeyUsages(string(v)) == nil {
			t.Errorf("usage %s is not mapped", v)
		}
	}
	for _, v := range types.OriginType("").Values() {
		if origins[v] == "" {
			t.Errorf("origin %s is not mapped", v)
		}
	}
}

func TestTimesAreUTC(t *testing.T) {
	tokyo := time.FixedZone("", 9*3600)
	if got := utc(at(noon.In(tokyo))); got.Location() != time.UTC || !got.Equal(noon) {
		t.Errorf("got %v", got)
	}
	if utc(at(time.Time{})) != nil {
		t.Error("a zero time is a time")
	}
}
