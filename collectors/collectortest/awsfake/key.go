package awsfake

import (
	"crypto"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// A Region of an account holds keys and secrets.
type Region struct {
	Name string

	account *Account
	keys    []*Key
	aliases []types.AliasListEntry
	secrets []*Secret
}

// A Key is described by what differs from an enabled, customer managed, symmetric key that was made now and has never rotated.
// It says the same for as long as the server runs.
type Key struct {
	ID          string // a UUID; empty: counted up
	Spec        types.KeySpec
	Usage       types.KeyUsageType // empty: what the spec implies
	Manager     types.KeyManagerType
	Origin      types.OriginType
	State       types.KeyState
	Store       string // ID of a custom key store
	MultiRegion types.MultiRegionKeyType
	Description string

	Created    time.Time
	DeletionAt time.Time // with State PendingDeletion
	ValidTo    time.Time // of imported material; zero: it does not expire

	RotationPeriod int32 // days; 0: automatic rotation is off
	NextRotation   time.Time
	Rotations      []Rotation
	LastUsed       time.Time // zero: not since tracking began
	LastOperation  types.KeyLastUsageTrackingOperation
	TrackedSince   time.Time // zero: since it was made

	Tags    map[string]string
	Aliases []string // "alias/payments"
	Policy  string   // empty: the one that AWS gives a key, which leaves it to the account
	Grants  []types.GrantListEntry
	// Deny lists operations that the key's policy allows nobody: "DescribeKey". It is the key that refuses, whatever IAM grants.
	Deny []string

	rotating time.Time     // since when a rotation on demand is under way; zero: none is
	material crypto.Signer // of a key that signs; see signer
}

// A Rotation is one entry of a key's history.
type Rotation struct {
	At    time.Time
	Type  types.RotationType     // empty: automatic
	State types.KeyMaterialState // empty: current for the newest, else not current
}

// AddKey adds a key and its aliases and returns the key's ARN.
func (r *Region) AddKey(k Key) string {
	r.account.server.mu.Lock()
	defer r.account.server.mu.Unlock()
	return r.addKey(&k)
}

func (r *Region) addKey(k *Key) string {
	s := r.account.server
	if k.ID == "" {
		k.ID = fmt.Sprintf("%08x-0000-4000-8000-%012d", len(r.keys)+1, len(r.keys)+1)
	}
	k.Spec = orElse(k.Spec, types.KeySpecSymmetricDefault)
	k.Usage = orElse(k.Usage, impliedUsage(k.Spec))
	k.Manager = orElse(k.Manager, types.KeyManagerTypeCustomer)
	k.Origin = orElse(k.Origin, types.OriginTypeAwsKms)
	k.State = orElse(k.State, types.KeyStateEnabled)
	if k.Created.IsZero() {
		k.Created = s.now()
	}
	if k.TrackedSince.IsZero() {
		k.TrackedSince = k.Created
	}
	if k.RotationPeriod > 0 && k.NextRotation.IsZero() {
		k.NextRotation = s.now().AddDate(0, 0, int(k.RotationPeriod))
	}
	if k.Policy == "" {
		k.Policy = fmt.Sprintf(defaultPolicy, partition(r.Name), r.account.ID)
	}
	k.Tags, k.Aliases, k.Deny = maps.Clone(k.Tags), slices.Clone(k.Aliases), slices.Clone(k.Deny)
	k.Rotations, k.Grants = slices.Clone(k.Rotations), slices.Clone(k.Grants)
	slices.SortFunc(k.Rotations, func(a, b Rotation) int { return b.At.Compare(a.At) })
	r.keys = append(r.keys, k)
	for _, name := range k.Aliases {
		r.aliases = append(r.aliases, types.AliasListEntry{
			AliasName: aws.String(name), AliasArn: aws.String(r.arn(name)), TargetKeyId: aws.String(k.ID), CreationDate: aws.Time(k.Created), LastUpdatedDate: aws.Time(k.Created),
		})
	}
	return r.arn("key/" + k.ID)
}

// defaultPolicy is what KMS writes for a key that is made without a policy.
const defaultPolicy = `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:%s:iam::%s:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`

// AddEmptyAlias adds an alias that no key stands behind, as AWS does for services that were never used: alias/aws/s3.
func (r *Region) AddEmptyAlias(name string) {
	r.account.server.locked(func() {
		r.aliases = append(r.aliases, types.AliasListEntry{AliasName: aws.String(name), AliasArn: aws.String(r.arn(name))})
	})
}

func (r *Region) arn(resource string) string { return r.arnOf("kms", resource) }

func (r *Region) arnOf(service, resource string) string {
	return "arn:" + partition(r.Name) + ":" + service + ":" + r.Name + ":" + r.account.ID + ":" + resource
}

// find takes a key's ID or ARN, or an alias.
func (r *Region) find(id string) *Key {
	for _, a := range r.aliases {
		if id == *a.AliasName || id == *a.AliasArn {
			id = aws.ToString(a.TargetKeyId)
		}
	}
	for _, k := range r.keys {
		if id != "" && (id == k.ID || id == r.arn("key/"+k.ID)) {
			return k
		}
	}
	return nil
}

func (r *Region) metadata(k *Key) *types.KeyMetadata {
	m := &types.KeyMetadata{
		KeyId: aws.String(k.ID), Arn: aws.String(r.arn("key/" + k.ID)), AWSAccountId: aws.String(r.account.ID),
		CreationDate: aws.Time(k.Created), Enabled: k.State == types.KeyStateEnabled, KeyState: k.State, KeyManager: k.Manager,
		//lint:ignore SA1019 AWS still sends it
		KeySpec: k.Spec, CustomerMasterKeySpec: types.CustomerMasterKeySpec(k.Spec), KeyUsage: k.Usage, Origin: k.Origin,
		MultiRegion: aws.Bool(k.MultiRegion != ""), Description: aws.String(k.Description),
	}
	if k.Store != "" {
		m.CustomKeyStoreId = aws.String(k.Store)
	}
	if k.MultiRegion != "" {
		m.MultiRegionConfiguration = &types.MultiRegionConfiguration{MultiRegionKeyType: k.MultiRegion}
	}
	if !k.DeletionAt.IsZero() {
		m.DeletionDate = aws.Time(k.DeletionAt)
	}
	if k.Origin == types.OriginTypeExternal {
		m.ExpirationModel = types.ExpirationModelTypeKeyMaterialDoesNotExpire
		if !k.ValidTo.IsZero() {
			m.ExpirationModel, m.ValidTo = types.ExpirationModelTypeKeyMaterialExpires, aws.Time(k.ValidTo)
		}
	}
	return m
}

// rotates reports whether AWS would rotate a key of this kind by itself.
func (k *Key) rotates() bool {
	return k.Spec == types.KeySpecSymmetricDefault && k.Origin == types.OriginTypeAwsKms && k.Store == ""
}

func orElse[T ~string](v, def T) T {
	if v == "" {
		return def
	}
	return v
}

func impliedUsage(spec types.KeySpec) types.KeyUsageType {
	switch s := string(spec); {
	case strings.HasPrefix(s, "HMAC"):
		return types.KeyUsageTypeGenerateVerifyMac
	case spec == types.KeySpecSymmetricDefault:
		return types.KeyUsageTypeEncryptDecrypt
	case strings.HasPrefix(s, "ML_KEM"):
		return types.KeyUsageTypeEncapsulateDecapsulate
	}
	return types.KeyUsageTypeSignVerify
}

// partition is the part of an ARN that says which of AWS's separate worlds a Region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
