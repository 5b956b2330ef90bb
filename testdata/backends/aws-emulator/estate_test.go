package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// TestEstate reads the estate with AWS's own clients: by alias, the age of each key in days, or the code of the refusal.
func TestEstate(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	server := httptest.NewServer(estate(func() time.Time { return clock }))
	defer server.Close()
	reader := credentials.NewStaticCredentialsProvider(accessKey, "any", "")

	assumed, err := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: reader}).AssumeRole(t.Context(),
		&sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + staging + ":role/" + readerRole), RoleSessionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	other := credentials.NewStaticCredentialsProvider(*assumed.Credentials.AccessKeyId, *assumed.Credentials.SecretAccessKey, *assumed.Credentials.SessionToken)

	for name, test := range map[string]struct {
		as     aws.CredentialsProvider
		region string
		want   map[string]any
	}{
		"production in Ireland": {reader, "eu-west-1", map[string]any{
			"alias/payments": 800, "alias/archive": 800, "alias/backup": 500, "alias/jwt": 100, "alias/webhooks": 30, "alias/release": 200, "alias/partner": 400, "alias/aws/s3": 800,
		}},
		"production in Virginia": {reader, "us-east-1", map[string]any{"alias/locked-away": "AccessDeniedException", "alias/events": 200}},
		"staging in Ireland":     {other, "eu-west-1", map[string]any{"alias/payments": 90, "alias/jwt": 120}},
		"staging in Virginia":    {other, "us-east-1", map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			client := kms.New(kms.Options{Region: test.region, BaseEndpoint: &server.URL, Credentials: test.as})
			if diff := cmp.Diff(test.want, ages(t.Context(), t, client, clock)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func ages(ctx context.Context, t *testing.T, client *kms.Client, clock time.Time) map[string]any {
	t.Helper()
	list, err := client.ListAliases(ctx, &kms.ListAliasesInput{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, a := range list.Aliases {
		key, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: a.TargetKeyId})
		var refused smithy.APIError
		switch {
		case errors.As(err, &refused):
			got[*a.AliasName] = refused.ErrorCode()
		case err != nil:
			t.Fatal(err)
		default:
			got[*a.AliasName] = int(clock.Sub(*key.KeyMetadata.CreationDate).Hours() / 24)
		}
	}
	return got
}
