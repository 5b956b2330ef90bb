package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// TestDenialsThatGo has a user that would make itself an access key of another, but for a denial of its own.
func TestDenialsThatGo(t *testing.T) {
	const deny = "deny iam:CreateAccessKey"
	for _, c := range []struct {
		name  string
		staff *staff
		want  []string
	}{
		{"it stays", newStaff().user("key").user("ann", "iam:CreateAccessKey", deny), nil},
		{"deleted", newStaff().user("key").user("ann", "iam:CreateAccessKey iam:DeleteUserPolicy", deny), []string{"user/ann by iam:DeleteUserPolicy (policy 1), then iam:CreateAccessKey"}},
		{"deleted, and an SCP denies that", newStaff().user("key").user("ann", "iam:CreateAccessKey iam:DeleteUserPolicy", deny).scp("deny iam:DeleteUserPolicy"), nil},
		{"deleted, and a boundary is without that", newStaff().user("key").user("ann", "iam:CreateAccessKey iam:DeleteUserPolicy", deny, "within iam:CreateAccessKey"), nil},
		{"of others only", newStaff().user("key").user("ann", "iam:CreateAccessKey", "iam:DeleteUserPolicy on "+arn("user/x"), deny), nil},
		{"the denial denies its own removal", newStaff().user("key").user("ann", "iam:CreateAccessKey iam:DeleteUserPolicy", "deny iam:CreateAccessKey iam:DeleteUserPolicy"), nil},
		{"one of two", newStaff().user("key").user("ann", "iam:CreateAccessKey iam:DeleteUserPolicy", deny).managed("no", deny).user("bob", "iam:CreateAccessKey iam:DeleteUserPolicy", deny, "has no"), []string{
			"user/ann by iam:DeleteUserPolicy (policy 1), then iam:CreateAccessKey",
		}},
		{"detached", newStaff().user("key").managed("no", deny).user("ann", "iam:CreateAccessKey iam:DetachUserPolicy", "has no"), []string{"user/ann by iam:DetachUserPolicy (policy no), then iam:CreateAccessKey"}},
		{"detached, if it is that policy", newStaff().user("key").managed("no", deny).user("ann", "iam:CreateAccessKey", `iam:DetachUserPolicy on * if {"ArnEquals":{"iam:PolicyARN":"`+arn("policy/other")+`"}}`, "has no"), nil},
		{"of a group that it leaves", newStaff().user("key").group("held", deny).user("ann", "iam:CreateAccessKey iam:RemoveUserFromGroup", "in held"), []string{"user/ann by iam:RemoveUserFromGroup (policy 0 of group held), then iam:CreateAccessKey"}},
		{"a denial that was not read stays", newStaff().user("key").user("ann", "iam:CreateAccessKey", "iam:DeleteUserPolicy", "unread"), []string{"user/ann by iam:CreateAccessKey if policy 2"}},
		{"a denial of something else", newStaff().user("key").user("ann", "iam:CreateAccessKey iam:DeleteUserPolicy", "deny s3:*"), []string{"user/ann by iam:CreateAccessKey"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := short(c.staff.estate(t).StepsTo(arn("user/key"), all)); !slices.Equal(got, c.want) {
				t.Errorf("StepsTo(user/key) =\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

// TestDenialsThatStay has users that give themselves any policy, and so what the account delegates, but for what is denied to them.
func TestDenialsThatStay(t *testing.T) {
	e := newStaff().managed("no", "deny kms:* iam:DetachUserPolicy iam:CreatePolicyVersion").user("ann", "iam:AttachUserPolicy", "has no").user("bob", "iam:PutUserPolicy", "deny kms:*").estate(t)
	steps := e.StepsTo(arn("root"), all)
	want := []string{"user/ann by iam:AttachUserPolicy if policy no", "user/bob by iam:PutUserPolicy, then iam:DeleteUserPolicy (policy 1)"}
	if got := short(steps); !slices.Equal(got, want) || steps[1].Decision != access.Allowed {
		t.Errorf("StepsTo(root) = %q, want %q", got, want)
	}
}
