package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// aliasType is what refs of keys aim at. Aliases are not resources of their own.
const aliasType = "aws.kms.alias"

// aliases holds the aliases of a Region by the ID of the key that they lead to, or why they are not known.
type aliases struct {
	byKey   map[string][]inventory.Ref
	refused *refusal
}

// aliases asks once for the whole Region. A list that breaks off is as good as none: a key whose aliases stood further on would
// look as if it had none.
func (s *source) aliases(ctx context.Context) (aliases, *refusal) {
	all := aliases{byKey: map[string][]inventory.Ref{}}
	all.refused = pages(listAliases, func(marker *string) (*string, *refusal) {
		s.count(listAliases)
		out, err := s.kms.ListAliases(ctx, &kms.ListAliasesInput{Marker: marker})
		if err != nil {
			return nil, explain(listAliases, err)
		}
		for _, a := range out.Aliases {
			// AWS lists aliases such as alias/aws/s3 before there is a key behind them; those lead to "", which is no key's ID.
			key := aws.ToString(a.TargetKeyId)
			all.byKey[key] = append(all.byKey[key], inventory.Ref{Edge: "alias", To: inventory.ID(aws.ToString(a.AliasArn)), Target: aliasType, Name: aws.ToString(a.AliasName)})
		}
		return next(listAliases, out.Truncated, out.NextMarker, marker)
	})
	return all, all.refused
}

// onto gives a key its aliases. The first by name is what people call the key.
func (a aliases) onto(r *inventory.Resource, k listed) {
	if a.refused != nil {
		u := a.refused.unknown("refs", "") // the permission is the Region's, not the key's
		unknown(r, u)
		return
	}
	r.Refs = slices.Concat(a.byKey[k.id], a.byKey[k.arn])
	slices.SortFunc(r.Refs, func(a, b inventory.Ref) int { return strings.Compare(a.Name, b.Name) })
	if len(r.Refs) > 0 {
		r.Name = r.Refs[0].Name
	}
}
