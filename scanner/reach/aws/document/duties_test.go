package document_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// TestDutiesByOnePolicy asks of key policies in code what they give by themselves: who uses and administers the key, who may create any grant,
// and who of other accounts may use it.
func TestDutiesByOnePolicy(t *testing.T) {
	const (
		root    = `{"Sid":"root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
		applied = `{"Sid":"root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + awspolicy.Computed + `:root"},"Action":"kms:*","Resource":"*"}`
		unknown = `{"Sid":"root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + awspolicy.Unknown + `:root"},"Action":"kms:*","Resource":"*"}`
	)
	allow := func(who, actions, condition string) string {
		return `{"Sid":"s","Effect":"Allow","Principal":{"AWS":"` + who + `"},"Action":` + actions + `,"Resource":"*"` + condition + `}`
	}
	when := func(operator, key, value string) string {
		return `,"Condition":{"` + operator + `":{"` + key + `":"` + value + `"}}`
	}
	const ops, partner = "arn:aws:iam::111122223333:role/ops", "arn:aws:iam::444455556666:role/partner"
	for name, c := range map[string]struct {
		statements                     string
		conflicts, grantors, outsiders string
	}{
		"the account alone":                    {root, "", "", ""},
		"the account in which it is applied":   {applied, "", "", ""},
		"one who does all":                     {root + `,` + allow(ops, `"kms:*"`, ""), ops, "", ""},
		"one who does all, in pieces":          {root + `,` + allow(ops, `["kms:Decrypt"]`, "") + `,` + allow(ops, `["kms:PutKeyPolicy"]`, ""), ops, "", ""},
		"one who does all but what is denied":  {root + `,` + allow(ops, `"kms:*"`, "") + `,{"Effect":"Deny","Principal":{"AWS":"` + ops + `"},"Action":["kms:Decrypt","kms:ReEncryptFrom","kms:GenerateDataKey*","kms:DeriveSharedSecret","kms:Decapsulate","kms:Sign","kms:GenerateMac"],"Resource":"*"}`, "", "", ""},
		"one who does all under a condition":   {root + `,` + allow(ops, `"kms:*"`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), "", "", ""},
		"one by a name that is applied":        {applied + `,` + allow("arn:aws:iam::"+awspolicy.Computed+":role/ops", `"kms:*"`, ""), "arn:aws:iam::ACCOUNT:role/ops", "", ""},
		"one whose name is known later":        {applied + `,` + allow(awspolicy.Computed, `"kms:*"`, ""), "?", "", "?"},
		"two whose names are known later":      {applied + `,` + allow(awspolicy.Computed, `"kms:Decrypt"`, "") + `,` + allow(awspolicy.Computed, `"kms:PutKeyPolicy"`, ""), "", "", "?"},
		"one who only decrypts":                {root + `,` + allow(ops, `"kms:Decrypt"`, ""), "", "", ""},
		"one who may create any grant":         {root + `,` + allow(ops, `["kms:Encrypt","kms:CreateGrant"]`, ""), "", "s", ""},
		"one who may create grants for AWS":    {root + `,` + allow(ops, `["kms:Encrypt","kms:CreateGrant"]`, `,"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}`), "", "", ""},
		"one who may create grants with MFA":   {root + `,` + allow(ops, `["kms:Encrypt","kms:CreateGrant"]`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), "", "s", ""},
		"a condition that is not resolved":     {root + `,` + allow(ops, `"kms:*"`, `,"Condition":{"StringEquals":{"aws:RequestedRegion":"`+awspolicy.Unknown+`"}}`), "", "", ""},
		"a partner":                            {root + `,` + allow(partner, `"kms:Decrypt"`, ""), "", "", partner},
		"a partner's account":                  {root + `,` + allow("arn:aws:iam::444455556666:root", `"kms:Decrypt"`, ""), "", "", "444455556666"},
		"a partner's account by its number":    {root + `,` + allow("444455556666", `"kms:Decrypt"`, ""), "", "", "444455556666"},
		"a partner who only describes":         {root + `,` + allow(partner, `"kms:DescribeKey"`, ""), "", "", ""},
		"a partner of the organization":        {root + `,` + allow(partner, `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`), "", "", "?"},
		"a partner who may be at home":         {applied + `,` + allow(partner, `"kms:Decrypt"`, ""), "", "", "?"},
		"a partner who does all":               {root + `,` + allow(partner, `"kms:*"`, ""), "?", "", "?"},
		"everybody of a partner's account":     {root + `,` + allow("*", `"kms:Decrypt"`, when("StringEquals", "kms:CallerAccount", "444455556666")), "", "", "444455556666"},
		"everybody of the same account":        {root + `,` + allow("*", `"kms:Decrypt"`, when("StringEquals", "kms:CallerAccount", "111122223333")), "", "", ""},
		"everybody of the account of the code": {applied + `,` + allow("*", `"kms:Decrypt"`, when("StringEquals", "aws:PrincipalAccount", awspolicy.Computed)), "", "", ""},
		"everybody of an account not resolved": {root + `,` + allow("*", `"kms:Decrypt"`, when("StringEquals", "aws:PrincipalAccount", awspolicy.Unknown)), "", "", "?"},
		"a partner's roles by a pattern":       {root + `,` + allow("*", `"kms:Decrypt"`, when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:role/app-*")), "", "", "arn:aws:iam::444455556666:role/app-*"},
		"all of a partner by a pattern":        {root + `,` + allow("*", `"kms:Decrypt"`, when("StringLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:*")), "", "", "444455556666"},
		"a partner's account, for one role":    {root + `,` + allow("444455556666", `"kms:Decrypt"`, when("ArnEquals", "aws:PrincipalArn", partner)), "", "", "444455556666"},
		"a partner's federated user":           {root + `,` + allow("arn:aws:sts::444455556666:federated-user/bob", `"kms:Decrypt"`, ""), "", "", "arn:aws:sts::444455556666:federated-user/bob"},
		"one who does all, by a condition":     {root + `,` + allow("*", `"kms:*"`, when("ArnEquals", "aws:PrincipalArn", ops)), ops, "", ""},
		"an account that is not resolved":      {unknown + `,` + allow(ops, `"kms:Decrypt"`, ""), "", "", "?"},
		"a role of an account not resolved":    {root + `,` + allow("arn:aws:iam::"+awspolicy.Unknown+":role/ops", `"kms:*"`, ""), "?", "", "?"},
		"a statement that is not resolved":     {root + `,{"Effect":"Allow","Principal":{"AWS":"` + ops + `"},"Action":"` + awspolicy.Unknown + `","Resource":"*"}`, "?", "?", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := found("aws.kms.policy", `{"Version":"2012-10-17","Statement":[`+c.statements+`]}`)
			if got := listed(f, "conflicts", f.Summary.Conflicts, func(c access.Conflict) string { return c.Principal }); got != c.conflicts {
				t.Errorf("conflicts %q, want %q", got, c.conflicts)
			}
			if got := listed(f, "grantors", f.Summary.Grantors, func(g access.Grantor) string { return g.At }); got != c.grantors {
				t.Errorf("grantors %q, want %q", got, c.grantors)
			}
			if got := listed(f, "outsiders", f.Summary.Outsiders, func(o access.Outsider) string { return o.Principal }); got != c.outsiders {
				t.Errorf("outsiders %q, want %q", got, c.outsiders)
			}
		})
	}
}
