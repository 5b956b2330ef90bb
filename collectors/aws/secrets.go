package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// secretPage is how many secrets, or versions of one, a list asks for: the most that AWS allows.
const secretPage = 100

// readSecrets reads the secrets of a Region and their resource policies. The list tells nearly all of a secret; what it does not tell
// is asked for each.
func (s *source) readSecrets(ctx context.Context, found chan<- observation) {
	var group errgroup.Group
	group.SetLimit(s.workers)
	refused := pages(listSecrets, func(marker *string) (*string, *refusal) {
		s.count(listSecrets)
		out, err := s.secrets.ListSecrets(ctx, &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true), MaxResults: aws.Int32(secretPage), NextToken: marker})
		if err != nil {
			return nil, explain(listSecrets, err)
		}
		for _, e := range out.SecretList {
			if aws.ToString(e.ARN) == "" {
				return nil, &refusal{call: listSecrets, why: inventory.Unreachable, hint: "scan again", text: "a secret of the list has no ARN"}
			}
			group.Go(func() error {
				s.send(ctx, found, observation{resource: s.secret(ctx, e)})
				s.send(ctx, found, observation{resource: s.secretPolicy(ctx, e)})
				return nil
			})
		}
		return next(listSecrets, out.NextToken != nil, out.NextToken, marker)
	})
	_ = group.Wait() // workers return no error
	if refused != nil {
		s.lost(ctx, found, "the list of secrets", refused, secretType, secretPolicyType)
	}
}

func (s *source) secret(ctx context.Context, e types.SecretListEntry) inventory.Resource {
	x := &inventory.Secret{
		CreatedAt: utc(e.CreatedDate), DeletedAt: utc(e.DeletedDate), State: "enabled",
		ServiceManaged: aws.Bool(aws.ToString(e.OwningService) != ""),
		Replica:        aws.Bool(aws.ToString(e.PrimaryRegion) != "" && *e.PrimaryRegion != s.region),
		Rotation:       s.secretRotation(e),
	}
	r := s.resource(*e.ARN, secretType, inventory.KindSecret, aws.ToString(e.Name))
	r.Secret = x
	if x.DeletedAt != nil {
		x.State = "deleted"
	}
	// The day of the last access is left out where the secret has never been fetched in this Region.
	x.LastUse = &inventory.LastUse{At: utc(e.LastAccessedDate), TrackingSince: x.CreatedAt}
	r.Tags = map[string]string{}
	for _, t := range e.Tags {
		r.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	required(r, "secret.created_at", x.CreatedAt != nil, listSecrets)
	if *x.Rotation.Automatic {
		required(r, "secret.rotation.period_days", x.Rotation.PeriodDays != nil, listSecrets)
	}
	if key := aws.ToString(e.KmsKeyId); key != "" {
		r.Refs = []inventory.Ref{s.keyRef(key)}
	}
	s.written(ctx, r, e)
	return *r
}

// secretRotation reads what Secrets Manager would do by itself. A secret that was never told to rotate has no RotationEnabled.
func (s *source) secretRotation(e types.SecretListEntry) *inventory.Rotation {
	rot := &inventory.Rotation{Supported: aws.Bool(true), Automatic: aws.Bool(aws.ToBool(e.RotationEnabled))}
	if !*rot.Automatic {
		return rot
	}
	rot.NextAt = utc(e.NextRotationDate)
	if rules := e.RotationRules; rules != nil {
		if days := aws.ToInt64(rules.AutomaticallyAfterDays); days > 0 {
			rot.PeriodDays = aws.Int(int(days))
		} else if days, ok := awsfacts.ScheduleDays(aws.ToString(rules.ScheduleExpression)); ok {
			rot.PeriodDays = &days
		}
	}
	return rot
}

// keyRef names the key that encrypts a secret. Secrets Manager keeps what the secret was made with: an ARN, an ID or an alias.
func (s *source) keyRef(key string) inventory.Ref {
	ref := inventory.Ref{Edge: "uses", To: inventory.ID(key), Target: keyType, Name: key}
	if !strings.HasPrefix(key, "arn:") {
		if !strings.HasPrefix(key, "alias/") {
			key = "key/" + key
		}
		ref.To = inventory.ID("arn:" + s.account.partition + ":kms:" + s.region + ":" + s.account.number + ":" + key)
	}
	if strings.Contains(string(ref.To), ":alias/") {
		ref.Target = aliasType
	}
	return ref
}

// written reads when the value that is current was written. The date of the last change in the list counts tags and settings too, so
// it only bounds that.
func (s *source) written(ctx context.Context, r *inventory.Resource, e types.SecretListEntry) {
	var at *time.Time
	refused := pages(listSecretVersionIDs, func(marker *string) (*string, *refusal) {
		s.count(listSecretVersionIDs)
		out, err := s.secrets.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: e.ARN, MaxResults: aws.Int32(secretPage), NextToken: marker})
		if err != nil {
			return nil, explain(listSecretVersionIDs, err)
		}
		for _, v := range out.Versions {
			if slices.Contains(v.VersionStages, "AWSCURRENT") {
				at = utc(v.CreatedDate)
				return nil, nil
			}
		}
		return next(listSecretVersionIDs, out.NextToken != nil, out.NextToken, marker)
	})
	x := r.Secret
	switch {
	case refused != nil:
		u := refused.unknown("secret.written_at", string(r.ID))
		u.After, u.Before = x.CreatedAt, utc(e.LastChangedDate)
		unknown(r, u)
	case at == nil:
		unknown(r, inventory.Unknown{Fact: "secret.written_at", Why: inventory.NotRead, Call: listSecretVersionIDs, Hint: "no version of the secret is current: give it a value, or delete it"})
	default:
		x.WrittenAt = at
	}
}

// secretPolicy reads the resource policy of a secret. A secret that has none is one whose policy grants nothing.
func (s *source) secretPolicy(ctx context.Context, e types.SecretListEntry) inventory.Resource {
	r := s.resource(*e.ARN+"#policy", secretPolicyType, inventory.KindPolicy, aws.ToString(e.Name))
	r.Refs = []inventory.Ref{{Edge: "names", To: inventory.ID(*e.ARN), Target: secretType, Name: r.Name}}
	r.Policy = &inventory.Policy{Guards: secretType}
	s.count(getResourcePolicy)
	out, err := s.secrets.GetResourcePolicy(ctx, &secretsmanager.GetResourcePolicyInput{SecretId: e.ARN})
	switch {
	case err != nil:
		refused := explain(getResourcePolicy, err)
		for _, fact := range facts(getResourcePolicy) {
			unknown(r, refused.unknown(fact, *e.ARN))
		}
	case aws.ToString(out.ResourcePolicy) == "":
		r.Policy.Statements = []inventory.Statement{}
	default:
		s.statements(r, getResourcePolicy, *out.ResourcePolicy)
	}
	return *r
}

// resource begins one. What it is called falls back to its ARN.
func (s *source) resource(id, typ string, kind inventory.Kind, name string) *inventory.Resource {
	if name == "" {
		name = id
	}
	return &inventory.Resource{ID: inventory.ID(id), Type: typ, Kind: kind, Name: name, Origin: inventory.Live, Scope: s.scope, Emulated: s.emulated}
}
