package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// lastUse reads when a key was last used. AWS has kept track of it only for some time, and says since when: a key without a use
// is unused since then, not since ever. Older servers and emulators do not know the call.
func (s *source) lastUse(ctx context.Context, r *inventory.Resource) {
	s.count(getKeyLastUsage)
	out, err := s.kms.GetKeyLastUsage(ctx, &kms.GetKeyLastUsageInput{KeyId: aws.String(string(r.ID))})
	if err != nil {
		unread(r, explain(getKeyLastUsage, err))
		return
	}
	use := &inventory.LastUse{TrackingSince: utc(out.TrackingStartDate)}
	if u := out.KeyLastUsage; u != nil {
		use.At, use.Operation = utc(u.Timestamp), string(u.Operation)
	}
	r.Key.LastUse = use
	if use.At == nil {
		required(r, "key.last_use.tracking_since", use.TrackingSince != nil, getKeyLastUsage)
	}
}
