package aws

// particulars are more cases of TestDecide, on what is particular to some callers, actions and condition keys.
var particulars = []struct {
	name  string
	parts []string
	want  string
}{
	// https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
	{"a grant passes on its own operations", []string{
		action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant','Decrypt']`), having("kms:GrantOperations", `['Decrypt']`),
	}, "allowed"},
	{"a grant does not pass on more operations", []string{
		action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant','Decrypt']`), having("kms:GrantOperations", `['Decrypt','Encrypt']`),
	}, "denied"},
	{"operations to pass on that are not known", []string{
		action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant','Decrypt']`), unknownKeys("kms:GrantOperations"),
	}, "conditional HOW:kms:GrantOperations"},
	{"operations to pass on cannot be absent", []string{action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant','Decrypt']`)}, "conditional HOW:kms:GrantOperations"},
	{"a constraint has to be passed on", []string{
		action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant'],'constraints':{'EncryptionContextSubset':{'App':'pay'}}`), having("kms:GrantOperations", `'CreateGrant'`),
	}, "denied"},
	{"a constraint that is passed on, with pairs not known", []string{
		action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant'],'constraints':{'EncryptionContextSubset':{'App':'pay'}}`),
		`{'context':{'kms:GrantOperations':'CreateGrant','kms:GrantConstraintType':'EncryptionContextEquals'}}`,
	}, "conditional HOW:kms:GrantConstraintType"},
	{"an exact constraint is not passed on as a subset", []string{
		action("kms:CreateGrant"), grant(roleARN, `'operations':['CreateGrant'],'constraints':{'EncryptionContextEquals':{'App':'pay'}}`),
		`{'context':{'kms:GrantOperations':'CreateGrant','kms:GrantConstraintType':'EncryptionContextSubset'}}`,
	}, "denied"},
	{"a policy passes on without such limits", []string{
		action("kms:CreateGrant"), policyOf(allow("kms:CreateGrant", "*", to(roleARN))), grant(roleARN, `'operations':['CreateGrant']`), having("kms:GrantOperations", `'Decrypt'`),
	}, "allowed"},

	// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations
	{"an operation of a grant as an action", []string{grant(roleARN, `'operations':['kms:Decrypt']`)}, "allowed"},
	{"an operation that no grant gives", []string{grant(roleARN, `'operations':['Decrypt','PutKeyPolicy']`)}, `error grant 0: operation "PutKeyPolicy": no grant gives it; the operations are CreateGrant, Decapsulate, Decrypt, DeriveSharedSecret, DescribeKey, Encapsulate, Encrypt, GenerateDataKey, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateDataKeyWithoutPlaintext, GenerateMac, GetPublicKey, ReEncryptFrom, ReEncryptTo, RetireGrant, Sign, Verify, VerifyMac`},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-service-available
	{"a function's ARN comes with credentials", []string{
		policyOf(allow("kms:*", "*", to(roleARN), when("ArnEquals", "lambda:SourceFunctionArn", `'arn:aws:lambda:eu-west-1:111122223333:function:f'`))), unknownKeys("lambda:*"),
	}, "conditional HOW:lambda:SourceFunctionArn"},
	{"an instance's ARN comes with credentials", []string{
		policyOf(delegated, deny("kms:*", "*", to("*"), when("ArnNotEquals", "ec2:SourceInstanceArn", `'arn:aws:ec2:eu-west-1:111122223333:instance/i-1'`))), identityOf(everything), unknownKeys("ec2:SourceInstanceArn"),
	}, "conditional HOW:ec2:SourceInstanceArn"},
	{"credentials of a job", []string{
		action("glue:CreateJob"), onto("arn:aws:glue:eu-west-1:111122223333:job/j"), identityOf(allow("glue:*", "*", when("StringEquals", "glue:CredentialIssuingService", `'glue.amazonaws.com'`))), unknownKeys("glue:CredentialIssuingService"),
	}, "conditional HOW:glue:CredentialIssuingService"},

	// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
	{"the root user assumes no role", []string{
		who("arn:aws:iam::111122223333:root"), onto(roleARN), action("sts:AssumeRole"), policyOf(`{'Effect':'Allow','Action':'sts:AssumeRole',` + to("111122223333") + `}`),
	}, "denied"},
	{"who comes from an identity provider does not call AssumeRole", []string{
		who("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"), onto(roleARN), action("sts:AssumeRole"),
		policyOf(`{'Effect':'Allow','Action':'sts:*','Principal':{'Federated':'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'}}`),
	}, "denied"},
	{"who comes by SAML calls AssumeRoleWithSAML", []string{
		who("arn:aws:iam::111122223333:saml-provider/idp"), onto(roleARN), action("sts:AssumeRoleWithSAML"),
		policyOf(`{'Effect':'Allow','Action':'sts:AssumeRoleWithSAML','Principal':{'Federated':'arn:aws:iam::111122223333:saml-provider/idp'}}`),
	}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
	{"a session of GetFederationToken without a policy has none of the user's permissions", []string{who("arn:aws:sts::111122223333:federated-user/bob"), policyOf(delegated), identityOf(everything)}, "denied"},
	{"nor what is for everybody", []string{who("arn:aws:sts::111122223333:federated-user/bob"), policyOf(allow("kms:*", "*", to("*"))), identityOf(everything)}, "denied"},
	{"a session of GetFederationToken with a policy", []string{who("arn:aws:sts::111122223333:federated-user/bob"), policyOf(delegated), identityOf(everything), sessionOf(allow("kms:Decrypt", "*"))}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
	// https://docs.aws.amazon.com/kms/latest/developerguide/vpce-policy-condition.html
	{"the caller's address is not that of Secrets Manager, which a key denies", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:SourceIp", `'10.0.0.1'`),
		keyOf(delegated, deny("kms:*", "*", to("*"), when("NotIpAddress", "aws:SourceIp", `'10.0.0.0/8'`))),
	}, "conditional WHERE:aws:SourceIp"},
	{"the caller's address is not that of Secrets Manager, which a key allows", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:SourceIp", `'10.0.0.1'`),
		keyOf(allow("kms:*", "*", to(roleARN), when("IpAddress", "aws:SourceIp", `'10.0.0.0/8'`))),
	}, "conditional WHERE:aws:SourceIp"},
	{"the caller's endpoint is not that of Secrets Manager", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:SourceVpce", `'vpce-1'`),
		keyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "aws:sourceVpce", `'vpce-1'`))),
	}, "conditional WHERE:aws:sourceVpce"},
	{"a key denies what comes from elsewhere and from no service", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:SourceIp", `'10.0.0.1'`),
		keyOf(delegated, deny("kms:*", "*", to("*"), `'Condition':{'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'},'Bool':{'aws:ViaAWSService':'false'}}`)),
	}, "allowed"},
	{"a service calls the key, whatever the first call came by", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:ViaAWSService", `'false'`),
		keyOf(allow("kms:*", "*", to(roleARN), when("Bool", "aws:ViaAWSService", `'true'`))),
	}, "allowed"},
	{"which services call the key is not known", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything),
		keyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "aws:CalledViaLast", `'secretsmanager.amazonaws.com'`))),
	}, "conditional HOW:aws:CalledViaLast"},
	{"a tag in the context is the secret's", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:ResourceTag/team", `'pay'`),
		keyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "aws:ResourceTag/team", `'pay'`))),
	}, "denied"},
	{"the session is the same in both calls", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), having("aws:MultiFactorAuthPresent", `'true'`),
		keyOf(allow("kms:*", "*", to(roleARN), when("Bool", "aws:MultiFactorAuthPresent", `'true'`))),
	}, "allowed"},

	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-policies
	{"the key that AWS manages, known by its alias alone", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("secretsmanager:*", "*")), `{'resource':{'key':{'aliases':'alias/aws/secretsmanager'}}}`,
	}, "allowed"},
	{"the key that AWS manages, known by its alias alone, to another account", []string{
		who(foreign), onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything), policyOf(allow("*", "*", to(foreign))), `{'resource':{'key':{'aliases':'alias/aws/secretsmanager'}}}`,
	}, "denied"},
	{"an identity is denied the key that AWS manages", []string{
		onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(everything, deny("kms:*", "arn:aws:kms:*:*:key/*")), `{'resource':{'key':{'aliases':'alias/aws/secretsmanager'}}}`,
	}, "denied!"},
	{"the key that AWS manages, called by itself", []string{identityOf(everything), `{'resource':{'aliases':'alias/aws/secretsmanager'}}`}, "denied"},
	{"the key that AWS manages, called through Secrets Manager", []string{
		`{'resource':{'aliases':'alias/aws/secretsmanager'}}`, having("kms:ViaService", `'secretsmanager.eu-west-1.amazonaws.com'`),
	}, "allowed"},
	{"metadata of the key that AWS manages", []string{action("kms:DescribeKey"), identityOf(everything), `{'resource':{'aliases':'alias/aws/secretsmanager'}}`}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
	{"the path of a session's role is not known, and is asked for", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `'arn:aws:iam::*:role/team/*'`))),
	}, "conditional WHO:aws:PrincipalArn"},
	{"the path of a session's role, none asked for", []string{
		sessionFor("app"), policyOf(delegated, deny("kms:*", "*", to("*"), when("ArnNotEquals", "aws:PrincipalArn", `'`+roleARN+`'`))), identityOf(everything),
	}, "conditional WHO:aws:PrincipalArn"},
	{"any path of a session's role will do", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("StringLike", "aws:PrincipalArn", `'arn:aws:iam::111122223333:role/*app'`))),
	}, "allowed"},
	{"a path of a session's role, in either of two forms", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `['`+roleARN+`','arn:aws:iam::111122223333:role/*/app']`))),
	}, "allowed"},
	{"no path of a session's role will do", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `['arn:aws:iam::111122223333:role/myapp','arn:aws:iam::111122223333:role/*other']`))),
	}, "denied"},
	{"the path of a session's role, letter case aside", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("StringEqualsIgnoreCase", "aws:PrincipalArn", `'arn:aws:iam::111122223333:role/Team/App'`))),
	}, "conditional WHO:aws:PrincipalArn"},
	{"the path of a session's role is there", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("Null", "aws:PrincipalArn", `'false'`))),
	}, "allowed"},
	{"the path of a session's role as a variable", []string{
		sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:ResourceTag/owner", `'${aws:PrincipalArn}'`))), `{'resource':{'tags':{'owner':'` + roleARN + `'}}}`,
	}, "conditional WHO:aws:principalarn"},
	{"the path of a session's role, told by the request", []string{
		sessionFor("app"), having("aws:PrincipalArn", `'arn:aws:iam::111122223333:role/team/app'`), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `'arn:aws:iam::*:role/team/*'`))),
	}, "allowed"},
	// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
	{"the role of a permission set has a path of its own", []string{
		sessionFor("AWSReservedSSO_Admin_0123456789abcdef"), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*'`))),
	}, "allowed"},
	{"the role of a permission set in a Region that is not known", []string{
		sessionFor("AWSReservedSSO_Admin_0123456789abcdef"), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_*'`))),
	}, "conditional WHO:aws:PrincipalArn"},
	{"the role of a permission set is in no other path", []string{
		sessionFor("AWSReservedSSO_Admin_0123456789abcdef"), policyOf(allow("kms:*", "*", to("*"), when("ArnLike", "aws:PrincipalArn", `'arn:aws:iam::111122223333:role/team/*'`))),
	}, "denied"},
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
	{"a session that may be of a role linked to a service, denied by an SCP", []string{
		sessionFor("AWSServiceRoleForBackup"), policyOf(delegated), identityOf(everything), scps(full + "," + doc(deny("*", "*"))),
	}, "conditional WHO:aws:PrincipalArn"},
	{"a session that may be of a role linked to a service, allowed by no SCP", []string{sessionFor("AWSServiceRoleForBackup"), policyOf(delegated), identityOf(everything), scps(doc(allow("s3:*", "*")))}, "conditional WHO:aws:PrincipalArn"},
	{"a session that may be of a role linked to a service, allowed by SCPs", []string{sessionFor("AWSServiceRoleForBackup"), policyOf(delegated), identityOf(everything), scps(full)}, "allowed"},
	{"a session of a role linked to a service", []string{
		sessionFor("AWSServiceRoleForBackup"), having("aws:PrincipalArn", `'arn:aws:iam::111122223333:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup'`), policyOf(delegated), identityOf(everything), scps(doc(deny("*", "*"))),
	}, "allowed"},

	// https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
	{"a statement of a key policy without an action has no effect", []string{
		policyOf(`{'Effect':'Deny','Principal':'*','Resource':'*'}`, allow("kms:*", "*", to(roleARN))),
	}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-userid
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
	{"the ID of a session ends with its name", []string{`{'principal':{'session_name':'s'}}`, policyOf(allow("kms:*", "*", to("*"), when("StringLike", "aws:userid", `'*:s'`)))}, "allowed"},
	{"the ID of a session has another name", []string{sessionFor("app"), policyOf(allow("kms:*", "*", to("*"), when("StringLike", "aws:userid", `'*:t'`)))}, "denied"},
	{"the ID of a role is not known", []string{
		sessionFor("app"), policyOf(delegated, deny("kms:*", "*", to("*"), when("StringNotLike", "aws:userId", `'AROAEXAMPLEEXAMPLE12:*'`))), identityOf(everything),
	}, "conditional WHO:aws:userId"},
	{"the ID of a session without a name is not known", []string{policyOf(allow("kms:*", "*", to("*"), when("StringLike", "aws:userid", `'*:s'`)))}, "conditional WHO:aws:userid"},
	{"the ID of a user is not known", []string{who(userARN), policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:userid", `'AIDAEXAMPLEEXAMPLE12'`)))}, "conditional WHO:aws:userid"},
	{"the ID of a user is that of no role", []string{who(userARN), policyOf(allow("kms:*", "*", to("*"), when("StringLike", "aws:userid", `'AROAEXAMPLEEXAMPLE12:*'`)))}, "denied"},
	{"the ID of a session of GetFederationToken", []string{
		who("arn:aws:sts::111122223333:federated-user/bob"), sessionOf(everything), policyOf(allow("kms:*", "*", to("*"), when("StringEquals", "aws:userid", `'111122223333:bob'`))),
	}, "allowed"},

	// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-multiregion
	{"a multi-Region key", []string{onto("arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"), policyOf(allow("kms:*", "*", to(roleARN), when("Bool", "kms:MultiRegion", `'true'`)))}, "allowed"},
	{"a key of one Region", []string{policyOf(allow("kms:*", "*", to(roleARN), when("Bool", "kms:MultiRegion", `'true'`)))}, "denied"},
	{"a multi-Region key may be a replica", []string{
		onto("arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"), policyOf(allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:MultiRegionKeyType", `'PRIMARY'`))),
	}, "conditional WHAT:kms:MultiRegionKeyType"},

	// A list of one may be its item; a list of control policies has the documents of one level each.
	{"one SCP for a list", []string{policyOf(delegated), identityOf(everything), `{'scps':` + doc(allow("s3:*", "*")) + `}`}, "denied"},
	{"a list of SCPs is a list of levels", []string{policyOf(delegated), identityOf(everything), `{'scps':[` + full + `,` + doc(allow("s3:*", "*")) + `]}`}, "denied"},
	{"one RCP for a list, in a string", []string{policyOf(delegated), identityOf(everything), `{'rcps':'\ufdd0'}`}, "conditional HOW:RCP level 0"},
	{"one grant for a list", []string{`{'resource':{'grants':{'grantee':'` + roleARN + `','operations':'Decrypt'}}}`}, "allowed"},
	{"one place for a path", []string{
		`{'principal':{'org':'o-1','path':'r-1'}}`, policyOf(allow("kms:*", "*", to("*"), when("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", `'o-1/r-1/'`))),
	}, "allowed"},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
	{"an account of the same number in another partition", []string{
		who("arn:aws-cn:iam::111122223333:role/app"), onto("arn:aws-cn:kms:cn-north-1:111122223333:key/k"), policyOf(allow("kms:*", "*", to("arn:aws:iam::111122223333:root"))), identityOf(everything),
	}, "denied"},
	{"an account by its number in any partition", []string{
		who("arn:aws-cn:iam::111122223333:role/app"), onto("arn:aws-cn:kms:cn-north-1:111122223333:key/k"), policyOf(allow("kms:*", "*", to("111122223333"))), identityOf(everything),
	}, "allowed"},
	{"a session of a role in another partition", []string{
		who("arn:aws-cn:sts::111122223333:assumed-role/app/s"), onto("arn:aws-cn:kms:cn-north-1:111122223333:key/k"), policyOf(allow("kms:*", "*", to(roleARN))),
	}, "denied"},
}

func sessionFor(role string) string {
	return who("arn:aws:sts::111122223333:assumed-role/" + role + "/s")
}

// refused are documents that AWS does not store, and where they are wrong.
var refused = []struct {
	name  string
	parts []string
	want  string
}{
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
	{"a network that is none", []string{policyOf(delegated, deny("kms:*", "*", to("*"), when("NotIpAddress", "aws:SourceIp", `'10.0.0.0/33'`))), identityOf(everything)}, `error key policy: read policy document: element "Statement": statement 2: element "Condition": condition operator "NotIpAddress": key "aws:SourceIp": "10.0.0.0/33" is no address or network, and AWS does not store it`},
	{"a date that is none", []string{identityOf(everything, deny("*", "*", when("DateGreaterThan", "aws:CurrentTime", `'tomorrow'`)))}, `error identity policy: read policy document: element "Statement": statement 2: element "Condition": condition operator "DateGreaterThan": key "aws:CurrentTime": "tomorrow" is no date, and AWS does not store it`},
	{"a number that is none", []string{identityOf(everything, deny("*", "*", when("NumericGreaterThan", "aws:MultiFactorAuthAge", `'abc'`)))}, `error identity policy: read policy document: element "Statement": statement 2: element "Condition": condition operator "NumericGreaterThan": key "aws:MultiFactorAuthAge": "abc" is no number, and AWS does not store it`},
	{"a variable where only a number can be", []string{identityOf(everything, deny("*", "*", when("NumericGreaterThan", "aws:MultiFactorAuthAge", `'${aws:PrincipalTag/age}'`)))}, `error identity policy: read policy document: element "Statement": statement 2: element "Condition": condition operator "NumericGreaterThan": key "aws:MultiFactorAuthAge": "${aws:PrincipalTag/age}" is no number, and AWS does not store it`},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
	{"a principal with a wildcard", []string{policyOf(delegated, deny("kms:*", "*", to("arn:aws:iam::111122223333:role/*")))}, `error key policy: read policy document: element "Statement": statement 2: element "Principal": "arn:aws:iam::111122223333:role/*" is no account, user, role or session, and AWS does not store it`},
	{"a principal by its name", []string{policyOf(delegated, deny("kms:*", "*", sparing("app")))}, `error key policy: read policy document: element "Statement": statement 2: element "NotPrincipal": "app" is no account, user, role or session, and AWS does not store it`},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
	{"an identity's statement without an action", []string{identityOf(`{'Effect':'Deny','Resource':'*'}`)}, `error identity policy: statement 1: it needs one of the elements "Action" and "NotAction"`},
	{"an action without a service", []string{identityOf(deny("Decrypt", "*"))}, `error identity policy: read policy document: element "Statement": statement 1: element "Action": "Decrypt" names no service, such as "kms:Decrypt" does, and AWS does not store it`},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
	{"a resource that is no ARN", []string{policyOf(delegated), boundaryOf(everything, deny("*", "key/1234"))}, `error boundary: statement 2: resource "key/1234" is neither "*" nor an ARN, and AWS does not store it`},

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
	{"a version that is none", []string{policyOf(delegated), `{'principal':{'identity':{'Version':'2012-10-18','Statement':` + everything + `}}}`}, `error identity policy: read policy document: element "Version": "2012-10-18" is neither "2012-10-17" nor "2008-10-17", and AWS does not store it`},
}
