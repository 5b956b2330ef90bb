package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// TestThroughSomebodyElse has a user that gives a policy to a role or user and then acts as it, to make an access key of another.
func TestThroughSomebodyElse(t *testing.T) {
	ann := trusts(`{"AWS":"`+arn("user/ann")+`"}`, "sts:AssumeRole", "")
	account := trusts(trustedAccount(here), "sts:AssumeRole", "")
	const by = "user/ann by iam:PutRolePolicy (role/helper) and sts:AssumeRole, then iam:CreateAccessKey"
	for _, c := range []struct {
		name  string
		staff *staff
		want  []string
	}{
		{"a role that trusts it", newStaff().user("key").role("helper", ann).user("ann", "iam:PutRolePolicy"), []string{by}},
		{"a role that trusts the account", newStaff().user("key").role("helper", account).user("ann", "iam:PutRolePolicy sts:AssumeRole"), []string{by}},
		{"a role that trusts the account, whose policies do not let it", newStaff().user("key").role("helper", account).user("ann", "iam:PutRolePolicy"), nil},
		{"a role that trusts nobody", newStaff().user("key").role("helper", nobody).user("ann", "iam:PutRolePolicy sts:AssumeRole"), nil},
		{"policies of other roles", newStaff().user("key").role("helper", ann).user("ann", "iam:PutRolePolicy on "+arn("role/x")), nil},
		{"a role within a boundary", newStaff().user("key").role("helper", ann, "within s3:*").user("ann", "iam:PutRolePolicy"), nil},
		{"the second of two, as the first is within a boundary", newStaff().user("key").role("bound", ann, "within s3:*").role("helper", ann).user("ann", "iam:PutRolePolicy"), []string{by}},
		{"an SCP denies it", newStaff().user("key").role("helper", ann).user("ann", "iam:PutRolePolicy").scp("deny iam:PutRolePolicy"), nil},
		{"its own boundary is without it", newStaff().user("key").role("helper", ann).user("ann", "iam:PutRolePolicy", "within s3:*"), nil},
		{"a trust policy that was not read", newStaff().user("key").role("helper", "").user("ann", "iam:PutRolePolicy"), []string{by + " if trust policy"}},
		{"a policy that the role has", newStaff().user("key").managed("p", "s3:*").role("helper", ann, "has p").user("ann", "iam:CreatePolicyVersion"), []string{
			"user/ann by iam:CreatePolicyVersion (role/helper) and sts:AssumeRole, then iam:CreateAccessKey",
		}},
		{"another user", newStaff().user("key").user("other").user("ann", "iam:PutUserPolicy iam:CreateAccessKey on "+arn("user/other")), []string{
			"user/ann by iam:PutUserPolicy (user/other) and iam:CreateAccessKey, then iam:CreateAccessKey",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := short(c.staff.estate(t).StepsTo(arn("user/key"), all)); !slices.Equal(got, c.want) {
				t.Errorf("StepsTo(user/key) =\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
	steps := newStaff().role("helper", ann).user("ann", "iam:PutRolePolicy").estate(t).StepsTo(arn("root"), all)
	if got := short(steps); !slices.Equal(got, []string{"user/ann by iam:PutRolePolicy (role/helper) and sts:AssumeRole"}) || steps[0].Decision != access.Allowed {
		t.Errorf("StepsTo(root) = %q", got)
	}
}

// TestAnotherBoundary has a user that puts a boundary that allows all in place of its own.
func TestAnotherBoundary(t *testing.T) {
	for condition, want := range map[string][]string{
		"": {"user/ann by iam:PutUserPermissionsBoundary, then iam:CreateAccessKey"},
		` on * if {"ArnEquals":{"iam:PermissionsBoundary":"` + arn("policy/limit") + `"}}`: nil,
	} {
		e := newStaff().user("key").user("ann", "iam:CreateAccessKey", "iam:PutUserPermissionsBoundary"+condition, "within iam:PutUserPermissionsBoundary").estate(t)
		if got := short(e.StepsTo(arn("user/key"), all)); !slices.Equal(got, want) {
			t.Errorf("StepsTo(user/key) = %q, want %q", got, want)
		}
	}
}
