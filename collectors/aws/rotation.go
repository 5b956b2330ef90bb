package aws

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// rotates reports whether AWS would rotate a key of this kind by itself: only a symmetric encryption key whose material AWS made
// and keeps. Every other kind is rotated by making another key.
func (m metadata) rotates() bool {
	return m.KeySpec == types.KeySpecSymmetricDefault && m.KeyUsage == types.KeyUsageTypeEncryptDecrypt && m.Origin == types.OriginTypeAwsKms && aws.ToString(m.CustomKeyStoreId) == ""
}

// hasHistory reports whether the material of a key may ever have been replaced: automatically, or on demand, which imported
// material allows too.
func (m metadata) hasHistory() bool {
	return m.rotates() || m.KeySpec == types.KeySpecSymmetricDefault && m.KeyUsage == types.KeyUsageTypeEncryptDecrypt && m.Origin == types.OriginTypeExternal
}

// rotation reads whether a key rotates itself and when it last did. Of a key that cannot, nothing needs to be asked; of one that
// could not be described, nothing could be understood.
func (s *source) rotation(ctx context.Context, r *inventory.Resource, m metadata) {
	if m.KeyMetadata == nil {
		return
	}
	k := r.Key
	k.Rotation = &inventory.Rotation{Supported: aws.Bool(m.rotates()), KeepsOldForever: aws.Bool(m.rotates()), Automatic: aws.Bool(false)}
	if m.rotates() {
		s.rotationStatus(ctx, r)
	}
	k.RotatedAt = k.CreatedAt
	if m.hasHistory() {
		s.lastRotation(ctx, r)
	}
	if r.Unread("key.rotated_at") == nil {
		required(r, "key.rotated_at", k.RotatedAt != nil, describeKey)
	}
}

// rotationStatus reads what AWS would do by itself. A key that waits to be deleted reads "off" here, whatever it was before, and a
// disabled key reads as it was although it does not rotate: the state says so, and rules look at it.
func (s *source) rotationStatus(ctx context.Context, r *inventory.Resource) {
	rotation := r.Key.Rotation
	s.count(getKeyRotationStatus)
	out, err := s.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: aws.String(string(r.ID))})
	if err != nil {
		rotation.Automatic = nil
		unread(r, explain(getKeyRotationStatus, err))
		return
	}
	rotation.Automatic = aws.Bool(out.KeyRotationEnabled)
	if !out.KeyRotationEnabled {
		return
	}
	rotation.NextAt = utc(out.NextRotationDate)
	if out.RotationPeriodInDays != nil {
		rotation.PeriodDays = aws.Int(int(*out.RotationPeriodInDays))
	}
	required(r, "key.rotation.period_days", rotation.PeriodDays != nil, getKeyRotationStatus)
	required(r, "key.rotation.next_at", rotation.NextAt != nil, getKeyRotationStatus)
}

// lastRotation makes the age of a key that of the material it uses now: the newest rotation, else the creation. Where the history
// is refused, the creation bounds it: it was rotated no earlier.
func (s *source) lastRotation(ctx context.Context, r *inventory.Resource) {
	var newest *time.Time
	refused := pages(listKeyRotations, func(marker *string) (*string, *refusal) {
		s.count(listKeyRotations)
		out, err := s.kms.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: aws.String(string(r.ID)), Limit: aws.Int32(pageSize), Marker: marker})
		if err != nil {
			return nil, explain(listKeyRotations, err)
		}
		for _, e := range out.Rotations {
			if at := utc(e.RotationDate); at != nil && !pending(e.KeyMaterialState) && (newest == nil || at.After(*newest)) {
				newest = at
			}
		}
		return next(listKeyRotations, out.Truncated, out.NextMarker, marker)
	})
	k := r.Key
	switch {
	case refused != nil:
		k.RotatedAt = nil
		u := refused.unknown("key.rotated_at", string(r.ID))
		u.After = k.CreatedAt
		unknown(r, u)
	case newest != nil && (k.CreatedAt == nil || newest.After(*k.CreatedAt)):
		k.RotatedAt = newest
	}
}

// pending material was imported for a rotation that has not been asked for yet.
func pending(s types.KeyMaterialState) bool {
	return s == types.KeyMaterialStatePendingRotation || s == types.KeyMaterialStatePendingMultiRegionImportAndRotation
}

// providerKey states what holds for every key that AWS manages, from its documentation: it rotates about once a year, nobody can
// change that, and it has no tags. Its policy is AWS's own and lets the service use it for the account; it is not read either. The calls that would say so are not made: the key policies of some (aws/acm) refuse them to
// everyone, and each refusal would show in CloudTrail.
func providerKey(r *inventory.Resource) {
	r.Tags = map[string]string{}
	r.Key.Rotation = &inventory.Rotation{Supported: aws.Bool(true), Automatic: aws.Bool(true), PeriodDays: aws.Int(365), KeepsOldForever: aws.Bool(true)}
	hint := "nothing to do: AWS manages this key and its policy may let nobody ask"
	for fact, call := range map[string]string{"key.rotated_at": listKeyRotations, "key.rotation.next_at": getKeyRotationStatus, "key.last_use": getKeyLastUsage, "key.grants": listGrants} {
		u := inventory.Unknown{Fact: fact, Why: inventory.NotAsked, Call: call, Hint: hint}
		if fact == "key.rotated_at" {
			u.After = r.Key.CreatedAt
		}
		unknown(r, u)
	}
}
