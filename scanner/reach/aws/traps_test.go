package aws_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	reach "github.com/keyreeve/keyreeve/scanner/reach/aws"
)

const (
	decryptAll = `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`
	// backups is what a role of AWS Backup may do with keys, as the policy AWSBackupServiceRolePolicyForBackup of AWS says it.
	backups = `{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*","Condition":{"StringLike":{"kms:ViaService":["dynamodb.*.amazonaws.com"]}}},` +
		`{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}`
)

// What is easily told wrong of a key: who is told of elsewhere, or is no defect, and what looks like a limit and is none.
func TestTrapsOfKeys(t *testing.T) {
	app, ops := arnOf("role/app"), arnOf("role/ops")
	roles := map[string]string{"role/app": "", "role/ops": ""}
	tests := []struct {
		name string
		w    world
		want string
	}{
		{
			"break-glass that the policy of the key names besides is told of the account all the same",
			world{key: []string{toAccount, to("Use", arnOf("role/admin"), `["kms:Decrypt","kms:DisableKey"]`, "")}, identities: map[string]string{"role/admin": everyKey}},
			"account-wide Account 1",
		},
		{"the console's administrators who use it, too", world{key: []string{to("Admin", ops, `["kms:Create*","kms:Decrypt"]`, "")}, identities: roles}, "conflict role/ops; grantor role/ops Admin true"},
		{
			"a role of AWS Backup with permissions that AWS did not write",
			world{key: []string{toAccount}, identities: map[string]string{"role/service-role/AWSBackupDefaultServiceRole": `{"Effect":"Allow","Action":["kms:Decrypt","kms:DisableKey"],"Resource":"` + keyARN + `"}`}},
			"conflict role/service-role/AWSBackupDefaultServiceRole",
		},
		{
			"a role of AWS Backup with the policy that AWS writes for it",
			world{key: []string{toAccount}, identities: map[string]string{"role/service-role/AWSBackupDefaultServiceRole": backups}},
			"",
		},
		{"grants of operations that decrypting is among", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"ForAllValues:StringEquals":{"kms:GrantOperations":["Encrypt","Decrypt"]}}`)}, identities: roles}, "self-grant role/ops kms:CreateGrant"},
		{"grants of all operations but some that are no use", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"ForAllValues:StringNotEquals":{"kms:GrantOperations":["RetireGrant"]}}`)}, identities: roles}, "self-grant role/ops kms:CreateGrant"},
		{"grants to itself", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::111122223333:role/ops"}}`)}, identities: roles}, "self-grant role/ops kms:CreateGrant"},
		{
			"grants for services, if it says so",
			world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"BoolIfExists":{"kms:GrantIsForAWSResource":"true"}}`)}, identities: roles},
			"",
		},
		{
			"a condition that grants for services meet, and all others",
			world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"Null":{"kms:GrantIsForAWSResource":"false"}}`)}, identities: roles},
			"self-grant role/ops kms:CreateGrant; grantor role/ops Grant true",
		},
		{
			"one who may not use it may not give that to itself through a service",
			world{key: []string{to("Attach", ops, `"kms:CreateGrant"`, `,"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}`)}, identities: roles},
			"",
		},
		{
			"what a grant lets its holder pass on is no administration",
			world{key: []string{}, identities: roles, grants: []aws.Grant{{Grantee: app, Operations: aws.Values{"Decrypt", "CreateGrant"}}}},
			"",
		},
		{
			"an instance whose volume the key encrypts, and the account statement",
			world{key: []string{toAccount}, identities: roles, grants: []aws.Grant{{Grantee: "arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-0a1b2c3d4e5f60718", Operations: aws.Values{"Decrypt", "CreateGrant"}}}},
			"",
		},
		{
			"a service that a grant lets use it for one of its resources",
			world{key: []string{toAccount}, identities: roles, grants: []aws.Grant{{Grantee: "dynamodb.eu-west-1.amazonaws.com", Operations: aws.Values{"Decrypt"}, Constraints: aws.Constraints{Source: "arn:aws:dynamodb:eu-west-1:111122223333:table/t"}}}},
			"",
		},
		{
			"a grantor who administers it is told of as an administrator",
			world{key: []string{to("Admin", ops, `["kms:CreateGrant","kms:PutKeyPolicy","kms:Decrypt"]`, "")}, identities: roles},
			"conflict role/ops",
		},
		{
			"the account statement, and a role that may use some other key",
			world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:eu-west-1:111122223333:key/other"}`}},
			"",
		},
		{
			"the account statement, and those whom a statement about all keys lets use it",
			world{key: []string{toAccount}, identities: map[string]string{"role/app": decryptAll, "role/ops": decryptAll, "user/u": decryptAll}},
			"account-wide Account 3",
		},
		{
			"a statement about all keys but one",
			world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:Decrypt","NotResource":"arn:aws:kms:eu-west-1:111122223333:key/other"}`}},
			"account-wide Account 1",
		},
		{
			"a statement about all keys but this one",
			world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:Decrypt","NotResource":"` + keyARN + `"}`}},
			"",
		},
		{
			"a statement of all actions but some",
			world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","NotAction":["iam:*","kms:PutKeyPolicy","kms:CreateGrant"],"Resource":"*"}`}},
			"account-wide Account 1",
		},
		{
			"a boundary keeps those by statements about all keys from it",
			world{key: []string{toAccount}, identities: map[string]string{"role/app": decryptAll}, boundary: map[string]string{"role/app": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}},
			"",
		},
		{
			"the account statement holds for one service only",
			world{key: []string{to("Account", arnOf("root"), `"kms:*"`, `,"Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`)}, identities: map[string]string{"role/app": decryptAll}},
			"",
		},
		{
			"use and administration by another account: the first alone has effect",
			world{key: []string{to("Vendor", "arn:aws:iam::"+vendor+":root", `["kms:Decrypt","kms:PutKeyPolicy","kms:ScheduleKeyDeletion","kms:DisableKey"]`, "")}},
			"outsider " + vendor + " Vendor false",
		},
		{
			"another account, if it is of the organization of the key",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)}, org: "o-1"},
			"",
		},
		{
			"another account, if it is of a unit of the organization of the key",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}}`)}, org: "o-1"},
			"",
		},
		{
			"another account, where all others than those of the organization are denied",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, ""), `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}`}, org: "o-1"},
			"",
		},
		{
			"another account, where others are denied if they have an organization",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, ""), `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"},"Null":{"aws:PrincipalOrgID":"false"}}}`}, org: "o-1"},
			"outsider " + vendor + " Partner false",
		},
		{
			"another account, if it is of another organization",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}}`)}, org: "o-1"},
			"outsider " + vendor + " Partner false",
		},
		{
			"another account, if it is of a unit of another organization",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-2/r-2/*"}}`)}, org: "o-1"},
			"outsider " + vendor + " Partner false",
		},
		{
			"another account, if it is of whichever organization",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}`)}, org: "o-1"},
			"outsider " + vendor + " Partner false",
		},
		{
			"another account, if the ID of its organization begins alike",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-1*"}}`)}, org: "o-1"},
			"outsider " + vendor + " Partner false",
		},
		{
			"another account, if it is of the organization of the key, by a variable",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}`)}, org: "o-1"},
			"",
		},
		{
			"another account, if it is of some organization, and the key's account of none",
			world{key: []string{to("Partner", vendor, `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)}},
			"outsider " + vendor + " Partner false",
		},
		{
			"grants by another account",
			world{key: []string{to("Vendor", "arn:aws:iam::"+vendor+":root", `"kms:CreateGrant"`, "")}},
			"outsider " + vendor + " Vendor false; grantor arn:aws:iam::" + vendor + ":root Vendor false",
		},
		{
			"a policy names the ID of a role that was deleted",
			world{key: []string{to("Gone", "AROAEXAMPLEEXAMPLEXX", `"kms:*"`, "")}, identities: roles},
			"",
		},
		{
			"a boundary that denies, which no policy gets round",
			world{key: []string{to("Use", arnOf("user/u"), `"kms:Decrypt"`, "")}, identities: map[string]string{"user/u": ""}, boundary: map[string]string{"user/u": `{"Effect":"Deny","Action":"*","Resource":"*"}`}},
			"",
		},
		{
			"a policy names everybody, and a role by its name in a condition",
			world{key: []string{to("Use", "*", `"kms:Decrypt"`, `,"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/app"}}`)}, identities: roles, boundary: map[string]string{"role/app": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}},
			"bypass role/app Use",
		},
		{
			"a policy names a session of a role",
			world{key: []string{to("Use", "arn:aws:sts::111122223333:assumed-role/app/s", `"kms:Decrypt"`, "")}, identities: roles, boundary: map[string]string{"role/app": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}},
			"bypass role/app Use",
		},
		{
			"a policy names a session of a role whose boundary allows it",
			world{key: []string{to("Use", "arn:aws:sts::111122223333:assumed-role/app/s", `"kms:Decrypt"`, "")}, identities: roles, boundary: map[string]string{"role/app": everyKey}},
			"",
		},
		{
			"a policy names a session of a role whose boundary denies it",
			world{key: []string{to("Use", "arn:aws:sts::111122223333:assumed-role/app/s", `"kms:Decrypt"`, "")}, identities: roles, boundary: map[string]string{"role/app": `{"Effect":"Deny","Action":"kms:*","Resource":"*"}`}},
			"",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(ofKey(tt.w.summaries(t))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// The same of accounts, and of policies of identities.
func TestTrapsOfAccountsAndPolicies(t *testing.T) {
	admin := map[string]string{"role/admin": everyKey}
	tests := []struct {
		name    string
		w       world
		id, typ string
		want    string
	}{
		{
			"a control policy voids it",
			world{key: []string{toAccount}, identities: admin, scps: []string{`{"Effect":"Allow","NotAction":"kms:*","Resource":"*"}`}},
			arnOf("role/admin#policy/p"), "aws.iam.policy", "",
		},
		{
			"it counts where the key policy delegates the use, not where it delegates reading only",
			world{key: []string{strings.Replace(toAccount, "kms:*", "kms:Describe*", 1)}, identities: admin},
			arnOf("role/admin#policy/p"), "aws.iam.policy", "",
		},
		{
			"several people, each once",
			world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey, "user/u": everyKey, "role/app": ""}, secret: true},
			arnOf("root"), "aws.iam.root", "conflict role/admin; conflict user/u",
		},
		{
			"a role that is linked to a service",
			world{key: []string{toAccount}, identities: map[string]string{"role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS": everyKey}},
			arnOf("root"), "aws.iam.root", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.w.summaries(t).Found(resource(tt.id, tt.typ))
			if got := said(f); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if f.Summary.Reaches.Keys > 0 {
				t.Errorf("it reaches %v", f.Summary.Reaches.Worst)
			}
		})
	}
}

// Keys of one policy are told as one, but for grants to oneself: which operations these may give, policies of identities say of each key.
func TestGrantsOfKeysThatAreAlike(t *testing.T) {
	other := strings.Replace(keyARN, "key/k", "key/other", 1)
	grants := func(key, operation string) string {
		return `{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"` + key + `","Condition":{"ForAllValues:StringEquals":{"kms:GrantOperations":["` + operation + `"]}}}`
	}
	file := func(name, text string) []aws.Document {
		return []aws.Document{{Name: name, Text: json.RawMessage(text)}}
	}
	e := aws.Estate{Accounts: []aws.Account{{ID: home}}}
	e.Principals = slices.Values([]aws.Identity{{ARN: arnOf("role/ops"), Identity: file("policy", document(grants(keyARN, "Encrypt"), grants(other, "Decrypt")))}})
	e.Resources = slices.Values([]aws.Target{{ARN: keyARN, Policy: file("key policy", document(toAccount))}, {ARN: other, Policy: file("key policy", document(toAccount))}})
	ix, err := aws.Build(e)
	if err != nil {
		t.Fatal(err)
	}
	s := reach.Summarize(ix, &inventory.Snapshot{})
	for key, want := range map[string]string{keyARN: "", other: "self-grant role/ops kms:CreateGrant"} {
		if got := said(s.Found(resource(key, "aws.kms.key"))); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

// Who is left to set the policy of a key. That the account's root user counts, and that deleted roles, conditions and other accounts do not do
// what they seem to, decides whether it is locked.
func TestWhoIsLeftToAdminister(t *testing.T) {
	const deleted, view = "AROAEXAMPLEEXAMPLEXX", `["kms:Describe*","kms:List*","kms:Get*"]`
	ops, roles := arnOf("role/ops"), map[string]string{"role/ops": ""}
	admins := to("Admin", ops, `"kms:*"`, "")
	tests := []struct {
		name              string
		w                 world
		certain, possible int
	}{
		{"the account statement", world{key: []string{toAccount}, identities: roles}, 1, 0}, // the root user
		{"the account may only look, and a role that was deleted may do all", world{key: []string{to("Account", arnOf("root"), view, ""), to("Admin", deleted, `"kms:*"`, "")}, identities: roles}, 0, 0},
		{"a role alone", world{key: []string{admins}, identities: roles}, 1, 0},
		{"a role that was not read, and for which no ID stands as if it were deleted", world{key: []string{to("Admin", arnOf("role/new"), `"kms:*"`, "")}, identities: roles}, 0, 1},
		{"a role whose own policy denies it", world{key: []string{admins}, identities: map[string]string{"role/ops": `{"Effect":"Deny","Action":"kms:Put*","Resource":"*"}`}}, 0, 0},
		{"a role whose boundary does not allow it", world{key: []string{admins}, identities: roles, boundary: map[string]string{"role/ops": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}}, 0, 0},
		{"a control policy that denies it to all", world{key: []string{toAccount, admins}, identities: roles, scps: []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"kms:PutKeyPolicy","Resource":"*"}`}}, 0, 0},
		{"a control policy that spares one role", world{key: []string{toAccount, admins}, identities: roles, scps: []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"kms:PutKeyPolicy","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"` + ops + `"}}}`}}, 1, 0},
		{"another account, for which it has no effect", world{key: []string{to("Vendor", "arn:aws:iam::"+vendor+":root", `"kms:*"`, "")}, identities: roles}, 0, 0},
		{"a role with a second factor", world{key: []string{to("Admin", ops, `"kms:*"`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)}, identities: roles}, 0, 1},
		{"a denial that leaves out whoever is in an organization, where there is none", world{key: []string{toAccount, `{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-other"}}}`}, identities: roles}, 0, 0},
		{"a grant of all that a grant can give", world{key: []string{}, identities: roles, grants: []aws.Grant{{Grantee: ops, Operations: aws.Values{"CreateGrant", "RetireGrant", "Decrypt"}}}}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ofKey(tt.w.summaries(t)).Summary.Administrators; got.Certain != tt.certain || got.Possible != tt.possible {
				t.Errorf("got %+v, want %d certain and %d possible", got, tt.certain, tt.possible)
			}
		})
	}
}
