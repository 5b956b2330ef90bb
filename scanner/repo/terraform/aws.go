package terraform

import "github.com/zclconf/go-cty/cty"

// awsRows are the types of the AWS provider.
var awsRows = map[string]row{
	"aws_kms_key":                        {declare: kmsKey},
	"aws_kms_external_key":               {declare: kmsExternalKey},
	"aws_kms_replica_key":                {declare: kmsReplica, add: kmsReplicaOf},
	"aws_kms_replica_external_key":       {declare: kmsReplica, add: kmsReplicaOf},
	"aws_kms_alias":                      {add: kmsAlias},
	"aws_kms_key_policy":                 {declare: kmsKeyPolicy, add: kmsPolicyOf},
	"aws_kms_grant":                      {declare: kmsGrant, add: kmsPolicyOf},
	"aws_secretsmanager_secret":          {declare: awsSecret, add: awsSecretUses},
	"aws_secretsmanager_secret_rotation": {declare: awsSecretElsewhere, add: awsSecretRotation},
	"aws_secretsmanager_secret_policy":   {declare: awsSecretPolicy, add: awsSecretPolicyOf},
	"aws_secretsmanager_secret_version":  {declare: awsSecretElsewhere, add: awsSecretVersion},
	"aws_iam_access_key":                 {declare: iamAccessKey, add: iamAccessKeyOf},
	"aws_iam_user":                       {declare: iamUser},
	"aws_iam_role":                       {declare: iamRole, add: managed("managed_policy_arns")},
	"aws_iam_policy":                     {declare: iamPolicy},
	"aws_iam_role_policy":                {declare: iamPolicy},
	"aws_iam_user_policy":                {declare: iamPolicy},
	"aws_iam_group_policy":               {declare: iamPolicy},
	"aws_iam_role_policy_attachment":     {declare: managed("policy_arn"), add: iamAttachment("role", "aws_iam_role")},
	"aws_iam_user_policy_attachment":     {declare: managed("policy_arn"), add: iamAttachment("user", "aws_iam_user")},
	"aws_iam_group_policy_attachment":    {declare: managed("policy_arn")},
	"aws_iam_policy_attachment":          {declare: managed("policy_arn")},
	"aws_iam_openid_connect_provider":    {declare: iamOIDCProvider},
	"aws_eks_pod_identity_association":   {declare: podIdentity, add: podIdentityOf},
	"aws_lambda_function":                {declare: lambdaFunction},
	"aws_ecs_task_definition":            {declare: ecsTask},
	"aws_cloudtrail":                     {declare: trail, add: trailUses},
}

// awsDefaults are what holds where an argument is not stated, from the section Argument Reference of each resource's page in the
// documentation of the AWS provider, version 6.
var awsDefaults = map[string]cty.Value{
	"aws_kms_key.customer_master_key_spec":                 cty.StringVal("SYMMETRIC_DEFAULT"),
	"aws_kms_key.key_usage":                                cty.StringVal("ENCRYPT_DECRYPT"),
	"aws_kms_key.is_enabled":                               cty.True,
	"aws_kms_key.enable_key_rotation":                      cty.False,
	"aws_kms_key.rotation_period_in_days":                  cty.NumberIntVal(365),
	"aws_kms_key.deletion_window_in_days":                  cty.NumberIntVal(30),
	"aws_kms_key.multi_region":                             cty.False,
	"aws_kms_external_key.key_spec":                        cty.StringVal("SYMMETRIC_DEFAULT"),
	"aws_kms_external_key.key_usage":                       cty.StringVal("ENCRYPT_DECRYPT"),
	"aws_kms_external_key.enabled":                         cty.True, // once material was imported
	"aws_kms_external_key.multi_region":                    cty.False,
	"aws_kms_external_key.deletion_window_in_days":         cty.NumberIntVal(30),
	"aws_kms_replica_key.enabled":                          cty.True,
	"aws_kms_replica_key.deletion_window_in_days":          cty.NumberIntVal(30),
	"aws_kms_replica_external_key.enabled":                 cty.True,
	"aws_kms_replica_external_key.deletion_window_in_days": cty.NumberIntVal(30),

	"aws_secretsmanager_secret.recovery_window_in_days": cty.NumberIntVal(30),

	"aws_cloudtrail.enable_logging":                           cty.True,
	"aws_cloudtrail.is_multi_region_trail":                    cty.False,
	"aws_cloudtrail.enable_log_file_validation":               cty.False,
	"aws_cloudtrail.event_selector.include_management_events": cty.True,
	"aws_cloudtrail.event_selector.read_write_type":           cty.StringVal("All"),
}
