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
	{"an operation that no grant gives", []string{grant(roleARN, `'operations':['Decrypt','PutKeyPolicy']`)}, `error grant 0: operation "PutKeyPolicy": no grant gives it; the operations are CreateGrant, Decrypt, DeriveSharedSecret, DescribeKey, Encrypt, GenerateDataKey, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateDataKeyWithoutPlaintext, GenerateMac, GetPublicKey, ReEncryptFrom, ReEncryptTo, RetireGrant, Sign, Verify, VerifyMac`},

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
