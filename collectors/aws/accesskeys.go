package aws

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// keysTrackedSince is since when AWS keeps track of the use of access keys, by the documentation of GetAccessKeyLastUsed.
var keysTrackedSince = time.Date(2015, time.April, 22, 0, 0, 0, 0, time.UTC)

// readAccessKeys reads the access keys of users, of which AWS hands out everything but the secret.
func (s *source) readAccessKeys(ctx context.Context, found chan<- observation, users []types.UserDetail) {
	var group errgroup.Group
	group.SetLimit(s.workers)
	var lost refusals
	for _, u := range users {
		group.Go(func() error {
			refused := pages(listAccessKeys, func(marker *string) (*string, *refusal) {
				s.count(listAccessKeys)
				out, err := s.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: u.UserName, Marker: marker})
				if err != nil {
					return nil, explain(listAccessKeys, err)
				}
				for _, k := range out.AccessKeyMetadata {
					s.send(ctx, found, observation{resource: s.accessKey(ctx, u, k)})
				}
				return next(listAccessKeys, out.IsTruncated, out.Marker, marker)
			})
			if refused != nil {
				lost.add(refused, inventory.ID(*u.Arn))
			}
			return nil
		})
	}
	_ = group.Wait() // workers return no error
	lost.send(ctx, s, found, "the access keys of", accessKeyType)
}

func (s *source) accessKey(ctx context.Context, u types.UserDetail, k types.AccessKeyMetadata) inventory.Resource {
	id := aws.ToString(k.AccessKeyId)
	r := s.resource(*u.Arn+"#access_key/"+id, accessKeyType, inventory.KindCredential, id)
	r.Refs = []inventory.Ref{{Edge: "names", To: inventory.ID(*u.Arn), Target: userType, Name: aws.ToString(u.UserName)}}
	c := &inventory.Credential{Class: "access_key", CreatedAt: utc(k.CreateDate), State: map[types.StatusType]string{types.StatusTypeActive: "enabled", types.StatusTypeInactive: "disabled"}[k.Status]}
	r.Credential = c
	required(r, "credential.created_at", c.CreatedAt != nil, listAccessKeys)
	required(r, "credential.state", c.State != "", listAccessKeys)
	s.count(getAccessKeyLastUsed)
	out, err := s.iam.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: k.AccessKeyId})
	switch {
	case err != nil:
		unread(r, explain(getAccessKeyLastUsed, err))
	case out.AccessKeyLastUsed == nil:
		unread(r, explain(getAccessKeyLastUsed, errIncomplete))
	default: // a key that was never used has no date
		since := keysTrackedSince
		if c.CreatedAt != nil && c.CreatedAt.After(since) {
			since = *c.CreatedAt
		}
		c.LastUse = &inventory.LastUse{At: utc(out.AccessKeyLastUsed.LastUsedDate), TrackingSince: &since}
		if c.LastUse.At != nil {
			c.LastUse.Operation = aws.ToString(out.AccessKeyLastUsed.ServiceName)
		}
	}
	return *r
}
