package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// The cast of the cases.
const (
	keyARN    = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	secretARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-a1b2c3"
	roleARN   = "arn:aws:iam::111122223333:role/app"
	userARN   = "arn:aws:iam::111122223333:user/alice"
	foreign   = "arn:aws:iam::444455556666:role/partner"
)

// ask builds a request from its parts; each replaces what the parts before it say. A part is JSON of a request with ' for ".
func ask(t testing.TB, parts ...string) Request {
	t.Helper()
	r := Request{System: "aws", Action: "kms:Decrypt"}
	r.Principal.ARN, r.Resource.ARN = roleARN, keyARN
	for _, p := range parts {
		if err := json.Unmarshal([]byte(strings.ReplaceAll(p, "'", `"`)), &r); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
	}
	return r
}

// Parts of requests. Documents are given by their statements.
func doc(statements ...string) string {
	return `{'Version':'2012-10-17','Statement':[` + strings.Join(statements, ",") + `]}`
}

func who(arn string) string { return `{'principal':{'arn':'` + arn + `'}}` }
func identityOf(statements ...string) string {
	return `{'principal':{'identity':[` + doc(statements...) + `]}}`
}

func boundaryOf(statements ...string) string {
	return `{'principal':{'boundary':` + doc(statements...) + `}}`
}

func sessionOf(statements ...string) string {
	return `{'principal':{'session':` + doc(statements...) + `}}`
}

func policyOf(statements ...string) string {
	return `{'resource':{'policy':` + doc(statements...) + `}}`
}

func keyOf(statements ...string) string {
	return `{'resource':{'key':{'arn':'` + keyARN + `','policy':` + doc(statements...) + `}}}`
}
func onto(arn string) string            { return `{'resource':{'arn':'` + arn + `'}}` }
func action(name string) string         { return `{'action':'` + name + `'}` }
func having(key, value string) string   { return `{'context':{'` + key + `':` + value + `}}` }
func unknownKeys(keys ...string) string { return `{'unknown':['` + strings.Join(keys, `','`) + `']}` }

func scps(documents ...string) string { return `{'scps':[[` + strings.Join(documents, `],[`) + `]]}` }

func rcps(documents ...string) string { return `{'rcps':[[` + strings.Join(documents, `],[`) + `]]}` }

func grant(grantee, rest string) string {
	return `{'resource':{'grants':[{'grantee':'` + grantee + `',` + rest + `}]}}`
}

// Statements of identities and of resources.
func allow(action, resource string, more ...string) string {
	return `{'Effect':'Allow','Action':'` + action + `','Resource':'` + resource + `'` + strings.Join(append([]string{""}, more...), ",") + `}`
}

func deny(action, resource string, more ...string) string {
	return strings.Replace(allow(action, resource, more...), "Allow", "Deny", 1)
}
func to(principal string) string { return `'Principal':{'AWS':'` + principal + `'}` }
func sparing(principals ...string) string {
	return `'NotPrincipal':{'AWS':['` + strings.Join(principals, `','`) + `']}`
}

func when(operator, key, values string) string {
	return `'Condition':{'` + operator + `':{'` + key + `':` + values + `}}`
}

var (
	full       = doc(allow("*", "*"))
	fullRCP    = doc(allow("*", "*", `'Principal':'*'`))
	delegated  = allow("kms:*", "*", to("arn:aws:iam::111122223333:root"))
	everything = allow("*", "*")
)

// short is the decision, with "!" for an explicit denial, and the residual conditions.
func short(a access.Answer) string {
	s := string(a.Decision)
	if a.Explicit {
		s += "!"
	}
	for _, r := range a.Residual {
		s += fmt.Sprintf(" %s:%s", r.Class, r.Key)
	}
	if a.Error != "" {
		s += " " + a.Error
	}
	return s
}

// Each case is a request and its decision.
var cases = []struct {
	name  string
	parts []string
	want  string
}{
	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
	{"an account statement leaves it to identities", []string{policyOf(delegated), identityOf(everything)}, "allowed"},
	{"an account statement allows nobody by itself", []string{policyOf(delegated)}, "denied"},
	{"without it policies of identities are inert", []string{policyOf(allow("kms:*", "*", to("arn:aws:iam::111122223333:role/other"))), identityOf(everything)}, "denied"},
	{"it delegates its own actions only", []string{policyOf(allow("kms:Describe*", "*", to("111122223333"))), identityOf(everything)}, "denied"},
	{"the root user is the account", []string{who("arn:aws:iam::111122223333:root"), policyOf(delegated)}, "allowed"},
	{"the root user is held by SCPs", []string{who("111122223333"), policyOf(delegated), scps(full, doc(allow("s3:*", "*")))}, "denied"},
	{"a denial of an identity works without delegation", []string{policyOf(allow("kms:*", "*", to(roleARN))), identityOf(deny("kms:Decrypt", "*"))}, "denied!"},
	{"a key policy alone is enough for a role", []string{policyOf(allow("kms:Decrypt", "*", to(roleARN)))}, "allowed"},
	{"a key with no policy is nobody's", []string{identityOf(everything)}, "denied"},
	{"a statement of a key policy without a resource has no effect", []string{policyOf(`{'Effect':'Allow','Action':'kms:*',` + to(roleARN) + `}`)}, "denied"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
	{"a boundary holds a role that is named", []string{policyOf(allow("kms:*", "*", to(roleARN))), boundaryOf(allow("s3:*", "*"))}, "denied"},
	{"a boundary does not hold a user that is named", []string{who(userARN), policyOf(allow("kms:*", "*", to(userARN))), boundaryOf(allow("s3:*", "*"))}, "allowed"},
	{"a boundary does not hold a session that is named", []string{
		who("arn:aws:sts::111122223333:assumed-role/app/s"), policyOf(allow("kms:*", "*", to("arn:aws:sts::111122223333:assumed-role/app/s"))), boundaryOf(allow("s3:*", "*")),
	}, "allowed"},
	{"a session policy does not hold everyone with a condition", []string{
		policyOf(allow("kms:*", "*", to("*"), when("ArnEquals", "aws:PrincipalArn", `'`+roleARN+`'`))), sessionOf(allow("s3:*", "*")),
	}, "allowed"},
	{"a denial of the boundary holds all", []string{who(userARN), policyOf(allow("kms:*", "*", to(userARN))), boundaryOf(deny("kms:*", "*"))}, "denied!"},
	{"a boundary holds what the account delegates", []string{policyOf(delegated), identityOf(everything), boundaryOf(allow("kms:Encrypt", "*"))}, "denied"},
	{"a session policy holds a role that is named", []string{policyOf(allow("kms:*", "*", to(roleARN))), sessionOf(allow("kms:Encrypt", "*"))}, "denied"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
	{"NotPrincipal spares who is listed whole", []string{
		who(userARN), policyOf(delegated, deny("kms:*", "*", sparing(userARN, "arn:aws:iam::111122223333:root"))), identityOf(everything),
	}, "allowed"},
	{"NotPrincipal without the account", []string{who(userARN), policyOf(delegated, deny("kms:*", "*", sparing(userARN))), identityOf(everything)}, "conditional WHO:NotPrincipal"},
	{"NotPrincipal of the account alone", []string{who(userARN), policyOf(delegated, deny("kms:*", "*", sparing("111122223333"))), identityOf(everything)}, "denied!"},
	{"NotPrincipal that allows, without the account", []string{who(userARN), policyOf(allow("kms:*", "*", sparing(userARN)))}, "conditional WHO:NotPrincipal"},
	{"NotPrincipal without the session", []string{
		who("arn:aws:sts::111122223333:assumed-role/app/s"), policyOf(delegated, deny("kms:*", "*", sparing(roleARN, "111122223333"))), identityOf(everything),
	}, "conditional WHO:NotPrincipal"},
	{"NotPrincipal of another session", []string{
		who("arn:aws:sts::111122223333:assumed-role/app/t"), policyOf(delegated, deny("kms:*", "*", sparing(roleARN, "111122223333", "arn:aws:sts::111122223333:assumed-role/app/s"))), identityOf(everything),
	}, "denied!"},
	{"NotPrincipal of a session that is not named", []string{
		policyOf(delegated, deny("kms:*", "*", sparing(roleARN, "111122223333", "arn:aws:sts::111122223333:assumed-role/app/s"))), identityOf(everything),
	}, "conditional WHO:session_name"},
	{"NotPrincipal never spares who has a boundary", []string{
		who(userARN), policyOf(delegated, deny("kms:*", "*", sparing(userARN, "111122223333"))), identityOf(everything), boundaryOf(everything),
	}, "denied!"},
	{"NotPrincipal that allows lets nearly all in", []string{who("arn:aws:iam::111122223333:user/bob"), policyOf(allow("kms:*", "*", sparing(userARN)))}, "allowed"},

	// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
	{"another account needs both sides", []string{who(foreign), policyOf(allow("kms:*", "*", to("444455556666"))), identityOf(everything)}, "allowed"},
	{"another account, key policy only", []string{who(foreign), policyOf(allow("kms:*", "*", to(foreign)))}, "denied"},
	{"another account, identity only", []string{who(foreign), policyOf(delegated), identityOf(everything)}, "denied"},
	{"another account cannot change the key policy", []string{who(foreign), action("kms:PutKeyPolicy"), policyOf(allow("kms:*", "*", to(foreign))), identityOf(everything)}, "denied"},
	{"another account can create grants", []string{who(foreign), action("kms:CreateGrant"), policyOf(allow("kms:*", "*", to(foreign))), identityOf(everything)}, "allowed"},
	{"another account may read a secret", []string{
		who(foreign), onto(secretARN), action("secretsmanager:GetSecretValue"), policyOf(allow("secretsmanager:*", "*", to(foreign))), identityOf(everything),
	}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
	{"an identity's policy is enough for a secret of its account", []string{onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("secretsmanager:Get*", secretARN))}, "allowed"},
	{"the root user reads the secrets of its account", []string{who("111122223333"), onto(secretARN), action("secretsmanager:GetSecretValue")}, "allowed"},
	{"a denial of the secret's policy", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), policyOf(deny("secretsmanager:*", "*", to("111122223333"))),
	}, "denied!"},

	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
	{"every level of SCPs has to allow", []string{policyOf(delegated), identityOf(everything), scps(full, doc(allow("kms:*", "*")), full)}, "allowed"},
	{"a level of SCPs does not allow", []string{policyOf(delegated), identityOf(everything), scps(full, doc(allow("s3:*", "*")), full)}, "denied"},
	{"a level of SCPs is empty", []string{policyOf(delegated), identityOf(everything), `{'scps':[[` + full + `],[]]}`}, "denied"},
	{"an SCP denies", []string{policyOf(allow("kms:*", "*", to(roleARN))), scps(full + "," + doc(deny("kms:Decrypt", "*")))}, "denied!"},
	{"SCPs do not hold the management account", []string{
		policyOf(delegated), identityOf(everything), scps(full + "," + doc(deny("kms:*", "*"))), `{'management_account':'111122223333'}`,
	}, "allowed"},
	{"SCPs do not hold roles linked to services", []string{
		who("arn:aws:iam::111122223333:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"), policyOf(delegated), identityOf(everything), scps(doc(deny("*", "*"))), rcps(doc(deny("*", "*", `'Principal':'*'`))),
	}, "allowed"},
	{"an RCP denies outsiders", []string{
		who(foreign), `{'principal':{'org':'o-other'}}`, policyOf(allow("kms:*", "*", to("*"))), identityOf(everything),
		rcps(fullRCP + "," + doc(deny("kms:*", "*", `'Principal':'*'`, when("StringNotEqualsIfExists", "aws:PrincipalOrgID", `'o-mine'`)))),
	}, "denied!"},
	{"a level of RCPs does not allow", []string{policyOf(delegated), identityOf(everything), rcps(fullRCP, doc(allow("s3:*", "*", `'Principal':'*'`)))}, "denied"},
	{"an RCP does not hold kms:RetireGrant", []string{action("kms:RetireGrant"), policyOf(delegated), identityOf(everything), rcps(doc(deny("*", "*", `'Principal':'*'`)))}, "allowed"},
	{"an RCP does not hold keys that AWS manages", []string{policyOf(delegated), identityOf(everything), `{'resource':{'aliases':'alias/aws/s3'}}`, rcps(doc(deny("*", "*", `'Principal':'*'`)))}, "allowed"},
	{"an RCP does not hold services that have none", []string{
		action("iam:GetRole"), onto(roleARN), identityOf(everything), rcps(doc(deny("*", "*", `'Principal':'*'`))),
	}, "allowed"},

	// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
	{"ViaService on a direct call", []string{policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:ViaService", `'s3.eu-west-1.amazonaws.com'`)))}, "denied"},
	{"ViaService through the service", []string{
		policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:ViaService", `'s3.eu-west-1.amazonaws.com'`))), having("kms:viaservice", `'s3.eu-west-1.amazonaws.com'`),
	}, "allowed"},
	{"ViaService not known", []string{
		policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:ViaService", `'s3.eu-west-1.amazonaws.com'`))), unknownKeys("kms:ViaService"),
	}, "conditional HOW:kms:ViaService"},
	{"the encryption context", []string{
		policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:EncryptionContext:App", `'pay'`))), having("kms:EncryptionContext:App", `'pay'`),
	}, "allowed"},
	{"the encryption context tells letter case apart", []string{
		policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:EncryptionContext:App", `'pay'`))), having("kms:EncryptionContext:App", `'Pay'`),
	}, "denied"},
	{"names in the encryption context", []string{
		policyOf(allow("kms:*", "*", to(roleARN), when("ForAllValues:StringEquals", "kms:EncryptionContextKeys", `['App','Stage']`))), having("kms:EncryptionContext:Other", `'x'`),
	}, "denied"},
	{"a key that the action cannot have is absent, even if unknown", []string{
		action("kms:DescribeKey"), policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:EncryptionContext:App", `'pay'`))), unknownKeys("kms:EncryptionContext:App"),
	}, "denied"},
	{"CallerAccount is derived", []string{policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "kms:CallerAccount", `'111122223333'`)))}, "allowed"},
	{"aliases", []string{
		policyOf(delegated), identityOf(allow("kms:*", "*", when("ForAnyValue:StringLike", "kms:ResourceAliases", `'alias/app-*'`))), `{'resource':{'aliases':['alias/x','alias/app-1']}}`,
	}, "allowed"},
	{"an alias as resource matches no key", []string{policyOf(delegated), identityOf(allow("kms:*", "arn:aws:kms:*:*:alias/*")), `{'resource':{'aliases':['alias/app']}}`}, "denied"},
	{"an alias is no key", []string{onto("arn:aws:kms:eu-west-1:111122223333:alias/app"), identityOf(everything)}, `error resource "arn:aws:kms:eu-west-1:111122223333:alias/app" is an alias, but kms:Decrypt is on a key; ask for the key, with its alias in "aliases"`},
	{"CreateAlias on the alias", []string{action("kms:CreateAlias"), onto("arn:aws:kms:eu-west-1:111122223333:alias/app"), identityOf(everything)}, "allowed"},
	{"a key without an ARN and without a policy is nobody's", []string{onto(""), identityOf(everything)}, "denied"},
	{"a key without an ARN has its policy", []string{onto(""), identityOf(everything), policyOf(delegated)}, "allowed"},
	{"a denial in the policy of a secret without an ARN", []string{onto(""), action("secretsmanager:GetSecretValue"), identityOf(everything), policyOf(deny("*", "*", to("*")))}, "denied!"},
	{"a role without an ARN trusts nobody", []string{onto(""), action("sts:AssumeRole"), identityOf(everything)}, "denied"},
	{"an action on no resource has no policy of one", []string{action("kms:CreateKey"), identityOf(everything), policyOf(deny("*", "*", to("*")))}, "allowed"},
	{"an action on no resource needs a star", []string{action("kms:CreateKey"), identityOf(allow("kms:*", "arn:aws:kms:*:*:key/*"))}, "denied"},
	{"an action on no resource", []string{action("kms:CreateKey"), identityOf(allow("kms:*", "*"))}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
	{"PrincipalOrgID of the own organization", []string{policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:PrincipalOrgID", `'o-1'`))), `{'principal':{'org':'o-1'}}`}, "allowed"},
	{"PrincipalOrgID of another", []string{policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:PrincipalOrgID", `'o-1'`))), `{'principal':{'org':'o-2'}}`}, "denied"},
	{"PrincipalOrgID without an organization", []string{policyOf(allow("kms:*", "*", to("*"), when("StringNotEquals", "aws:PrincipalOrgID", `'o-1'`)))}, "allowed"},
	{"PrincipalOrgPaths", []string{
		policyOf(allow("kms:*", "*", to("*"), when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", `'o-1/r-1/ou-1/*'`))), `{'principal':{'org':'o-1','path':['r-1','ou-1','ou-2']}}`,
	}, "allowed"},
	{"the context wins over what is derived", []string{policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:PrincipalOrgID", `'o-1'`))), `{'principal':{'org':'o-1'}}`, having("aws:PrincipalOrgID", `'o-2'`)}, "denied"},
	{"MFA of a long-lived key is absent", []string{policyOf(delegated), identityOf(everything, deny("kms:*", "*", when("Bool", "aws:MultiFactorAuthPresent", `'false'`)))}, "allowed"},
	{"MFA with IfExists", []string{policyOf(delegated), identityOf(everything, deny("kms:*", "*", when("BoolIfExists", "aws:MultiFactorAuthPresent", `'false'`)))}, "denied!"},
	{"MFA not known", []string{policyOf(delegated), identityOf(everything, deny("kms:*", "*", when("BoolIfExists", "aws:MultiFactorAuthPresent", `'false'`))), unknownKeys("aws:MultiFactorAuthPresent")}, "conditional WHEN:aws:MultiFactorAuthPresent"},
	{"MFA used", []string{policyOf(delegated), identityOf(allow("kms:*", "*", when("Bool", "aws:MultiFactorAuthPresent", `true`))), having("aws:MultiFactorAuthPresent", `true`)}, "allowed"},
	{"TLS only", []string{policyOf(delegated, deny("kms:*", "*", to("*"), when("Bool", "aws:SecureTransport", `'false'`))), identityOf(everything)}, "allowed"},
	{"the Region is that of the key", []string{policyOf(delegated), identityOf(everything, deny("*", "*", when("StringNotEquals", "aws:RequestedRegion", `['eu-west-1']`)))}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
	{"tags have to be equal", []string{
		policyOf(delegated), identityOf(allow("kms:*", "*", when("StringEquals", "aws:ResourceTag/team", `'${aws:PrincipalTag/Team}'`))), `{'principal':{'tags':{'team':'pay'}},'resource':{'tags':{'Team':'pay'}}}`,
	}, "allowed"},
	{"a variable without a value equals nothing", []string{
		policyOf(delegated), identityOf(everything, deny("kms:*", "*", when("StringNotEquals", "aws:ResourceTag/team", `'${aws:PrincipalTag/team}'`))), `{'resource':{'tags':{'team':'pay'}}}`,
	}, "denied!"},
	{"a variable with a default", []string{
		policyOf(delegated), identityOf(allow("kms:*", "*", when("StringEquals", "aws:ResourceTag/team", `'${aws:PrincipalTag/team, \u0027all\u0027}'`))), `{'resource':{'tags':{'team':'all'}}}`,
	}, "allowed"},
	{"a variable in a resource", []string{onto("arn:aws:secretsmanager:eu-west-1:111122223333:secret:alice/db-a1b2c3"), who(userARN), action("secretsmanager:GetSecretValue"), identityOf(allow("*", "arn:aws:secretsmanager:*:*:secret:${aws:username}/*"))}, "allowed"},
	{"an escape is the character itself", []string{policyOf(delegated), identityOf(allow("kms:*", "*", when("StringLike", "aws:ResourceTag/team", `'${*}'`))), `{'resource':{'tags':{'team':'pay'}}}`}, "denied"},
	{"no wildcard comes in by a variable", []string{
		policyOf(delegated), identityOf(allow("kms:*", "*", when("StringLike", "aws:ResourceTag/team", `'${aws:PrincipalTag/team}'`))), `{'principal':{'tags':{'team':'*'}},'resource':{'tags':{'team':'pay'}}}`,
	}, "denied"},
	{"old versions have no variables", []string{
		policyOf(delegated), `{'principal':{'tags':{'team':'pay'},'identity':{'Version':'2008-10-17','Statement':` + allow("kms:*", "*", when("StringEquals", "aws:ResourceTag/team", `'${aws:PrincipalTag/team}'`)) + `}},'resource':{'tags':{'team':'pay'}}}`,
	}, "denied"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
	{"actions in any letter case", []string{policyOf(delegated), identityOf(allow("KMS:dec*", "*"))}, "allowed"},
	{"resources in their letter case", []string{policyOf(delegated), identityOf(allow("kms:*", strings.Replace(keyARN, "key", "Key", 1)))}, "denied"},
	{"wildcards stay in their part", []string{policyOf(delegated), identityOf(allow("kms:*", "arn:aws:kms:*:key/*"))}, "denied"},
	{"a star at the end runs on", []string{policyOf(delegated), identityOf(allow("kms:*", "arn:aws:kms:*"))}, "allowed"},
	{"what is missing at the end is a star to identities", []string{policyOf(delegated), identityOf(allow("kms:*", "arn:aws:kms"))}, "allowed"},
	{"a secret without its suffix", []string{onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("*", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db"))}, "denied"},
	{"a secret by a start of its name", []string{onto("arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db2-a1b2c3"), action("secretsmanager:GetSecretValue"), identityOf(allow("*", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db*"))}, "allowed"},
	{"NotAction of another service allows keys", []string{policyOf(delegated), identityOf(`{'Effect':'Allow','NotAction':'iam:*','Resource':'*'}`)}, "allowed"},
	{"NotResource is all but that", []string{policyOf(delegated), identityOf(`{'Effect':'Allow','Action':'*','NotResource':'` + keyARN + `'}`)}, "denied"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
	{"a unique ID is a principal that was deleted", []string{policyOf(allow("kms:*", "*", to("AROAEXAMPLEEXAMPLE12")))}, "denied"},
	{"a condition names the role that is there again", []string{policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `'arn:aws:iam::*:role/app'`)))}, "allowed"},
	{"a session of a role with a path", []string{who("arn:aws:sts::111122223333:assumed-role/app/s"), policyOf(allow("kms:*", "*", to("arn:aws:iam::111122223333:role/team/app")))}, "allowed"},
	{"a role of the same name elsewhere", []string{policyOf(allow("kms:*", "*", to("arn:aws:iam::111122223333:role/team/app")))}, "denied"},
	{"a session that is not named", []string{policyOf(allow("kms:*", "*", to("arn:aws:sts::111122223333:assumed-role/app/s")))}, "conditional WHO:session_name"},
	{"another session", []string{`{'principal':{'session_name':'t'}}`, policyOf(allow("kms:*", "*", to("arn:aws:sts::111122223333:assumed-role/app/s")))}, "denied"},
	{"a service", []string{who("logs.eu-west-1.amazonaws.com"), policyOf(allow("kms:*", "*", `'Principal':{'Service':'logs.eu-west-1.amazonaws.com'}`))}, "allowed"},
	{"a session of GetFederationToken", []string{who("arn:aws:sts::111122223333:federated-user/bob"), policyOf(allow("kms:*", "*", to("arn:aws:sts::111122223333:federated-user/bob")))}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
	{"ForAllValues of nothing", []string{policyOf(allow("kms:*", "*", to("*"), when("ForAllValues:StringEquals", "aws:TagKeys", `'a'`)))}, "allowed"},
	{"ForAllValues of an empty value", []string{policyOf(allow("kms:*", "*", to("*"), when("ForAllValues:StringEquals", "aws:TagKeys", `'a'`))), having("aws:TagKeys", `['']`)}, "allowed"},
	{"ForAnyValue of nothing", []string{policyOf(allow("kms:*", "*", to("*"), when("ForAnyValue:StringNotEquals", "aws:TagKeys", `'a'`)))}, "denied"},
	{"several values without a set operator", []string{policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:TagKeys", `'a'`))), having("aws:TagKeys", `['a','b']`)}, "conditional HOW:aws:TagKeys"},

	// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
	{"a grant", []string{policyOf(), grant(roleARN, `'operations':['Decrypt']`)}, "allowed"},
	{"a grant of another operation", []string{policyOf(), grant(roleARN, `'operations':['Encrypt']`)}, "denied"},
	{"a grant cannot give administration", []string{action("kms:PutKeyPolicy"), policyOf(), grant(roleARN, `'operations':['Decrypt']`)}, "denied"},
	{"a grant needs no policy of another account's identity", []string{who(foreign), policyOf(), grant(foreign, `'operations':['Decrypt']`)}, "allowed"},
	{"a denial beats a grant", []string{policyOf(deny("kms:*", "*", to("*"))), grant(roleARN, `'operations':['Decrypt']`)}, "denied!"},
	{"an SCP holds a grant", []string{policyOf(), grant(roleARN, `'operations':['Decrypt']`), scps(doc(allow("s3:*", "*")))}, "denied"},
	{"the encryption context of a grant, a subset", []string{grant(roleARN, `'operations':['Decrypt'],'constraints':{'EncryptionContextSubset':{'App':'pay'}}`), `{'context':{'kms:EncryptionContext:App':'pay','kms:EncryptionContext:More':'x'}}`}, "allowed"},
	{"the encryption context of a grant, exactly", []string{grant(roleARN, `'operations':['Decrypt'],'constraints':{'EncryptionContextEquals':{'App':'pay'}}`), `{'context':{'kms:EncryptionContext:App':'pay','kms:EncryptionContext:More':'x'}}`}, "denied"},
	{"the encryption context of a grant, not known", []string{grant(roleARN, `'operations':['Decrypt'],'constraints':{'EncryptionContextEquals':{'App':'pay'}}`), unknownKeys("kms:EncryptionContext:App")}, "conditional HOW:kms:EncryptionContext:App"},
	{"constraints do not hold DescribeKey", []string{action("kms:DescribeKey"), grant(roleARN, `'operations':['DescribeKey'],'constraints':{'EncryptionContextEquals':{'App':'pay'}}`)}, "allowed"},
	{"a grant to an account leaves it to identities", []string{grant("arn:aws:iam::111122223333:root", `'operations':['Decrypt']`)}, "denied"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
	{"a role trusts its account, the caller may", []string{who(userARN), onto(roleARN), action("sts:AssumeRole"), identityOf(everything), policyOf(`{'Effect':'Allow','Action':'sts:AssumeRole',` + to("111122223333") + `}`)}, "allowed"},
	{"a role trusts a user by name", []string{who(userARN), onto(roleARN), action("sts:AssumeRole"), policyOf(`{'Effect':'Allow','Action':'sts:AssumeRole',` + to(userARN) + `}`)}, "allowed"},
	{"a role does not trust its account", []string{who(userARN), onto(roleARN), action("sts:AssumeRole"), identityOf(everything), policyOf()}, "denied"},
	{"a workload of a cluster", []string{
		who("arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"), onto(roleARN), action("sts:AssumeRoleWithWebIdentity"), having("oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub", `'system:serviceaccount:ns:sa'`),
		policyOf(`{'Effect':'Allow','Action':'sts:AssumeRoleWithWebIdentity','Principal':{'Federated':'arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC'},` + when("StringEquals", "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub", `'system:serviceaccount:ns:sa'`) + `}`),
	}, "allowed"},
	{"any job of a forge, not known which", []string{
		who("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"), onto(roleARN), action("sts:AssumeRoleWithWebIdentity"), unknownKeys("token.actions.githubusercontent.com:sub"),
		policyOf(`{'Effect':'Allow','Action':'sts:AssumeRoleWithWebIdentity','Principal':{'Federated':'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'},` + when("StringLike", "token.actions.githubusercontent.com:sub", `'repo:org/*'`) + `}`),
	}, "conditional WHO:token.actions.githubusercontent.com:sub"},

	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
	{"a secret whose key may not be used", []string{onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("secretsmanager:*", "*")), keyOf(delegated)}, "denied"},
	{"a secret whose key may be used through Secrets Manager", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("secretsmanager:*", "*"), allow("kms:Decrypt", "*", `'Condition':{'StringEquals':{
		'kms:ViaService':'secretsmanager.eu-west-1.amazonaws.com','kms:EncryptionContext:SecretARN':'`+secretARN+`'}}`)), keyOf(delegated),
	}, "allowed"},
	{"a secret with a key for one of its versions", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), keyOf(delegated, deny("kms:*", "*", to("*"), when("StringNotEquals", "kms:EncryptionContext:SecretVersionId", `'v'`))),
	}, "conditional HOW:kms:EncryptionContext:SecretVersionId"},
	{"a secret whose key denies", []string{onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), keyOf(deny("kms:*", "*", to("*")))}, "denied!"},
	{"a secret with the key that AWS manages", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("secretsmanager:*", "*")), `{'resource':{'key':{'arn':'` + keyARN + `','aliases':'alias/aws/secretsmanager'}}}`,
	}, "allowed"},
	{"a secret of another account with the key that AWS manages", []string{
		who(foreign), onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), policyOf(allow("secretsmanager:*", "*", to(foreign))), `{'resource':{'key':{'arn':'` + keyARN + `','aliases':'alias/aws/secretsmanager'}}}`,
	}, "denied"},
	{"writing a secret needs a data key", []string{onto(secretARN), action("secretsmanager:PutSecretValue"), identityOf(allow("secretsmanager:*", "*"), allow("kms:Decrypt", "*")), keyOf(delegated)}, "denied"},

	// Documents that are wrong, or could not be read.
	{"a document without statements", []string{`{'principal':{'identity':[{'Version':'2012-10-17'}]}}`}, `error identity policy: read policy document: element "Statement" is missing`},
	{"an operator that is none", []string{identityOf(everything, allow("*", "*", when("StringIs", "aws:x", `'a'`)))}, `error identity policy: read policy document: element "Statement": statement 2: element "Condition": condition operator "StringIs": AWS does not know it`},
	{"a document in a string that is no JSON", []string{`{'principal':{'boundary':'{x'}}`}, `error boundary: read policy document: invalid character 'x' looking for beginning of object key string, at byte 2`},
	{"a principal in an identity's policy", []string{identityOf(allow("*", "*", to("*")))}, `error identity policy: statement 1: the elements "Principal" and "NotPrincipal" are for policies of resources`},
	{"a key policy without a principal", []string{policyOf(everything)}, `error key policy: statement 1: it needs one of the elements "Principal" and "NotPrincipal"`},
	{"a policy that could not be read", []string{policyOf(delegated), `{'principal':{'identity':'\ufdd0'}}`}, "conditional HOW:identity policy"},
	{"an SCP that could not be read", []string{policyOf(delegated), identityOf(everything), `{'scps':[['\ufdd0']]}`}, "conditional HOW:SCP level 0"},
	{"no action", []string{`{'action':''}`}, `error "action" is missing; give one, such as "kms:Decrypt"`},
}

func TestDecide(t *testing.T) {
	e := New()
	for _, c := range slices.Concat(refused, cases, particulars) {
		if got := short(e.Decide(ask(t, c.parts...))); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestCasesAreToldApart(t *testing.T) {
	var names []string
	for _, c := range slices.Concat(refused, cases, particulars) {
		names = append(names, c.name)
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != len(names) {
		t.Errorf("%d names for %d cases", n, len(names))
	}
}
