package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// PowerOf returns the power that an action in any letter case gives, or "" for one that is about neither keys nor secrets nor becoming somebody.
func PowerOf(action string) access.Power { return powerOf[strings.ToLower(action)] }

// ActionsOn lists the actions of a service on one type of its resources, "key" or "Secret", as AWS spells them, sorted.
func ActionsOn(service, typ string) []string {
	var out []string
	for _, services := range byPower {
		for _, name := range strings.Fields(services[service]) {
			if action := service + ":" + name; on(strings.ToLower(action), typ) {
				out = append(out, action)
			}
		}
	}
	slices.Sort(out)
	return out
}

// byPower is our own judgement of each action that actions.json lists. Tags and aliases are control, as conditions may go by them, and so is
// secretsmanager:UpdateSecret, which may set another key.
var byPower = map[access.Power]map[string]string{
	access.Reveal: {"kms": "Decrypt ReEncryptFrom GenerateDataKey GenerateDataKeyPair DeriveSharedSecret Decapsulate", "secretsmanager": "GetSecretValue BatchGetSecretValue"},
	access.Sign:   {"kms": "Sign GenerateMac"},
	access.Blind:  {"kms": "Encrypt ReEncryptTo GenerateDataKeyWithoutPlaintext GenerateDataKeyPairWithoutPlaintext Verify VerifyMac Encapsulate"},
	access.Control: {
		"kms": "PutKeyPolicy CreateGrant RevokeGrant ReplicateKey UpdatePrimaryRegion CreateAlias UpdateAlias DeleteAlias TagResource UntagResource",
		"secretsmanager": "PutResourcePolicy DeleteResourcePolicy TagResource UntagResource UpdateSecret ReplicateSecretToRegions RotateSecret " +
			"CancelRotateSecret StopReplicationToReplica RestoreSecret",
	},
	access.Destroy: {
		"kms":            "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial DeleteCustomKeyStore DisconnectCustomKeyStore",
		"secretsmanager": "DeleteSecret RemoveRegionsFromReplication",
	},
	access.Material: {"kms": "ImportKeyMaterial GetParametersForImport RotateKeyOnDemand EnableKeyRotation DisableKeyRotation"},
	access.Write:    {"secretsmanager": "PutSecretValue CreateSecret UpdateSecretVersionStage"},
	access.View: {
		"kms": "CancelKeyDeletion ConnectCustomKeyStore CreateCustomKeyStore CreateKey DescribeCustomKeyStores DescribeKey EnableKey GenerateRandom " +
			"GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetPublicKey ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys " +
			"ListResourceTags ListRetirableGrants RetireGrant SynchronizeMultiRegionKey UpdateCustomKeyStore UpdateKeyDescription",
		"secretsmanager": "DescribeSecret GetRandomPassword GetResourcePolicy ListSecrets ListSecretVersionIds ValidateResourcePolicy",
		"sts": "DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity GetServiceBearerToken GetWebIdentityToken SetContext SetSourceIdentity " +
			"TagGetWebIdentityToken",
	},
	access.Become: {
		"sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetDelegatedAccessToken GetFederationToken GetSessionToken TagSession",
		"iam": "AddRoleToInstanceProfile AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateInstanceProfile " +
			"CreateLoginProfile CreateOpenIDConnectProvider CreatePolicyVersion CreateSAMLProvider DeleteGroupPolicy DeleteRolePermissionsBoundary " +
			"DeleteRolePolicy DeleteUserPermissionsBoundary DeleteUserPolicy DetachGroupPolicy DetachRolePolicy DetachUserPolicy PassRole PutGroupPolicy " +
			"PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy RemoveUserFromGroup SetDefaultPolicyVersion UpdateAssumeRolePolicy UpdateLoginProfile UpdateSAMLProvider",
		"eks":            "AssociateAccessPolicy CreateAccessEntry CreatePodIdentityAssociation UpdateAccessEntry UpdatePodIdentityAssociation",
		"lambda":         "CreateFunction InvokeFunction UpdateFunctionCode UpdateFunctionConfiguration",
		"ec2":            "AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation RunInstances",
		"ecs":            "ExecuteCommand RegisterTaskDefinition RunTask UpdateService",
		"ssm":            "SendCommand StartSession StartAutomationExecution",
		"glue":           "CreateDevEndpoint CreateJob StartJobRun UpdateDevEndpoint UpdateJob",
		"cloudformation": "CreateStack UpdateStack CreateChangeSet ExecuteChangeSet",
		"codebuild":      "CreateProject StartBuild UpdateProject",
		"sagemaker":      "CreateNotebookInstance CreatePresignedNotebookInstanceUrl CreateProcessingJob CreateTrainingJob",
		"states":         "CreateStateMachine DescribeExecution StartExecution TestState UpdateStateMachine",
		"rolesanywhere":  "CreateProfile CreateTrustAnchor UpdateProfile UpdateTrustAnchor",
	},
}

var powerOf = func() map[string]access.Power {
	out := map[string]access.Power{}
	for power, services := range byPower {
		for service, names := range services {
			for _, name := range strings.Fields(names) {
				out[strings.ToLower(service+":"+name)] = power
			}
		}
	}
	return out
}()
