package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// The calls by which one key of KMS takes the place of another.

// KeyState reads the state of a key as AWS writes it: "Enabled".
func (c *Connection) KeyState(ctx context.Context, key string) (string, error) {
	m, err := c.metadata(ctx, key)
	if err != nil {
		return "", err
	}
	return string(m.KeyState), nil
}

func (c *Connection) metadata(ctx context.Context, key string) (*types.KeyMetadata, error) {
	out, err := c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return nil, failed(describeKey, err)
	}
	if out.KeyMetadata == nil || out.KeyMetadata.KeyState == "" {
		return nil, failed(describeKey, errIncomplete)
	}
	return out.KeyMetadata, nil
}

// KeyAliases lists the names of the aliases that lead to a key, sorted: "alias/session".
func (c *Connection) KeyAliases(ctx context.Context, key string) (names []string, err error) {
	refused := pages(listAliases, func(marker *string) (*string, *refusal) {
		out, err := c.kms.ListAliases(ctx, &kms.ListAliasesInput{KeyId: &key, Marker: marker})
		if err != nil {
			return nil, explain(listAliases, err)
		}
		for _, a := range out.Aliases {
			names = append(names, aws.ToString(a.AliasName))
		}
		return next(listAliases, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		return nil, &CallError{Call: listAliases, Text: refused.text}
	}
	slices.Sort(names)
	return names, nil
}

// KeyTags reads the tags of a key.
func (c *Connection) KeyTags(ctx context.Context, key string) (map[string]string, error) {
	tags := map[string]string{}
	refused := pages(listResourceTags, func(marker *string) (*string, *refusal) {
		out, err := c.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &key, Marker: marker})
		if err != nil {
			return nil, explain(listResourceTags, err)
		}
		for _, t := range out.Tags {
			tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
		return next(listResourceTags, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		return nil, &CallError{Call: listResourceTags, Text: refused.text}
	}
	return tags, nil
}

// KeysTagged finds the keys of the Region that carry a tag, sorted. It asks each key for its tags, as KMS has no other way. A key that does not
// tell them is passed over, unless it was made after since: that may be one that was made with the tag.
func (c *Connection) KeysTagged(ctx context.Context, name, value string, since time.Time) (arns []string, err error) {
	var all []string
	refused := pages(listKeys, func(marker *string) (*string, *refusal) {
		out, err := c.kms.ListKeys(ctx, &kms.ListKeysInput{Limit: aws.Int32(1000), Marker: marker})
		if err != nil {
			return nil, explain(listKeys, err)
		}
		for _, k := range out.Keys {
			all = append(all, aws.ToString(k.KeyArn))
		}
		return next(listKeys, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		return nil, &CallError{Call: listKeys, Text: refused.text}
	}
	for _, arn := range all {
		out, err := c.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &arn, Limit: aws.Int32(50)}) // a key has no more
		switch e := failed(listResourceTags, err); {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case e == nil && slices.ContainsFunc(out.Tags, func(t types.Tag) bool { return aws.ToString(t.TagKey) == name && aws.ToString(t.TagValue) == value }):
			arns = append(arns, arn)
		case e != nil && !refusedBy(e, "AccessDeniedException", "NotFoundException"):
			return nil, e
		case refusedBy(e, "AccessDeniedException"):
			m, err := c.metadata(ctx, arn)
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case err != nil && !refusedBy(err, "AccessDeniedException", "NotFoundException"):
				return nil, err
			case err == nil && !aws.ToTime(m.CreationDate).Before(since):
				return nil, &CallError{Call: listResourceTags, Text: fmt.Sprintf("%s was made since then and does not tell its tags, so whether it is the one is not known", arn)}
			}
		}
	}
	slices.Sort(arns)
	return arns, nil
}

// refusedBy says that AWS refused a call with one of some codes.
func refusedBy(err error, codes ...string) bool {
	e, ok := err.(*CallError)
	return ok && slices.Contains(codes, e.Code)
}

// KeyUse reads when a key was last used, and since when AWS keeps track of it; zero where it does not tell.
func (c *Connection) KeyUse(ctx context.Context, key string) (at, since time.Time, err error) {
	out, err := c.kms.GetKeyLastUsage(ctx, &kms.GetKeyLastUsageInput{KeyId: &key})
	if err != nil {
		return at, since, failed(getKeyLastUsage, err)
	}
	if u := out.KeyLastUsage; u != nil {
		at = aws.ToTime(u.Timestamp).UTC()
	}
	return at, aws.ToTime(out.TrackingStartDate).UTC(), nil
}

// A KeyGrant is a grant on a key.
type KeyGrant struct{ ID, Name string }

// Grants lists the grants on a key.
func (c *Connection) Grants(ctx context.Context, key string) (grants []KeyGrant, err error) {
	all, err := c.grants(ctx, key)
	for _, g := range all {
		grants = append(grants, KeyGrant{aws.ToString(g.GrantId), aws.ToString(g.Name)})
	}
	return grants, err
}

// SamePolicy says whether the policies of two keys are the same but for spaces and the order of names.
func (c *Connection) SamePolicy(ctx context.Context, one, other string) (bool, error) {
	var policies [2]any
	for i, key := range []string{one, other} {
		text, err := c.keyPolicy(ctx, key)
		if err != nil {
			return false, err
		}
		if json.Unmarshal([]byte(text), &policies[i]) != nil {
			return false, failed(getKeyPolicy, errIncomplete)
		}
	}
	return reflect.DeepEqual(policies[0], policies[1]), nil
}

func (c *Connection) keyPolicy(ctx context.Context, key string) (string, error) {
	p, err := c.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: aws.String("default")})
	if err != nil {
		return "", failed(getKeyPolicy, err)
	}
	if aws.ToString(p.Policy) == "" {
		return "", failed(getKeyPolicy, errIncomplete)
	}
	return *p.Policy, nil
}

func (c *Connection) grants(ctx context.Context, key string) (all []types.GrantListEntry, err error) {
	refused := pages(listGrants, func(marker *string) (*string, *refusal) {
		out, err := c.kms.ListGrants(ctx, &kms.ListGrantsInput{KeyId: &key, Limit: aws.Int32(grantPage), Marker: marker})
		if err != nil {
			return nil, explain(listGrants, err)
		}
		all = append(all, out.Grants...)
		return next(listGrants, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		return nil, &CallError{Call: listGrants, Text: refused.text}
	}
	slices.SortFunc(all, func(a, b types.GrantListEntry) int {
		return strings.Compare(aws.ToString(a.GrantId), aws.ToString(b.GrantId))
	})
	return all, nil
}

// LikeKey makes a key of the same kind as another, with its description, policy and tags, and more tags that are given. Tags whose names begin
// with aws: belong to AWS, and are not taken over. Only the last of its calls writes, and it cannot be repeated.
func (c *Connection) LikeKey(ctx context.Context, old string, more map[string]string) (arn string, err error) {
	m, err := c.metadata(ctx, old)
	if err != nil {
		return "", untouched(err)
	}
	if m.MultiRegion == nil || m.KeySpec == "" || m.KeyUsage == "" || m.Origin != types.OriginTypeAwsKms {
		return "", untouched(failed(describeKey, errIncomplete))
	}
	policy, err := c.keyPolicy(ctx, old)
	if err != nil {
		return "", untouched(err)
	}
	tags, err := c.KeyTags(ctx, old)
	if err != nil {
		return "", untouched(err)
	}
	maps.Copy(tags, more)
	in := &kms.CreateKeyInput{Description: m.Description, KeySpec: m.KeySpec, KeyUsage: m.KeyUsage, Origin: m.Origin, MultiRegion: m.MultiRegion, Policy: &policy}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if !strings.HasPrefix(name, "aws:") {
			in.Tags = append(in.Tags, types.Tag{TagKey: aws.String(name), TagValue: aws.String(tags[name])})
		}
	}
	out, err := c.kms.CreateKey(ctx, in)
	if err != nil {
		return "", failed("kms:CreateKey", err)
	}
	if out.KeyMetadata == nil || aws.ToString(out.KeyMetadata.Arn) == "" {
		return "", failed("kms:CreateKey", errIncomplete)
	}
	return *out.KeyMetadata.Arn, nil
}

// untouched marks the failure of a call that only reads, before one that writes.
func untouched(err error) error {
	if e, ok := err.(*CallError); ok {
		e.Refused = true
	}
	return err
}

// CarryGrant gives one key the first grant of another that named says it has not got yet, under the name that it gives. KMS takes a name for the
// same grant, so the call can be repeated.
func (c *Connection) CarryGrant(ctx context.Context, from, to string, name func(grant string) string) error {
	const createGrant = "kms:CreateGrant"
	theirs, err := c.grants(ctx, from)
	if err != nil {
		return untouched(err)
	}
	ours, err := c.Grants(ctx, to)
	if err != nil {
		return untouched(err)
	}
	for _, g := range theirs {
		called := name(aws.ToString(g.GrantId))
		if slices.ContainsFunc(ours, func(g KeyGrant) bool { return g.Name == called }) {
			continue
		}
		_, err := c.kms.CreateGrant(ctx, &kms.CreateGrantInput{
			KeyId: &to, Name: &called, Operations: g.Operations, Constraints: g.Constraints,
			GranteePrincipal: g.GranteePrincipal, GranteeServicePrincipal: g.GranteeServicePrincipal,
			RetiringPrincipal: g.RetiringPrincipal, RetiringServicePrincipal: g.RetiringServicePrincipal,
		})
		return failed(createGrant, err)
	}
	return &CallError{Call: createGrant, Text: "no grant is left to carry over", Refused: true}
}

// DropGrant revokes the last grant of a key that CarryGrant gave it.
func (c *Connection) DropGrant(ctx context.Context, from, to string, name func(grant string) string) error {
	const revokeGrant = "kms:RevokeGrant"
	theirs, err := c.grants(ctx, from)
	if err != nil {
		return untouched(err)
	}
	ours, err := c.grants(ctx, to)
	if err != nil {
		return untouched(err)
	}
	for _, t := range slices.Backward(theirs) {
		for _, g := range ours {
			if aws.ToString(g.Name) == name(aws.ToString(t.GrantId)) {
				_, err := c.kms.RevokeGrant(ctx, &kms.RevokeGrantInput{KeyId: &to, GrantId: g.GrantId})
				return failed(revokeGrant, err)
			}
		}
	}
	return &CallError{Call: revokeGrant, Text: "none of its grants was carried over", Refused: true}
}

// MoveAlias has an alias lead to another key, if it leads to the one that it is to be taken from. It can be repeated.
func (c *Connection) MoveAlias(ctx context.Context, alias, from, to string) error {
	const updateAlias = "kms:UpdateAlias"
	names, err := c.KeyAliases(ctx, from)
	if err != nil {
		return untouched(err)
	}
	if !slices.Contains(names, alias) {
		return &CallError{Call: updateAlias, Text: fmt.Sprintf("%s does not lead to %s any more", alias, from), Refused: true}
	}
	_, err = c.kms.UpdateAlias(ctx, &kms.UpdateAliasInput{AliasName: &alias, TargetKeyId: &to})
	return failed(updateAlias, err)
}

// SetKey enables a key, or disables it. It can be repeated.
func (c *Connection) SetKey(ctx context.Context, key string, enabled bool) error {
	if enabled {
		_, err := c.kms.EnableKey(ctx, &kms.EnableKeyInput{KeyId: &key})
		return failed("kms:EnableKey", err)
	}
	_, err := c.kms.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	return failed("kms:DisableKey", err)
}

// TagKey gives a key a tag. It can be repeated.
func (c *Connection) TagKey(ctx context.Context, key, name, value string) error {
	_, err := c.kms.TagResource(ctx, &kms.TagResourceInput{KeyId: &key, Tags: []types.Tag{{TagKey: &name, TagValue: &value}}})
	return failed("kms:TagResource", err)
}

// UntagKey takes a tag from a key. It can be repeated.
func (c *Connection) UntagKey(ctx context.Context, key, name string) error {
	_, err := c.kms.UntagResource(ctx, &kms.UntagResourceInput{KeyId: &key, TagKeys: []string{name}})
	return failed("kms:UntagResource", err)
}
