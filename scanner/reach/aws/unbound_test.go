package aws

import (
	"slices"
	"testing"
)

// TestUnbound tells who may use a key once they have got rid of what denies it to them.
func TestUnbound(t *testing.T) {
	for _, c := range []struct {
		name     string
		boundary string
		policies []string
		want     []string
	}{
		{"a denial that it detaches", "", []string{"kms:Decrypt iam:DetachUserPolicy", "deny kms:Decrypt"}, []string{"user/giver by iam:DetachUserPolicy (policy p1)"}},
		{"a denial that it writes anew", "", []string{"kms:Decrypt iam:CreatePolicyVersion on *", "deny kms:Decrypt"}, []string{"user/giver by iam:CreatePolicyVersion (policy p1)"}},
		{"a boundary that it takes off", "s3:* iam:*", []string{"kms:Decrypt iam:DeleteUserPermissionsBoundary"}, []string{"user/giver by iam:DeleteUserPermissionsBoundary"}},
		{"a boundary that does not let it", "s3:*", []string{"kms:Decrypt iam:DeleteUserPermissionsBoundary"}, nil},
		{"a denial that stays", "", []string{"kms:Decrypt", "deny kms:Decrypt"}, nil},
		{"a denial of its removal beside it", "", []string{"kms:Decrypt iam:DetachUserPolicy", "deny kms:Decrypt", "deny iam:Detach*"}, nil},
		{"without the permission", "", []string{"iam:DetachUserPolicy", "deny kms:Decrypt"}, nil},
		{"under a condition", "", []string{`kms:Decrypt iam:DetachUserPolicy on * if {"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, "deny kms:Decrypt"}, []string{"user/giver by iam:DetachUserPolicy (policy p1) if aws:SourceIp"}},
		{"nothing in its way", "", []string{"kms:Decrypt iam:DetachUserPolicy"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps, err := giving(t, "single", c.boundary, c.policies...).Unbound("kms:Decrypt", keyARN)
			if err != nil {
				t.Fatal(err)
			}
			if got := short(steps); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
