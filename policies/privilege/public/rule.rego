# METADATA
# title: Key or secret is open to everybody
# description: >-
#   A resource policy that allows the principal `*` opens the key or secret to every AWS account in the world, unless a condition holds
#   the callers to somebody: `aws:PrincipalOrgID`, `aws:PrincipalAccount`, `kms:CallerAccount`, `aws:PrincipalArn`, `aws:SourceAccount`,
#   a network of your own. Name the accounts or roles, or add such a condition. Conditions that only look so do not count: `...IfExists`
#   and `ForAllValues:` hold where the key is missing, `StringLike` with `*` holds always, and `kms:ViaService` says through which
#   service, in anybody's account. `NotPrincipal` with Allow is everybody but a few. Each statement is judged with what the
#   policy denies: it is asked whether a role of an account and an organization that the policy does not name gets in, with every
#   permission on its own side. A Deny that hangs on what the caller chooses does not count, nor do resource control policies.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
#     description: "AWS KMS: key policies"
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
#     description: "AWS Secrets Manager: resource policies"
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#     description: "AWS IAM: principals"
# custom:
#   severity: {production: critical, default: high}
#   applies_to: [aws.kms.policy, aws.secretsmanager.policy]
#   controls:
#     cis-aws-7.0.0: ["2.21"]
#     aws-fsbp-1.0.0: [KMS.5]
#     nist-800-53-r5: [AC-3, AC-6]
#     iso-27001-2022: [A.8.3]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-732]
package keyreeve.privilege["public"]

deny contains {"message": "it allows everybody, in any account", "at": s.at, "facts": {"actions": s.actions}} if {
	some s in input.resource.access.everyone
}
