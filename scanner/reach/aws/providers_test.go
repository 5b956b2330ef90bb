package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestProvidersThatAreYetToBeMade has a trust policy that waits for a provider which nobody has made.
func TestProvidersThatAreYetToBeMade(t *testing.T) {
	saml := trusts(`{"Federated":"`+arn("saml-provider/corp")+`"}`, "sts:AssumeRoleWithSAML", "")
	token := trusts(`{"Federated":"`+arn("oidc-provider/example.com")+`"}`, "sts:AssumeRoleWithWebIdentity", `{"StringEquals":{"example.com:sub":"build"}}`)
	elsewhere := trusts(`{"Federated":"arn:aws:iam::`+there+`:saml-provider/corp"}`, "sts:AssumeRoleWithSAML", "")
	unread := func(s *staff, typ string) *staff {
		s.snap.Gaps = append(s.snap.Gaps, inventory.Gap{Scope: inventory.NewScope("aws", "", here, "global"), What: "the list of providers", Types: []string{typ}, Why: inventory.Denied})
		return s
	}
	bySAML, byToken := "user/ann by iam:CreateSAMLProvider and sts:AssumeRoleWithSAML", "user/ann by iam:CreateOpenIDConnectProvider and sts:AssumeRoleWithWebIdentity if example.com:sub"
	for _, c := range []struct {
		name  string
		staff *staff
		want  []string
	}{
		{"SAML", newStaff().role("app", saml).user("ann", "iam:CreateSAMLProvider"), []string{bySAML}},
		{"SAML, and an SCP denies it", newStaff().role("app", saml).user("ann", "iam:CreateSAMLProvider").scp("deny iam:CreateSAMLProvider"), nil},
		{"SAML, and a boundary is without it", newStaff().role("app", saml).user("ann", "iam:CreateSAMLProvider", "within s3:*"), nil},
		{"SAML, of another name", newStaff().role("app", saml).user("ann", "iam:CreateSAMLProvider on "+arn("saml-provider/x")), nil},
		{"SAML, of another account", newStaff().role("app", elsewhere).user("ann", "iam:CreateSAMLProvider"), []string{"saml:arn:aws:iam::" + there + ":saml-provider/corp by sts:AssumeRoleWithSAML if SAML providers of " + there}},
		{"SAML, and its providers were not read", unread(newStaff().role("app", saml).user("ann", "iam:CreateSAMLProvider"), samlType), []string{"saml:saml-provider/corp by sts:AssumeRoleWithSAML if SAML providers of " + here}},
		{"SAML, after a policy for oneself", newStaff().role("app", saml).user("ann", "iam:PutUserPolicy").scp("deny iam:UpdateAssumeRolePolicy"), []string{"user/ann by iam:PutUserPolicy, then iam:CreateSAMLProvider and sts:AssumeRoleWithSAML"}},
		{"tokens", newStaff().role("app", token).user("ann", "iam:CreateOpenIDConnectProvider"), []string{byToken}},
		{"tokens, and a statement denies it", newStaff().role("app", token).user("ann", "iam:CreateOpenIDConnectProvider", "deny iam:*"), nil},
		{"tokens, and its providers were not read", unread(newStaff().role("app", token).user("ann", "iam:CreateOpenIDConnectProvider"), oidcType), []string{"oidc:example.com subject build by sts:AssumeRoleWithWebIdentity if OpenID Connect providers of " + here}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := short(c.staff.estate(t).StepsTo(arn("role/app"), all)); !slices.Equal(got, c.want) {
				t.Errorf("StepsTo(role/app) =\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}
