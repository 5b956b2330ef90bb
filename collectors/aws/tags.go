package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// rewrapTag is the tag in which a key's owner declares how data under older material is brought under the newer.
const rewrapTag = "keyreeve:rewrap"

// tags reads the tags of a key. A list that breaks off is as good as none.
func (s *source) tags(ctx context.Context, r *inventory.Resource) {
	tags := map[string]string{}
	refused := pages(listResourceTags, func(marker *string) (*string, *refusal) {
		s.count(listResourceTags)
		out, err := s.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: aws.String(string(r.ID)), Marker: marker})
		if err != nil {
			return nil, explain(listResourceTags, err)
		}
		for _, t := range out.Tags {
			tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
		return next(listResourceTags, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		unread(r, refused)
		return
	}
	r.Tags, r.Key.Rewrap = tags, tags[rewrapTag]
}
