package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A Connection makes calls to one account and Region with the credentials of a configuration, each once and without retries, for
// those who have to know whether a call was carried out. The collector itself never uses one.
type Connection struct {
	kms     *kms.Client
	secrets *secretsmanager.Client
	iam     *iam.Client
}

// A CallError is a call that did not bring a good answer.
type CallError struct {
	Call string // "kms:RotateKeyOnDemand"
	Code string // AWS's; "" when it did not answer in its format
	Text string // the cause, in one line, free of secrets
	// Refused says that AWS answered and did not act. Of any other error nobody can tell.
	Refused bool
}

func (e *CallError) Error() string { return e.Call + ": " + e.Text }

// Connect finds the way into an account: with the credentials themselves, or by the role that the configuration names for it. An error means that
// the configuration or the credentials cannot be used, or that they are of another account.
func Connect(ctx context.Context, c Config, o Options, number, region string) (*Connection, error) {
	o = o.withDefaults()
	c, err := c.check(o)
	if err != nil {
		return nil, err
	}
	client, err := httpClient(c)
	if err != nil {
		return nil, err
	}
	sdk, err := loadSDK(ctx, c, o, client)
	if err != nil {
		return nil, err
	}
	if region != global {
		sdk.Region = region
	} else if sdk.Region == "" && len(c.Regions) > 0 {
		sdk.Region = c.Regions[0]
	}
	sdk.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	own := &account{sdk: sdk}
	own.identify(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	into := own
	if own.closed != nil {
		return nil, &CallError{Call: getCallerIdentity, Text: own.closed.text, Refused: true}
	}
	if own.number != number {
		into = nil
	}
	for _, a := range c.Accounts {
		if role := assume(own, a, c, client, o); role.number == number {
			into = role
		}
	}
	if into == nil {
		return nil, fmt.Errorf("%w: they are of account %s, and the configuration names no role in account %s", ErrOtherAccount, own.number, number)
	}
	once := into.sdk.Copy()
	once.HTTPClient = complete{client} // not the collector's, which keeps a pace
	return &Connection{kms: kms.NewFromConfig(once), secrets: secretsmanager.NewFromConfig(once), iam: iam.NewFromConfig(once)}, nil
}

// complete is a client to which an answer that is cut off or empty is none: the SDK would take it for one that says no.
type complete struct{ aws.HTTPClient }

func (c complete) Do(req *http.Request) (*http.Response, error) {
	resp, err := c.HTTPClient.Do(req)
	if err != nil {
		return nil, err
	}
	if _, err := whole(req, resp); err != nil {
		return nil, err
	}
	return resp, nil
}

// failed makes a CallError of what a client returned.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	out := &CallError{Call: call, Text: explain(call, err).text}
	status := 0
	if answer := (*smithyhttp.ResponseError)(nil); errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) && !vague(api.ErrorCode()) {
		out.Code = api.ErrorCode()
		_, throttled := retry.DefaultThrottleErrorCodes[out.Code]
		out.Refused = status >= http.StatusBadRequest && status < http.StatusInternalServerError || throttled
	}
	return out
}

// A KMSKey is what KMS tells of a key now.
type KMSKey struct {
	State      string // "Enabled"
	Rotates    bool   // automatic rotation is on
	PeriodDays int    // of automatic rotation; 0 when it is off
	// Begun are the times of its rotations, that which is under way included, newest first; OnDemand counts those that somebody asked for.
	Begun    []time.Time
	OnDemand int
	Running  bool // an on-demand rotation is under way
}

// KMSKey reads how a symmetric key rotates.
func (c *Connection) KMSKey(ctx context.Context, key string) (KMSKey, error) {
	var k KMSKey
	described, err := c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return k, failed(describeKey, err)
	}
	if described.KeyMetadata == nil {
		return k, failed(describeKey, errIncomplete)
	}
	k.State = string(described.KeyMetadata.KeyState)
	status, err := c.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &key})
	if err != nil {
		return k, failed(getKeyRotationStatus, err)
	}
	k.Rotates = status.KeyRotationEnabled
	if k.Rotates {
		k.PeriodDays = int(aws.ToInt32(status.RotationPeriodInDays))
	}
	if at := status.OnDemandRotationStartDate; at != nil {
		k.Running, k.OnDemand, k.Begun = true, 1, []time.Time{at.UTC()}
	}
	refused := pages(listKeyRotations, func(marker *string) (*string, *refusal) {
		out, err := c.kms.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: &key, Marker: marker})
		if err != nil {
			return nil, explain(listKeyRotations, err)
		}
		for _, r := range out.Rotations {
			if at := r.RotationDate; at != nil && !pending(r.KeyMaterialState) {
				k.Begun = append(k.Begun, at.UTC())
			}
			if r.RotationType == kmstypes.RotationTypeOnDemand {
				k.OnDemand++
			}
		}
		return next(listKeyRotations, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		return k, &CallError{Call: listKeyRotations, Text: refused.text}
	}
	slices.SortFunc(k.Begun, func(a, b time.Time) int { return b.Compare(a) })
	return k, nil
}

// EnableRotation turns automatic rotation on, or changes its period of so many days. It can be repeated.
func (c *Connection) EnableRotation(ctx context.Context, key string, days int) error {
	_, err := c.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &key, RotationPeriodInDays: aws.Int32(int32(days))})
	return failed("kms:EnableKeyRotation", err)
}

// DisableRotation turns automatic rotation off.
func (c *Connection) DisableRotation(ctx context.Context, key string) error {
	_, err := c.kms.DisableKeyRotation(ctx, &kms.DisableKeyRotationInput{KeyId: &key})
	return failed("kms:DisableKeyRotation", err)
}

// RotateOnDemand begins a rotation, which AWS finishes later. A key can be rotated so 25 times in its life, and every call counts.
func (c *Connection) RotateOnDemand(ctx context.Context, key string) error {
	_, err := c.kms.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: &key})
	return failed("kms:RotateKeyOnDemand", err)
}

// An AccessKey is one key of a user of IAM.
type AccessKey struct {
	ID     string
	Active bool
	MadeAt time.Time
	UsedAt time.Time // zero: no use is on record, which is no proof that there was none
}

// AccessKeys reads the keys of a user, and when AWS last saw each used.
func (c *Connection) AccessKeys(ctx context.Context, user string) ([]AccessKey, error) {
	var keys []AccessKey
	refused := pages(listAccessKeys, func(marker *string) (*string, *refusal) {
		out, err := c.iam.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: &user, Marker: marker})
		if err != nil {
			return nil, explain(listAccessKeys, err)
		}
		for _, k := range out.AccessKeyMetadata {
			keys = append(keys, AccessKey{ID: aws.ToString(k.AccessKeyId), Active: k.Status == iamtypes.StatusTypeActive, MadeAt: aws.ToTime(k.CreateDate).UTC()})
		}
		return next(listAccessKeys, out.IsTruncated, out.Marker, marker)
	})
	if refused != nil {
		return nil, &CallError{Call: listAccessKeys, Text: refused.text}
	}
	for i := range keys {
		out, err := c.iam.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &keys[i].ID})
		if err != nil {
			return nil, failed(getAccessKeyLastUsed, err)
		}
		if out.AccessKeyLastUsed != nil {
			keys[i].UsedAt = aws.ToTime(out.AccessKeyLastUsed.LastUsedDate).UTC()
		}
	}
	return keys, nil
}

// CreateAccessKey makes a second key. Its secret is in this answer and never again.
func (c *Connection) CreateAccessKey(ctx context.Context, user string) (id string, secret func() string, err error) {
	out, err := c.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &user})
	if err != nil {
		return "", nil, failed("iam:CreateAccessKey", err)
	}
	if out.AccessKey == nil || aws.ToString(out.AccessKey.AccessKeyId) == "" || aws.ToString(out.AccessKey.SecretAccessKey) == "" {
		return "", nil, failed("iam:CreateAccessKey", errIncomplete)
	}
	k := out.AccessKey
	return *k.AccessKeyId, func() string { return *k.SecretAccessKey }, nil
}

// SetAccessKey makes a key active or inactive. It can be repeated.
func (c *Connection) SetAccessKey(ctx context.Context, user, id string, active bool) error {
	status := iamtypes.StatusTypeInactive
	if active {
		status = iamtypes.StatusTypeActive
	}
	_, err := c.iam.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &id, Status: status})
	return failed("iam:UpdateAccessKey", err)
}

// DeleteAccessKey takes a key away for good.
func (c *Connection) DeleteAccessKey(ctx context.Context, user, id string) error {
	_, err := c.iam.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &id})
	return failed("iam:DeleteAccessKey", err)
}

// UserPolicy is the text of an inline policy of a user; "" when it has none of that name.
func (c *Connection) UserPolicy(ctx context.Context, user, name string) (string, error) {
	out, err := c.iam.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: &user, PolicyName: &name})
	if none := (*iamtypes.NoSuchEntityException)(nil); errors.As(err, &none) {
		return "", nil
	}
	if err != nil {
		return "", failed("iam:GetUserPolicy", err)
	}
	return decoded(out.PolicyDocument), nil
}

// PutUserPolicy writes an inline policy of a user. It can be repeated.
func (c *Connection) PutUserPolicy(ctx context.Context, user, name, document string) error {
	_, err := c.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: &user, PolicyName: &name, PolicyDocument: &document})
	return failed("iam:PutUserPolicy", err)
}

// DeleteUserPolicy takes an inline policy of a user away.
func (c *Connection) DeleteUserPolicy(ctx context.Context, user, name string) error {
	_, err := c.iam.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: &user, PolicyName: &name})
	return failed("iam:DeleteUserPolicy", err)
}

// A ManagedSecret is what Secrets Manager tells of a secret now, without its value.
type ManagedSecret struct {
	Rotates bool                // rotation is configured and on
	Deleted bool                // it waits to be deleted
	Labels  map[string][]string // staging labels by version ID
	// WrittenAt is when the version was made that AWSCURRENT stands at; zero: there is none.
	WrittenAt time.Time
}

// ManagedSecret reads the labels of a secret.
func (c *Connection) ManagedSecret(ctx context.Context, arn string) (ManagedSecret, error) {
	out, err := c.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if err != nil {
		return ManagedSecret{}, failed("secretsmanager:DescribeSecret", err)
	}
	s := ManagedSecret{Rotates: aws.ToBool(out.RotationEnabled), Deleted: out.DeletedDate != nil, Labels: map[string][]string{}}
	refused := pages(listSecretVersionIDs, func(marker *string) (*string, *refusal) {
		page, err := c.secrets.ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: &arn, NextToken: marker})
		if err != nil {
			return nil, explain(listSecretVersionIDs, err)
		}
		for _, v := range page.Versions {
			s.Labels[aws.ToString(v.VersionId)] = v.VersionStages
			if slices.Contains(v.VersionStages, "AWSCURRENT") {
				s.WrittenAt = aws.ToTime(v.CreatedDate).UTC()
			}
		}
		return next(listSecretVersionIDs, page.NextToken != nil, page.NextToken, marker)
	})
	if refused != nil {
		return s, &CallError{Call: listSecretVersionIDs, Text: refused.text}
	}
	return s, nil
}

// RotateSecret begins the rotation that is configured, which ends later. The token is the ID of the version that it makes, so it can be repeated.
func (c *Connection) RotateSecret(ctx context.Context, arn, token string) error {
	_, err := c.secrets.RotateSecret(ctx, &secretsmanager.RotateSecretInput{SecretId: &arn, ClientRequestToken: &token})
	return failed("secretsmanager:RotateSecret", err)
}

// SecretValue reads the value that a label stands at. Only a text counts.
func (c *Connection) SecretValue(ctx context.Context, arn, label string) (func() string, error) {
	out, err := c.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: &label})
	if err != nil {
		return nil, failed("secretsmanager:GetSecretValue", err)
	}
	if out.SecretString == nil {
		return nil, &CallError{Call: "secretsmanager:GetSecretValue", Text: "the value is no text", Refused: true}
	}
	return func() string { return *out.SecretString }, nil
}

// PutSecret writes a version whose ID is the token, and puts labels to it; without labels it becomes the current one.
func (c *Connection) PutSecret(ctx context.Context, arn, token, value string, labels ...string) error {
	out, err := c.secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &arn, ClientRequestToken: &token, SecretString: &value, VersionStages: labels})
	if err == nil && aws.ToString(out.VersionId) != token {
		err = fmt.Errorf("%w: it names another version than the one that was to be written", errIncomplete)
	}
	err = failed("secretsmanager:PutSecretValue", err)
	if e := (*CallError)(nil); errors.As(err, &e) && e.Code != "" {
		e.Text = e.Code // a message about a value that does not fit may quote it
	}
	return err
}

// MoveLabel moves a staging label from a version to another. Of AWSCURRENT, AWS puts AWSPREVIOUS to the version that loses it.
func (c *Connection) MoveLabel(ctx context.Context, arn, label, from, to string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &arn, VersionStage: &label}
	if from != "" {
		in.RemoveFromVersionId = &from
	}
	if to != "" {
		in.MoveToVersionId = &to
	}
	_, err := c.secrets.UpdateSecretVersionStage(ctx, in)
	return failed("secretsmanager:UpdateSecretVersionStage", err)
}

// WithField returns the text of a JSON object with a field set, and what text the field held. The other fields keep their values, not their order. The
// error says nothing of the text.
func WithField(object, field, value string) (was, text string, err error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &all); err != nil || all == nil {
		return "", "", errors.New("the value is no JSON object, and a field of it is to be set")
	}
	before, ok := all[field]
	if !ok {
		return "", "", fmt.Errorf("the value has no field %q", field)
	}
	_ = json.Unmarshal(before, &was) // what is no text is not the same as a text
	raw, err := json.Marshal(value)
	if err != nil || !utf8.ValidString(value) {
		return "", "", errors.New("the new value is no text")
	}
	all[field] = raw
	out, err := json.Marshal(all)
	return was, string(out), err
}
