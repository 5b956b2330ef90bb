// Package aws reads AWS: the keys of KMS with their rotation and its history, aliases, tags, last use, policies and grants, and the secrets of Secrets
// Manager with their resource policies, and IAM's users, groups, roles, policies, access keys and identity providers, and the policies and accounts of an organization, in several accounts and Regions, side by side and within a budget. Collecting makes only the calls of
// its table, none of which changes anything or returns key material or a secret's value. A Connection, which rotating uses, makes others.
//
// It leaves judgement to the rules, and who may use a key to package access.
package aws

import "github.com/keyreeve/keyreeve/scanner/inventory"

// The types of resource that are read.
const (
	keyType          = "aws.kms.key"
	keyPolicyType    = "aws.kms.policy"
	grantType        = "aws.kms.grant"
	secretType       = "aws.secretsmanager.secret"
	secretPolicyType = "aws.secretsmanager.policy"
	rootType         = "aws.iam.root"
	userType         = "aws.iam.user"
	groupType        = "aws.iam.group"
	roleType         = "aws.iam.role"
	policyType       = "aws.iam.policy"
	accessKeyType    = "aws.iam.access_key"
	oidcType         = "aws.iam.oidc_provider"
	samlType         = "aws.iam.saml_provider"
	memberType       = "aws.organizations.account"
	controlType      = "aws.organizations.policy"
)

// The names of the calls, as AWS writes the permission for them.
const (
	getCallerIdentity    = "sts:GetCallerIdentity"
	assumeRole           = "sts:AssumeRole"
	listKeys             = "kms:ListKeys"
	listAliases          = "kms:ListAliases"
	describeKey          = "kms:DescribeKey"
	getKeyRotationStatus = "kms:GetKeyRotationStatus"
	listKeyRotations     = "kms:ListKeyRotations"
	listResourceTags     = "kms:ListResourceTags"
	getKeyLastUsage      = "kms:GetKeyLastUsage"
	getKeyPolicy         = "kms:GetKeyPolicy"
	listGrants           = "kms:ListGrants"
	listSecrets          = "secretsmanager:ListSecrets"
	listSecretVersionIDs = "secretsmanager:ListSecretVersionIds"
	getResourcePolicy    = "secretsmanager:GetResourcePolicy"
	getAuthorization     = "iam:GetAccountAuthorizationDetails"
	getAccountSummary    = "iam:GetAccountSummary"
	listAccessKeys       = "iam:ListAccessKeys"
	getAccessKeyLastUsed = "iam:GetAccessKeyLastUsed"
	listOIDCProviders    = "iam:ListOpenIDConnectProviders"
	getOIDCProvider      = "iam:GetOpenIDConnectProvider"
	listSAMLProviders    = "iam:ListSAMLProviders"
	describeOrganization = "organizations:DescribeOrganization"
	listRoots            = "organizations:ListRoots"
	listUnits            = "organizations:ListOrganizationalUnitsForParent"
	listMembers          = "organizations:ListAccountsForParent"
	listControls         = "organizations:ListPolicies"
	describeControl      = "organizations:DescribePolicy"
	listTargets          = "organizations:ListTargetsForPolicy"
)

// Calls is the table of every call that is made. See inventory.Call.
var Calls = []inventory.Call{
	{Name: getCallerIdentity, Type: keyType, Permission: getCallerIdentity},
	{Name: assumeRole, Type: keyType, Permission: assumeRole, OptIn: "accounts"},
	{Name: listKeys, Type: keyType, Permission: listKeys},
	{Name: listAliases, Type: keyType, Permission: listAliases, Facts: []string{"refs"}},
	{Name: describeKey, Type: keyType, Permission: describeKey, Facts: []string{
		"key.spec", "key.algorithm", "key.bits", "key.usages", "key.manager", "key.origin", "key.state", "key.created_at", "key.deletion_at", "key.expires_at", "key.multi_region",
		// These also need what only DescribeKey tells: whether this kind of key rotates at all, and when it was made.
		"key.rotated_at", "key.rotation.supported", "key.rotation.automatic", "key.rotation.period_days", "key.rotation.next_at", "key.rotation.keeps_old_forever",
	}},
	{Name: getKeyRotationStatus, Type: keyType, Permission: getKeyRotationStatus, Facts: []string{"key.rotation.automatic", "key.rotation.period_days", "key.rotation.next_at"}},
	{Name: listKeyRotations, Type: keyType, Permission: listKeyRotations, Facts: []string{"key.rotated_at"}},
	{Name: listResourceTags, Type: keyType, Permission: listResourceTags, Facts: []string{"tags", "key.rewrap"}},
	{Name: getKeyLastUsage, Type: keyType, Permission: getKeyLastUsage, Facts: []string{"key.last_use"}},
	{Name: getKeyPolicy, Type: keyPolicyType, Permission: getKeyPolicy, Facts: []string{"policy.statements", "policy.document"}},
	{Name: listGrants, Type: keyType, Permission: listGrants, Facts: []string{"key.grants"}},
	{Name: listSecrets, Type: secretType, Permission: listSecrets},
	{Name: listSecretVersionIDs, Type: secretType, Permission: listSecretVersionIDs, Facts: []string{"secret.written_at"}},
	{Name: getResourcePolicy, Type: secretPolicyType, Permission: getResourcePolicy, Facts: []string{"policy.statements", "policy.document"}},
	{Name: getAuthorization, Type: roleType, Permission: getAuthorization},
	{Name: getAccountSummary, Type: rootType, Permission: getAccountSummary, Facts: []string{"account.root_access_keys", "account.root_mfa"}},
	{Name: listAccessKeys, Type: accessKeyType, Permission: listAccessKeys},
	{Name: getAccessKeyLastUsed, Type: accessKeyType, Permission: getAccessKeyLastUsed, Facts: []string{"credential.last_use"}},
	{Name: listOIDCProviders, Type: oidcType, Permission: listOIDCProviders},
	{Name: getOIDCProvider, Type: oidcType, Permission: getOIDCProvider, Facts: []string{"trust.bound_audiences", "tags"}},
	{Name: listSAMLProviders, Type: samlType, Permission: listSAMLProviders},
	{Name: describeOrganization, Type: memberType, Permission: describeOrganization, OptIn: "services"},
	{Name: listRoots, Type: memberType, Permission: listRoots, OptIn: "services"},
	{Name: listUnits, Type: memberType, Permission: listUnits, OptIn: "services"},
	{Name: listMembers, Type: memberType, Permission: listMembers, OptIn: "services"},
	{Name: listControls, Type: controlType, Permission: listControls, OptIn: "services"},
	{Name: describeControl, Type: controlType, Permission: describeControl, Facts: []string{"policy.statements", "policy.document"}, OptIn: "services"},
	{Name: listTargets, Type: controlType, Permission: listTargets, Facts: []string{"policy.targets"}, OptIn: "services"},
}

// facts returns what a call of the table answers.
func facts(call string) []string {
	for _, c := range Calls {
		if c.Name == call {
			return c.Facts
		}
	}
	return nil
}
