package awsfake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
)

// A Secret is described by what differs from a secret that was made now, has one version and never rotates. Its values are
// those that tests give it or a rotation writes.
type Secret struct {
	Name    string
	Created time.Time
	Changed time.Time // in any way, tags included; zero: when its newest version was made
	Deleted time.Time // zero: it is not deleted
	// Accessed is the day of the last access; zero: never.
	Accessed time.Time

	Versions []SecretVersion // nil: one, as old as the secret; empty: none

	RotationDays int64  // with Schedule "": automatic rotation is off where both are empty
	Schedule     string // "rate(30 days)"
	Rotated      time.Time
	NextRotation time.Time

	OwningService string
	PrimaryRegion string
	KMSKey        string
	Tags          map[string]string
	Policy        string   // the resource policy; "" for none
	Deny          []string // operations that are refused on this secret: "GetResourcePolicy"

	arn string
}

// A SecretVersion is one version of a secret.
type SecretVersion struct {
	ID      string // empty: counted up
	Created time.Time
	Value   string
	Stages  []string // "AWSCURRENT"

	rotating bool // a rotation that is under way has made it
}

// AddSecret adds a secret and returns its ARN.
func (r *Region) AddSecret(x Secret) string {
	s := r.account.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.Created.IsZero() {
		x.Created = s.now()
	}
	if x.Versions == nil {
		x.Versions = []SecretVersion{{Created: x.Created, Stages: []string{"AWSCURRENT"}}}
	}
	if x.Changed.IsZero() {
		x.Changed = x.Created
		for _, v := range x.Versions {
			if v.Created.After(x.Changed) {
				x.Changed = v.Created
			}
		}
	}
	x.Tags, x.Deny, x.Versions = maps.Clone(x.Tags), slices.Clone(x.Deny), slices.Clone(x.Versions)
	// It ends in six characters that Secrets Manager invents; here they follow from the name.
	x.arn = r.arnOf("secretsmanager", fmt.Sprintf("secret:%s-%06d", x.Name, len(x.Name)))
	r.secrets = append(r.secrets, &x)
	return x.arn
}

// secretOperations are the calls of Secrets Manager that it knows.
var secretOperations = map[string]operation{
	"secretsmanager:ListSecrets":          op(listSecrets),
	"secretsmanager:ListSecretVersionIds": op(listSecretVersions),
	"secretsmanager:GetResourcePolicy":    op(getResourcePolicy),
}

func listSecrets(c *call, in *secretsmanager.ListSecretsInput) (*secretsmanager.ListSecretsOutput, error) {
	all := slices.DeleteFunc(slices.Clone(c.region.secrets), func(x *Secret) bool { return !x.Deleted.IsZero() && !aws.ToBool(in.IncludePlannedDeletion) })
	page, next, err := paged(c, all, in.MaxResults, in.NextToken)
	out := &secretsmanager.ListSecretsOutput{SecretList: []types.SecretListEntry{}, NextToken: next}
	for _, x := range page {
		out.SecretList = append(out.SecretList, x.entry())
	}
	return out, err
}

func (x *Secret) entry() types.SecretListEntry {
	e := types.SecretListEntry{
		ARN: aws.String(x.arn), Name: aws.String(x.Name), CreatedDate: aws.Time(x.Created), LastChangedDate: aws.Time(x.Changed),
		DeletedDate: date(x.Deleted), LastAccessedDate: date(x.Accessed), LastRotatedDate: date(x.Rotated), NextRotationDate: date(x.NextRotation),
		KmsKeyId: text(x.KMSKey), OwningService: text(x.OwningService), PrimaryRegion: text(x.PrimaryRegion),
		Tags: []types.Tag{}, SecretVersionsToStages: map[string][]string{},
	}
	if x.RotationDays > 0 || x.Schedule != "" {
		e.RotationEnabled, e.RotationRules = aws.Bool(true), &types.RotationRulesType{ScheduleExpression: text(x.Schedule)}
		if x.RotationDays > 0 {
			e.RotationRules.AutomaticallyAfterDays = aws.Int64(x.RotationDays)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.Tags)) {
		e.Tags = append(e.Tags, types.Tag{Key: aws.String(name), Value: aws.String(x.Tags[name])})
	}
	for i, v := range x.Versions {
		if len(v.Stages) > 0 {
			e.SecretVersionsToStages[x.versionID(i)] = v.Stages
		}
	}
	return e
}

func listSecretVersions(c *call, in *secretsmanager.ListSecretVersionIdsInput) (*secretsmanager.ListSecretVersionIdsOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	var all []types.SecretVersionsListEntry
	for i, v := range x.Versions {
		if len(v.Stages) > 0 || aws.ToBool(in.IncludeDeprecated) {
			all = append(all, types.SecretVersionsListEntry{VersionId: aws.String(x.versionID(i)), CreatedDate: date(v.Created), VersionStages: v.Stages})
		}
	}
	page, next, err := paged(c, all, in.MaxResults, in.NextToken)
	return &secretsmanager.ListSecretVersionIdsOutput{
		ARN: aws.String(x.arn), Name: aws.String(x.Name), Versions: append([]types.SecretVersionsListEntry{}, page...), NextToken: next,
	}, err
}

func getResourcePolicy(c *call, in *secretsmanager.GetResourcePolicyInput) (*secretsmanager.GetResourcePolicyOutput, error) {
	x, err := c.secret(in.SecretId)
	if err != nil {
		return nil, err
	}
	return &secretsmanager.GetResourcePolicyOutput{ARN: aws.String(x.arn), Name: aws.String(x.Name), ResourcePolicy: text(x.Policy)}, nil
}

// secret finds the secret that a call is about, and lets its policy refuse.
func (c *call) secret(id *string) (*Secret, error) {
	for _, x := range c.region.secrets {
		if aws.ToString(id) == x.arn || aws.ToString(id) == x.Name {
			c.req.Key = x.arn
			if slices.Contains(x.Deny, c.operation) {
				return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: c.req.notAuthorized("an explicit deny in a resource-based policy")}
			}
			return x, nil
		}
	}
	return nil, &types.ResourceNotFoundException{Message: aws.String("Secrets Manager can't find the specified secret.")}
}

func (x *Secret) versionID(i int) string {
	if id := x.Versions[i].ID; id != "" {
		return id
	}
	return fmt.Sprintf("%08x-0000-4000-8000-%s", i, strings.Repeat("0", 12))
}

// date and text leave out what is zero.
func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
