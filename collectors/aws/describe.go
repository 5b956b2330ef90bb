package aws

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// metadata is what DescribeKey says, or nothing when it was refused.
type metadata struct{ *types.KeyMetadata }

// managed reports whether AWS made the key and keeps it, such as aws/s3.
func (m metadata) managed() bool {
	return m.KeyMetadata != nil && m.KeyManager == types.KeyManagerTypeAws
}

func (s *source) describe(ctx context.Context, r *inventory.Resource) (metadata, *refusal) {
	s.count(describeKey)
	out, err := s.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(string(r.ID))})
	if err != nil {
		return metadata{}, explain(describeKey, err)
	}
	if out.KeyMetadata == nil {
		return metadata{}, explain(describeKey, errIncomplete)
	}
	m := metadata{out.KeyMetadata}
	k := r.Key
	k.Spec = string(m.KeySpec)
	if k.Spec == "" {
		//lint:ignore SA1019 older servers and emulators know only this name
		k.Spec = string(m.CustomerMasterKeySpec) // the older name of the same field
	}
	k.Algorithm, k.Bits = algorithm(k.Spec, s.account.partition)
	k.Usages = awsfacts.KeyUsages(string(m.KeyUsage))
	k.Manager = managers[m.KeyManager]
	k.Origin = origins[m.Origin]
	k.State = states[m.KeyState]
	k.CreatedAt = utc(m.CreationDate)
	k.DeletionAt = utc(m.DeletionDate)
	if m.ExpirationModel == types.ExpirationModelTypeKeyMaterialExpires {
		k.ExpiresAt = utc(m.ValidTo)
		required(r, "key.expires_at", k.ExpiresAt != nil, describeKey)
	}
	k.MultiRegion = multiRegion(m)
	m.unstated(r)
	return m, nil
}

// unstated lists what an answer left out, or said with a word that this version does not know.
func (m metadata) unstated(r *inventory.Resource) {
	k := r.Key
	for fact, stated := range map[string]bool{
		"key.spec": k.Spec != "", "key.algorithm": k.Algorithm != "", "key.usages": k.Usages != nil, "key.manager": k.Manager != "", "key.origin": k.Origin != "",
		"key.state": k.State != "", "key.created_at": k.CreatedAt != nil, "key.multi_region": k.MultiRegion != "",
		"key.deletion_at": k.DeletionAt != nil || m.KeyState != types.KeyStatePendingDeletion,
	} {
		required(r, fact, stated, describeKey)
	}
}

// required lists a fact as not read when an answer did not state it.
func required(r *inventory.Resource, fact string, stated bool, call string) {
	if !stated {
		unknown(r, inventory.Unknown{Fact: fact, Why: inventory.NotRead, Call: call, Hint: "the answer lacks it, or says it with a word that this version of keyreeve does not know"})
	}
}

var managers = map[types.KeyManagerType]string{types.KeyManagerTypeAws: "provider", types.KeyManagerTypeCustomer: "customer"}

var origins = map[types.OriginType]string{
	types.OriginTypeAwsKms: "generated", types.OriginTypeExternal: "imported", types.OriginTypeAwsCloudhsm: "custom_store", types.OriginTypeExternalKeyStore: "custom_store",
}

var states = map[types.KeyState]string{
	types.KeyStateEnabled: "enabled", types.KeyStateDisabled: "disabled", types.KeyStatePendingDeletion: "pending_deletion",
	types.KeyStatePendingReplicaDeletion: "pending_deletion", // a primary that waits for its replicas to go; it has no date yet
	types.KeyStatePendingImport:          "pending_import", types.KeyStateUnavailable: "unavailable", types.KeyStateCreating: "creating", types.KeyStateUpdating: "updating",
}

func multiRegion(m metadata) string {
	switch {
	case m.MultiRegionConfiguration != nil && m.MultiRegionConfiguration.MultiRegionKeyType == types.MultiRegionKeyTypePrimary:
		return "primary"
	case m.MultiRegionConfiguration != nil && m.MultiRegionConfiguration.MultiRegionKeyType == types.MultiRegionKeyTypeReplica:
		return "replica"
	case m.MultiRegion != nil && !*m.MultiRegion:
		return "single"
	}
	return ""
}

// algorithm reads a spec. In China SYMMETRIC_DEFAULT is SM4, of 128 bits.
func algorithm(spec, partition string) (string, *int) {
	if spec == "SYMMETRIC_DEFAULT" && partition == "aws-cn" {
		return "other", aws.Int(128)
	}
	if spec == "" {
		return "", nil
	}
	return awsfacts.KeyKind(spec)
}

// utc is a time as the inventory keeps it. AWS tells milliseconds; a snapshot keeps them.
func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
