package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestUnbound tells who may use a key once they have got rid of what denies it to them.
func TestUnbound(t *testing.T) {
	const byTag = `kms:Decrypt on * if {"StringEquals":{"aws:PrincipalTag/team":"x"}}`
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
		{"any policy that it writes for itself", "", []string{"iam:PutUserPolicy"}, []string{"user/giver by iam:PutUserPolicy"}},
		{"any policy, and a boundary without the use", "iam:PutUserPolicy", []string{"iam:PutUserPolicy"}, nil},
		{"any policy, and with it the end of a denial", "", []string{"iam:PutUserPolicy", "deny kms:Decrypt"}, []string{"user/giver by iam:PutUserPolicy, then iam:DetachUserPolicy (policy p1)"}},
		{"a tag that it sets on itself", "", []string{byTag, "iam:TagUser"}, []string{"user/giver by iam:TagUser (team)"}},
		{"a tag that it sets on others", "", []string{byTag, "iam:TagUser on " + iam + "user/ann"}, nil},
		{"a tag of another value", "", []string{byTag, `iam:TagUser on * if {"StringEquals":{"aws:RequestTag/team":"y"}}`}, nil},
		{"a tag, and a denial", "", []string{byTag, "iam:TagUser", "deny kms:Decrypt"}, nil},
		{"the tag of the key", "", []string{`kms:Decrypt on * if {"StringEquals":{"aws:ResourceTag/owner":"${aws:PrincipalTag/team}"}}`, "iam:TagUser"}, nil},
		{"a tag from some networks", "", []string{byTag, `iam:TagUser on * if {"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`}, []string{"user/giver by iam:TagUser (team) if aws:SourceIp"}},
		{"nothing in its way", "", []string{"kms:Decrypt iam:DetachUserPolicy"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps, err := giving(t, "single", c.boundary, c.policies...).Unbound("kms:Decrypt", keyARN, func(string) bool { return true })
			if err != nil {
				t.Fatal(err)
			}
			if got := short(steps); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestRefine tells how far somebody who gives itself any policy comes where the key's policy lets the account in, and how surely.
func TestRefine(t *testing.T) {
	for _, c := range []struct{ name, condition, denial, want string }{
		{"all of the account", "", "", "allowed"},
		{"a denial of one user", "", `{"Effect":"Deny","Principal":{"AWS":"` + iam + `user/ann"},"Action":"kms:*","Resource":"*"}`, "allowed"},
		{"the root user alone", `,"Condition":{"ArnEquals":{"aws:PrincipalArn":"` + iam + `root"}}`, "", "conditional"},
		{"one role by its name", `,"Condition":{"ArnLike":{"aws:PrincipalArn":"` + iam + `role/admin-*"}}`, "", "conditional"},
		{"a tag, which whoever makes a role sets", `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}`, "", "conditional"},
		{"a denial of everybody", "", `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`, "denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(toTheAccount, `"Resource":"*"`, `"Resource":"*"`+c.condition, 1)
			if c.denial != "" {
				text = strings.Replace(text, "]}", ","+c.denial+"]}", 1)
			}
			e, err := New(snapshot(change(base(), keyARN+policySuffix, func(r *inventory.Resource) { r.Document = text })...))
			if err != nil {
				t.Fatal(err)
			}
			refine := e.Refine("kms:Decrypt", keyARN)
			step := access.Step{From: iam + "user/ann", To: iam + "root", By: "iam:PutUserPolicy", Decision: access.Allowed}
			got, counts := refine(step)
			if string(got.Decision) != c.want || counts != (c.want != "denied") {
				t.Errorf("%s and %v, want %s", got.Decision, counts, c.want)
			}
			step.To = iam + "role/idle"
			if got, counts := refine(step); got.Decision != access.Allowed || !counts {
				t.Errorf("a step to a role: %s and %v", got.Decision, counts)
			}
		})
	}
}
