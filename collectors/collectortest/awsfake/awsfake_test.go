package awsfake_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	first  = "111122223333"
	second = "444455556666"
)

// serve starts a fake with a reader in the first account and returns the SDK's settings for it.
func serve(t *testing.T) (*awsfake.Server, aws.Config) {
	fake := awsfake.New(func() time.Time { return noon })
	fake.Account(first).AddAccessKey("FAKEREADER")
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return fake, aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("FAKEREADER", "not a secret", ""),
	}
}

func TestListsComeInPages(t *testing.T) {
	fake, sdk := serve(t)
	fake.SetPageSize(2)
	for range 5 {
		fake.Account(first).Region("eu-west-1").AddKey(awsfake.Key{})
	}
	var sizes []int
	for p := kms.NewListKeysPaginator(kms.NewFromConfig(sdk), &kms.ListKeysInput{}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Keys))
	}
	if len(sizes) != 3 || sizes[0] != 2 || sizes[2] != 1 {
		t.Errorf("pages of %v keys", sizes)
	}
	_, err := kms.NewFromConfig(sdk).ListKeys(t.Context(), &kms.ListKeysInput{Marker: aws.String("nonsense")})
	var invalid *types.InvalidMarkerException
	if !errors.As(err, &invalid) {
		t.Errorf("a marker of nobody's gives %v", err)
	}
}

// TestErrorsAreAWSsOwn checks that the SDK makes its own types of them.
func TestErrorsAreAWSsOwn(t *testing.T) {
	fake, sdk := serve(t)
	region := fake.Account(first).Region("eu-west-1")
	rsa := region.AddKey(awsfake.Key{Spec: types.KeySpecRsa2048})
	closed := region.AddKey(awsfake.Key{Deny: []string{"DescribeKey"}})
	client := kms.NewFromConfig(sdk)

	_, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("nobody")})
	if e := (*types.NotFoundException)(nil); !errors.As(err, &e) {
		t.Errorf("a key that does not exist: %v", err)
	}
	_, err = client.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: aws.String(rsa)})
	if e := (*types.UnsupportedOperationException)(nil); !errors.As(err, &e) {
		t.Errorf("rotation of an RSA key: %v", err)
	}
	_, err = client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String(closed)})
	if code(err) != "AccessDeniedException" {
		t.Errorf("a key whose policy refuses: %v", err)
	}
	if _, err = client.ListResourceTags(t.Context(), &kms.ListResourceTagsInput{KeyId: aws.String(closed)}); err != nil {
		t.Errorf("the policy refuses one call only, but: %v", err)
	}
	_, err = client.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: aws.String(rsa)})
	if code(err) != "UnknownOperationException" {
		t.Errorf("a call that destroys something: %v", err)
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func TestRolesLeadIntoOtherAccounts(t *testing.T) {
	fake, sdk := serve(t)
	role := fake.Account(second).AddRole(awsfake.Role{Name: "reader", Trusts: []string{first}, ExternalID: "outer"})
	inside := sdk.Copy()
	assume := func(externalID string) error {
		inside.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(sdk), role, func(o *stscreds.AssumeRoleOptions) { o.ExternalID = &externalID })
		_, err := inside.Credentials.Retrieve(t.Context())
		return err
	}
	if err := assume("wrong"); code(err) != "AccessDenied" {
		t.Errorf("with a wrong external ID: %v", err)
	}
	if err := assume("outer"); err != nil {
		t.Fatal(err)
	}
	id, err := sts.NewFromConfig(inside).GetCallerIdentity(t.Context(), nil)
	if err != nil || *id.Account != second {
		t.Fatalf("inside the role: %v, %v", id, err)
	}
	fake.Account(first).Region("eu-west-1").AddKey(awsfake.Key{})
	out, err := kms.NewFromConfig(inside).ListKeys(t.Context(), nil)
	if err != nil || len(out.Keys) != 0 {
		t.Errorf("the keys of the first account show in the second: %v, %v", out, err)
	}
}

func TestStrangersAndDisabledRegionsAreRefused(t *testing.T) {
	fake, sdk := serve(t)
	fake.Account(first).Disable("ap-east-1")
	for _, change := range []func(*kms.Options){
		func(o *kms.Options) { o.Region = "ap-east-1" },
		func(o *kms.Options) {
			o.Credentials = credentials.NewStaticCredentialsProvider("FAKESTRANGER", "not a secret", "")
		},
	} {
		if _, err := kms.NewFromConfig(sdk, change).ListKeys(t.Context(), nil); code(err) != "UnrecognizedClientException" {
			t.Errorf("got %v", err)
		}
	}
}

// TestFaultsEnd strikes as often as it says, only where it says, and counts the calls that it strikes.
func TestFaultsEnd(t *testing.T) {
	fake, sdk := serve(t)
	key := fake.Account(first).Region("eu-west-1").AddKey(awsfake.Key{})
	fake.Break(awsfake.Fault{Call: "kms:DescribeKey", Times: 2, Do: awsfake.Refuse(http.StatusBadRequest, "ThrottlingException", "Rate exceeded")})
	client := kms.NewFromConfig(sdk, func(o *kms.Options) { o.Retryer = aws.NopRetryer{} })
	refused := 0
	for range 5 {
		if _, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String(key)}); code(err) == "ThrottlingException" {
			refused++
		}
	}
	if refused != 2 || len(fake.Calls()) != 5 {
		t.Errorf("%d of %d calls were refused, want 2 of 5", refused, len(fake.Calls()))
	}
}
