package awsfake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

// TestAnswersHaveTheShapeOfAWSs compares every answer of the fake with the one that AWS keeps beside the SDK's source for its own
// tests: every member that the fake sends is one of AWS's, of the same type on the wire.
func TestAnswersHaveTheShapeOfAWSs(t *testing.T) {
	fake := awsfake.New(func() time.Time { return noon })
	fake.SetPageSize(1)
	fake.Account(first).AddAccessKey("FAKEREADER")
	region := fake.Account(first).Region("eu-west-1")
	full := awsfake.Key{
		ID: "full", RotationPeriod: 90, Rotations: []awsfake.Rotation{{At: noon}, {At: noon.AddDate(-1, 0, 0)}}, LastUsed: noon, DeletionAt: noon, MultiRegion: types.MultiRegionKeyTypePrimary,
		Tags: map[string]string{"a": "1", "b": "2"}, Aliases: []string{"alias/a", "alias/b"},
		Grants: []types.GrantListEntry{
			{
				GrantId: aws.String("g"), GranteePrincipal: aws.String("arn:aws:iam::111122223333:role/app"), RetiringPrincipal: aws.String("arn:aws:iam::111122223333:role/app"), CreationDate: aws.Time(noon),
				Operations: []types.GrantOperation{"Decrypt"}, Constraints: &types.GrantConstraints{EncryptionContextSubset: map[string]string{"app": "a"}},
			},
			{GrantId: aws.String("h")},
		},
	}
	region.AddKey(full)
	region.AddKey(awsfake.Key{ID: "imported", Origin: types.OriginTypeExternal, ValidTo: noon, Store: "cks-1"})
	for _, name := range []string{"full", "next"} {
		region.AddSecret(awsfake.Secret{
			Name: name, Deleted: noon, Accessed: noon, RotationDays: 30, Schedule: "rate(30 days)", Rotated: noon, NextRotation: noon, OwningService: "rds", PrimaryRegion: "eu-west-1",
			KMSKey: "alias/a", Tags: map[string]string{"a": "1"}, Policy: "{}",
			Versions: []awsfake.SecretVersion{{Created: noon, Stages: []string{"AWSCURRENT"}}, {Created: noon, Stages: []string{"AWSPREVIOUS"}}},
		})
	}

	for _, c := range []struct{ service, operation, input string }{
		{"kms", "ListKeys", `{}`},
		{"kms", "ListAliases", `{}`},
		{"kms", "DescribeKey", `{"KeyId":"full"}`},
		{"kms", "DescribeKey", `{"KeyId":"imported"}`},
		{"kms", "GetKeyRotationStatus", `{"KeyId":"full"}`},
		{"kms", "ListKeyRotations", `{"KeyId":"full"}`},
		{"kms", "ListResourceTags", `{"KeyId":"full"}`},
		{"kms", "GetKeyLastUsage", `{"KeyId":"full"}`},
		{"kms", "GetKeyPolicy", `{"KeyId":"full"}`},
		{"kms", "ListGrants", `{"KeyId":"full"}`},
		{"secretsmanager", "ListSecrets", `{"IncludePlannedDeletion":true}`},
		{"secretsmanager", "ListSecretVersionIds", `{"SecretId":"full"}`},
		{"secretsmanager", "GetResourcePolicy", `{"SecretId":"full"}`},
	} {
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.input))
		req.Header.Set("X-Amz-Target", targets[c.service]+"."+c.operation)
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=FAKEREADER/20260301/eu-west-1/"+c.service+"/aws4_request")
		rec := httptest.NewRecorder()
		fake.ServeHTTP(rec, req)
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: status %d: %s", c.operation, rec.Code, rec.Body)
		}
		raw, err := os.ReadFile(filepath.Join(sdkDir(t, c.service), "response_snapshot", c.operation+".response.snap"))
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := bytes.Cut(raw, []byte("\n\n"))
		var theirs, ours any
		if err := json.Unmarshal(body, &theirs); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &ours); err != nil {
			t.Fatal(err)
		}
		for _, complaint := range within(c.operation, ours, theirs) {
			t.Error(complaint)
		}
		if len(ours.(map[string]any)) < 2 && c.operation != "DescribeKey" {
			t.Errorf("%s: an answer with so few members compares nothing: %s", c.operation, rec.Body)
		}
	}
}

// within lists where one JSON value has a member, or a type, that another does not have.
func within(path string, ours, theirs any) []string {
	switch o := ours.(type) {
	case map[string]any:
		t, ok := theirs.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is an object, AWS's is %T", path, theirs)}
		}
		var out []string
		free, isMap := t["key0"] // in a map, whose keys are anybody's
		for name, v := range o {
			if isMap {
				t[name] = free
			}
			if w, has := t[name]; !has {
				out = append(out, path+"."+name+" is not one of AWS's members")
			} else {
				out = append(out, within(path+"."+name, v, w)...)
			}
		}
		return out
	case []any:
		t, ok := theirs.([]any)
		if !ok || len(t) == 0 {
			return []string{fmt.Sprintf("%s is a list, AWS's is %T", path, theirs)}
		}
		var out []string
		for i, v := range o {
			out = append(out, within(fmt.Sprintf("%s[%d]", path, i), v, t[0])...)
		}
		return out
	}
	if fmt.Sprintf("%T", ours) != fmt.Sprintf("%T", theirs) {
		return []string{fmt.Sprintf("%s is %T, AWS's is %T", path, ours, theirs)}
	}
	return nil
}

// targets are how services call themselves in X-Amz-Target.
var targets = map[string]string{"kms": "TrentService", "secretsmanager": "secretsmanager"}

// sdkDir is where the source of the SDK's client for a service lies; go test runs where go can say so.
func sdkDir(t *testing.T, service string) string {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+service).Output()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		t.Fatalf("find the SDK's source: %v", err)
	}
	return string(bytes.TrimSpace(out))
}
