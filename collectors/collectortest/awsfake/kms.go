package awsfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
)

// kmsOperations are the calls of KMS that it knows.
var kmsOperations = map[string]operation{
	"kms:ListKeys":             op(listKeys),
	"kms:ListAliases":          op(listAliases),
	"kms:DescribeKey":          op(describeKey),
	"kms:GetKeyRotationStatus": op(getKeyRotationStatus),
	"kms:ListKeyRotations":     op(listKeyRotations),
	"kms:ListResourceTags":     op(listResourceTags),
	"kms:GetKeyLastUsage":      op(getKeyLastUsage),
	"kms:GetKeyPolicy":         op(getKeyPolicy),
	"kms:ListGrants":           op(listGrants),
	"kms:GetPublicKey":         op(getPublicKey),
	"kms:Sign":                 op(sign),
}

func listKeys(c *call, in *kms.ListKeysInput) (*kms.ListKeysOutput, error) {
	out := &kms.ListKeysOutput{Keys: []types.KeyListEntry{}}
	page, next, err := paged(c, c.region.keys, in.Limit, in.Marker)
	for _, k := range page {
		out.Keys = append(out.Keys, types.KeyListEntry{KeyId: aws.String(k.ID), KeyArn: aws.String(c.region.arn("key/" + k.ID))})
	}
	out.NextMarker, out.Truncated = next, next != nil
	return out, err
}

func listAliases(c *call, in *kms.ListAliasesInput) (*kms.ListAliasesOutput, error) {
	all := c.region.aliases
	if in.KeyId != nil {
		k, err := c.key(in.KeyId)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(slices.Clone(all), func(a types.AliasListEntry) bool { return aws.ToString(a.TargetKeyId) != k.ID })
	}
	page, next, err := paged(c, all, in.Limit, in.Marker)
	return &kms.ListAliasesOutput{Aliases: append([]types.AliasListEntry{}, page...), NextMarker: next, Truncated: next != nil}, err
}

func describeKey(c *call, in *kms.DescribeKeyInput) (*kms.DescribeKeyOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	return &kms.DescribeKeyOutput{KeyMetadata: c.region.metadata(k)}, nil
}

func getKeyRotationStatus(c *call, in *kms.GetKeyRotationStatusInput) (*kms.GetKeyRotationStatusOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	if !k.rotates() {
		return nil, unsupported(c, k)
	}
	out := &kms.GetKeyRotationStatusOutput{KeyId: aws.String(k.ID), OnDemandRotationStartDate: date(k.rotating)}
	switch {
	case k.Manager == types.KeyManagerTypeAws:
		out.KeyRotationEnabled, out.RotationPeriodInDays = true, aws.Int32(365)
	case k.State == types.KeyStatePendingDeletion: // reads false, whatever it was before
	case k.RotationPeriod > 0:
		out.KeyRotationEnabled, out.RotationPeriodInDays, out.NextRotationDate = true, aws.Int32(k.RotationPeriod), aws.Time(k.NextRotation)
	}
	return out, nil
}

func listKeyRotations(c *call, in *kms.ListKeyRotationsInput) (*kms.ListKeyRotationsOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Spec != types.KeySpecSymmetricDefault || k.Store != "" {
		return nil, unsupported(c, k)
	}
	page, next, err := paged(c, k.Rotations, in.Limit, in.Marker)
	out := &kms.ListKeyRotationsOutput{Rotations: []types.RotationsListEntry{}, NextMarker: next, Truncated: next != nil}
	for _, r := range page {
		state := types.KeyMaterialStateNonCurrent
		if r.At.Equal(k.Rotations[0].At) {
			state = types.KeyMaterialStateCurrent
		}
		e := types.RotationsListEntry{KeyId: aws.String(k.ID), RotationType: orElse(r.Type, types.RotationTypeAutomatic), KeyMaterialState: orElse(r.State, state)}
		if !r.At.IsZero() {
			e.RotationDate = aws.Time(r.At)
		}
		out.Rotations = append(out.Rotations, e)
	}
	return out, err
}

func listResourceTags(c *call, in *kms.ListResourceTagsInput) (*kms.ListResourceTagsOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	var tags []types.Tag
	for name, value := range k.Tags {
		tags = append(tags, types.Tag{TagKey: aws.String(name), TagValue: aws.String(value)})
	}
	slices.SortFunc(tags, func(a, b types.Tag) int { return strings.Compare(*a.TagKey, *b.TagKey) })
	page, next, err := paged(c, tags, in.Limit, in.Marker)
	return &kms.ListResourceTagsOutput{Tags: append([]types.Tag{}, page...), NextMarker: next, Truncated: next != nil}, err
}

func getKeyLastUsage(c *call, in *kms.GetKeyLastUsageInput) (*kms.GetKeyLastUsageOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	out := &kms.GetKeyLastUsageOutput{KeyId: aws.String(k.ID), KeyCreationDate: aws.Time(k.Created), TrackingStartDate: aws.Time(k.TrackedSince), KeyLastUsage: &types.KeyLastUsageData{}}
	if !k.LastUsed.IsZero() {
		out.KeyLastUsage.Timestamp = aws.Time(k.LastUsed)
		out.KeyLastUsage.Operation = orElse(k.LastOperation, types.KeyLastUsageTrackingOperationDecrypt)
	}
	return out, nil
}

func getKeyPolicy(c *call, in *kms.GetKeyPolicyInput) (*kms.GetKeyPolicyOutput, error) {
	k, err := c.key(in.KeyId)
	switch {
	case err != nil:
		return nil, err
	case in.PolicyName != nil && *in.PolicyName != "default":
		return nil, &types.NotFoundException{Message: aws.String("No such policy exists")}
	}
	return &kms.GetKeyPolicyOutput{Policy: aws.String(k.Policy), PolicyName: aws.String("default")}, nil
}

func listGrants(c *call, in *kms.ListGrantsInput) (*kms.ListGrantsOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c, k.Grants, in.Limit, in.Marker)
	return &kms.ListGrantsOutput{Grants: append([]types.GrantListEntry{}, page...), NextMarker: next, Truncated: next != nil}, err
}

// key finds the key that a call is about, and lets its policy refuse.
func (c *call) key(id *string) (*Key, error) {
	k := c.region.find(aws.ToString(id))
	if k == nil {
		return nil, &types.NotFoundException{Message: aws.String("Key '" + c.region.arn("key/"+aws.ToString(id)) + "' does not exist")}
	}
	c.req.Key = c.region.arn("key/" + k.ID)
	if slices.Contains(k.Deny, c.operation) {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: c.req.notAuthorized("no resource-based policy allows the " + c.req.Call + " action")}
	}
	return k, nil
}

func unsupported(c *call, k *Key) error {
	return &types.UnsupportedOperationException{Message: aws.String(fmt.Sprintf("%s is not supported for the key %s.", c.req.Call, c.region.arn("key/"+k.ID)))}
}

// badMarker is what each service calls the error for a marker that it never gave out.
var badMarker = map[string]string{"kms": "InvalidMarkerException", "secretsmanager": "InvalidNextTokenException", "organizations": "InvalidInputException"}

// paged cuts one page out of a list. A marker is the number of the first item of the page, as a string.
func paged[T any](c *call, all []T, limit *int32, marker *string) ([]T, *string, error) {
	size, start := c.server.page, 0
	if limit != nil {
		size = min(size, int(*limit))
	}
	if marker != nil {
		var err error
		if start, err = strconv.Atoi(*marker); err != nil || start < 0 || start > len(all) {
			return nil, nil, &smithy.GenericAPIError{Code: badMarker[c.req.service()], Message: "the marker is not valid"}
		}
	}
	end := min(start+size, len(all))
	if end < len(all) {
		return all[start:end], aws.String(strconv.Itoa(end)), nil
	}
	return all[start:end], nil, nil
}
