package aws

import (
	"slices"
	"strings"
)

// Class is what an action lets somebody do to a key, a secret or a principal: the most that it may come to.
type Class string

const (
	Reveal   Class = "USE-reveal" // yields plaintext: of others, of a new data key, of a secret
	Sign     Class = "USE-sign"   // speaks in the key's name
	Blind    Class = "USE-blind"  // uses the key and learns nothing by it
	Control  Class = "CONTROL"    // decides who may do what
	Destroy  Class = "DESTROY"    // ends use of the key or secret, for a time or for good
	Material Class = "MATERIAL"   // decides of what the key is made
	View     Class = "VIEW"       // the rest: metadata, and changes that give nobody a use and take none
	Write    Class = "WRITE"      // puts another secret value in place
	Become   Class = "BECOME"     // makes one principal another, or is a step to that
)

// ClassOf returns the class of an action in any letter case, or "" for one that is about neither keys nor secrets nor becoming somebody.
func ClassOf(action string) Class { return classOf[strings.ToLower(action)] }

// ActionsOn lists the actions of a service on one type of its resources, "key" or "Secret", as AWS spells them, sorted.
func ActionsOn(service, typ string) []string {
	var out []string
	for _, services := range byClass {
		for _, name := range strings.Fields(services[service]) {
			if action := service + ":" + name; on(strings.ToLower(action), typ) {
				out = append(out, action)
			}
		}
	}
	slices.Sort(out)
	return out
}

// byClass is our own judgement of each action that actions.json lists. Tags and aliases are control, as conditions may go by them, and so is
// secretsmanager:UpdateSecret, which may set another key.
var byClass = map[Class]map[string]string{
	Reveal: {"kms": "Decrypt ReEncryptFrom GenerateDataKey GenerateDataKeyPair DeriveSharedSecret", "secretsmanager": "GetSecretValue BatchGetSecretValue"},
	Sign:   {"kms": "Sign GenerateMac"},
	Blind:  {"kms": "Encrypt ReEncryptTo GenerateDataKeyWithoutPlaintext GenerateDataKeyPairWithoutPlaintext Verify VerifyMac"},
	Control: {
		"kms": "PutKeyPolicy CreateGrant RevokeGrant ReplicateKey UpdatePrimaryRegion CreateAlias UpdateAlias DeleteAlias TagResource UntagResource",
		"secretsmanager": "PutResourcePolicy DeleteResourcePolicy TagResource UntagResource UpdateSecret ReplicateSecretToRegions RotateSecret " +
			"CancelRotateSecret StopReplicationToReplica RestoreSecret",
	},
	Destroy: {
		"kms":            "ScheduleKeyDeletion DisableKey DeleteImportedKeyMaterial DeleteCustomKeyStore DisconnectCustomKeyStore",
		"secretsmanager": "DeleteSecret RemoveRegionsFromReplication",
	},
	Material: {"kms": "ImportKeyMaterial GetParametersForImport RotateKeyOnDemand EnableKeyRotation DisableKeyRotation"},
	Write:    {"secretsmanager": "PutSecretValue CreateSecret UpdateSecretVersionStage"},
	View: {
		"kms": "CancelKeyDeletion ConnectCustomKeyStore CreateCustomKeyStore CreateKey DescribeCustomKeyStores DescribeKey EnableKey GenerateRandom " +
			"GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetPublicKey ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys " +
			"ListResourceTags ListRetirableGrants RetireGrant SynchronizeMultiRegionKey UpdateCustomKeyStore UpdateKeyDescription",
		"secretsmanager": "DescribeSecret GetRandomPassword GetResourcePolicy ListSecrets ListSecretVersionIds ValidateResourcePolicy",
		"sts": "DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity GetServiceBearerToken GetWebIdentityToken SetContext SetSourceIdentity " +
			"TagGetWebIdentityToken",
	},
	Become: {
		"sts": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot GetDelegatedAccessToken GetFederationToken GetSessionToken TagSession",
		"iam": "AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreateAccessKey CreateLoginProfile CreateOpenIDConnectProvider " +
			"CreatePolicyVersion DeleteRolePermissionsBoundary DeleteRolePolicy DeleteUserPermissionsBoundary DeleteUserPolicy DetachRolePolicy " +
			"DetachUserPolicy PassRole PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy " +
			"SetDefaultPolicyVersion UpdateAssumeRolePolicy UpdateLoginProfile UpdateSAMLProvider",
		"eks":            "AssociateAccessPolicy CreateAccessEntry CreatePodIdentityAssociation UpdateAccessEntry UpdatePodIdentityAssociation",
		"lambda":         "CreateFunction InvokeFunction UpdateFunctionCode UpdateFunctionConfiguration",
		"ec2":            "AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation RunInstances",
		"ecs":            "ExecuteCommand RegisterTaskDefinition RunTask UpdateService",
		"ssm":            "SendCommand StartSession StartAutomationExecution",
		"glue":           "CreateDevEndpoint CreateJob UpdateDevEndpoint UpdateJob",
		"cloudformation": "CreateStack UpdateStack CreateChangeSet ExecuteChangeSet",
		"codebuild":      "CreateProject StartBuild UpdateProject",
		"sagemaker":      "CreateNotebookInstance CreatePresignedNotebookInstanceUrl CreateProcessingJob CreateTrainingJob",
		"rolesanywhere":  "CreateProfile CreateTrustAnchor UpdateProfile UpdateTrustAnchor",
	},
}

var classOf = func() map[string]Class {
	out := map[string]Class{}
	for class, services := range byClass {
		for service, names := range services {
			for _, name := range strings.Fields(names) {
				out[strings.ToLower(service+":"+name)] = class
			}
		}
	}
	return out
}()
