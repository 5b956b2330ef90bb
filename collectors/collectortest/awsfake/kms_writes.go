package awsfake

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
)

// maxOnDemand is how often a key may be rotated on demand in its life.
const maxOnDemand = 25

// kmsWrites are calls of KMS.
var kmsWrites = map[string]operation{
	"kms:EnableKeyRotation":  op(enableKeyRotation),
	"kms:DisableKeyRotation": op(disableKeyRotation),
	"kms:RotateKeyOnDemand":  op(rotateKeyOnDemand),
	"kms:CreateKey":          op(createKey),
	"kms:CreateGrant":        op(createGrant),
	"kms:RevokeGrant":        op(revokeGrant),
	"kms:UpdateAlias":        op(updateAlias),
	"kms:EnableKey":          op(enableKey),
	"kms:DisableKey":         op(disableKey),
	"kms:TagResource":        op(tagResource),
	"kms:UntagResource":      op(untagResource),
}

func enableKeyRotation(c *call, in *kms.EnableKeyRotationInput) (*kms.EnableKeyRotationOutput, error) {
	k, err := c.rotatable(in.KeyId)
	if err != nil {
		return nil, err
	}
	days := aws.ToInt32(in.RotationPeriodInDays)
	if days == 0 {
		days = 365
	}
	if days < 90 || days > 2560 {
		return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf("1 validation error detected: Value '%d' at 'rotationPeriodInDays' failed to satisfy constraint", days)}
	}
	k.RotationPeriod, k.NextRotation = days, c.server.now().AddDate(0, 0, int(days))
	return &kms.EnableKeyRotationOutput{}, nil
}

func disableKeyRotation(c *call, in *kms.DisableKeyRotationInput) (*kms.DisableKeyRotationOutput, error) {
	k, err := c.rotatable(in.KeyId)
	if err == nil {
		k.RotationPeriod = 0
	}
	return &kms.DisableKeyRotationOutput{}, err
}

func rotateKeyOnDemand(c *call, in *kms.RotateKeyOnDemandInput) (*kms.RotateKeyOnDemandOutput, error) {
	k, err := c.rotatable(in.KeyId)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, r := range k.Rotations {
		if r.Type == types.RotationTypeOnDemand {
			n++
		}
	}
	switch {
	case !k.rotating.IsZero():
		return nil, &smithy.GenericAPIError{Code: "ConflictException", Message: "an on-demand rotation is under way"}
	case n >= maxOnDemand:
		return nil, &types.LimitExceededException{Message: aws.String("the key was rotated on demand as often as it may be")}
	}
	k.rotating = c.server.now()
	return &kms.RotateKeyOnDemandOutput{KeyId: aws.String(k.ID)}, nil
}

// rotatable is a key of which AWS replaces the material.
func (c *call) rotatable(id *string) (*Key, error) {
	k, err := c.key(id)
	switch {
	case err != nil:
		return nil, err
	case !k.rotates() || k.Manager == types.KeyManagerTypeAws:
		return nil, unsupported(c, k)
	case k.State != types.KeyStateEnabled:
		return nil, &types.DisabledException{Message: aws.String(c.region.arn("key/"+k.ID) + " is disabled.")}
	}
	return k, nil
}

// createKey makes a key, with an ID that is counted up. KMS takes no policy that is no document.
func createKey(c *call, in *kms.CreateKeyInput) (*kms.CreateKeyOutput, error) {
	k := Key{
		ID: fmt.Sprintf("%08x-0000-4000-8000-%012d", len(c.region.keys)+1, len(c.region.keys)+1), Spec: in.KeySpec, Usage: in.KeyUsage, Origin: in.Origin,
		Description: aws.ToString(in.Description), Policy: aws.ToString(in.Policy), Tags: map[string]string{},
	}
	if k.Policy != "" && !json.Valid([]byte(k.Policy)) {
		return nil, &types.MalformedPolicyDocumentException{Message: aws.String("it is no JSON")}
	}
	if aws.ToBool(in.MultiRegion) {
		k.MultiRegion = types.MultiRegionKeyTypePrimary
	}
	for _, t := range in.Tags {
		if len(*t.TagKey) > 4 && (*t.TagKey)[:4] == "aws:" {
			return nil, &types.TagException{Message: aws.String("aws: prefixed tag key names are not allowed for external use.")}
		}
		k.Tags[*t.TagKey] = *t.TagValue
	}
	c.region.addKey(&k)
	return &kms.CreateKeyOutput{KeyMetadata: c.region.metadata(&k)}, nil
}

// createGrant makes a grant, once for one name.
func createGrant(c *call, in *kms.CreateGrantInput) (*kms.CreateGrantOutput, error) {
	k, err := c.enabled(in.KeyId)
	if err != nil {
		return nil, err
	}
	for _, g := range k.Grants {
		if name := aws.ToString(in.Name); name != "" && name == aws.ToString(g.Name) {
			return &kms.CreateGrantOutput{GrantId: g.GrantId, GrantToken: aws.String("token")}, nil
		}
	}
	g := types.GrantListEntry{
		KeyId: aws.String(k.ID), GrantId: aws.String(fmt.Sprintf("grant-%s-%d", k.ID, len(k.Grants)+1)), Name: in.Name, CreationDate: aws.Time(c.server.now()),
		GranteePrincipal: in.GranteePrincipal, GranteeServicePrincipal: in.GranteeServicePrincipal,
		RetiringPrincipal: in.RetiringPrincipal, RetiringServicePrincipal: in.RetiringServicePrincipal, Operations: in.Operations, Constraints: in.Constraints,
	}
	k.Grants = append(k.Grants, g)
	return &kms.CreateGrantOutput{GrantId: g.GrantId, GrantToken: aws.String("token")}, nil
}

func revokeGrant(c *call, in *kms.RevokeGrantInput) (*kms.RevokeGrantOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(k.Grants, func(g types.GrantListEntry) bool { return aws.ToString(g.GrantId) == aws.ToString(in.GrantId) })
	if i < 0 {
		return nil, &types.NotFoundException{Message: aws.String("Grant not found")}
	}
	k.Grants = slices.Delete(k.Grants, i, i+1)
	return &kms.RevokeGrantOutput{}, nil
}

// updateAlias leads an alias to another key of the same kind and usage.
func updateAlias(c *call, in *kms.UpdateAliasInput) (*kms.UpdateAliasOutput, error) {
	to, err := c.key(in.TargetKeyId)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.region.aliases, func(a types.AliasListEntry) bool { return *a.AliasName == aws.ToString(in.AliasName) })
	if i < 0 {
		return nil, &types.NotFoundException{Message: aws.String("Alias " + c.region.arn(aws.ToString(in.AliasName)) + " is not found.")}
	}
	if from := c.region.find(*c.region.aliases[i].AliasName); from != nil && from.Usage != to.Usage {
		return nil, &smithy.GenericAPIError{Code: "ValidationException", Message: "the keys have not the same usage"}
	}
	c.region.aliases[i].TargetKeyId, c.region.aliases[i].LastUpdatedDate = aws.String(to.ID), aws.Time(c.server.now())
	return &kms.UpdateAliasOutput{}, nil
}

func enableKey(c *call, in *kms.EnableKeyInput) (*kms.EnableKeyOutput, error) {
	return &kms.EnableKeyOutput{}, c.set(in.KeyId, types.KeyStateEnabled)
}

func disableKey(c *call, in *kms.DisableKeyInput) (*kms.DisableKeyOutput, error) {
	return &kms.DisableKeyOutput{}, c.set(in.KeyId, types.KeyStateDisabled)
}

// set enables a key or disables it; one that is neither stays as it is.
func (c *call) set(id *string, state types.KeyState) error {
	k, err := c.key(id)
	if err != nil {
		return err
	}
	if k.State != types.KeyStateEnabled && k.State != types.KeyStateDisabled {
		return &types.KMSInvalidStateException{Message: aws.String(fmt.Sprintf("%s is %s.", c.region.arn("key/"+k.ID), k.State))}
	}
	k.State = state
	return nil
}

// enabled is a key that is.
func (c *call) enabled(id *string) (*Key, error) {
	k, err := c.key(id)
	if err == nil && k.State != types.KeyStateEnabled {
		return nil, &types.DisabledException{Message: aws.String(c.region.arn("key/"+k.ID) + " is disabled.")}
	}
	return k, err
}

func tagResource(c *call, in *kms.TagResourceInput) (*kms.TagResourceOutput, error) {
	k, err := c.key(in.KeyId)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, k.Tags)
	for _, t := range in.Tags {
		tags[*t.TagKey] = *t.TagValue
	}
	k.Tags = tags
	return &kms.TagResourceOutput{}, nil
}

func untagResource(c *call, in *kms.UntagResourceInput) (*kms.UntagResourceOutput, error) {
	k, err := c.key(in.KeyId)
	if err == nil {
		maps.DeleteFunc(k.Tags, func(name, _ string) bool { return slices.Contains(in.TagKeys, name) })
	}
	return &kms.UntagResourceOutput{}, err
}
