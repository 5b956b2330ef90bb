# METADATA
# title: Identity has power over every key or secret
# description: >-
#   A grant on every resource covers the keys and secrets of today and those that somebody creates tomorrow for another purpose. Name
#   the keys and secrets by ARN, or hold the statement to aliases or tags that the holder cannot change (`kms:ResourceAliases`,
#   `aws:ResourceTag`). A condition on `kms:ViaService` alone says through which service, not which keys: all data in that service stays
#   open. The same holds for conditions on the caller (`aws:PrincipalOrgID`, `aws:PrincipalArn`, `kms:CallerAccount`), which the holder
#   always meets, and on the network (`aws:SourceVpc`, `aws:SourceVpce`, `aws:SourceIp`), which say from where, not which keys. What
#   counts is decrypting, signing, making MACs, reading secrets, granting, administering and deleting; encrypting and reading metadata
#   pass. Each statement is judged with what the policy denies: it is asked whether it reaches a key and a secret that nothing names, in
#   an account whose key policies leave access to IAM. `keys` and `secrets` count what the holders of a live policy certainly use or
#   administer by it, after key policies, boundaries and service control policies. Where that is nothing, not even under conditions of a
#   request, the severity is low: the statement is about keys that somebody creates tomorrow.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
#     description: "AWS KMS: best practices for IAM policies"
#   - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html
#     description: "AWS Security Hub: controls for KMS"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.iam.policy]
#   controls:
#     aws-fsbp-1.0.0: [KMS.1, KMS.2]
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2, A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["wildcard-identity-grant"]

applies if not only_bounds

# A permissions boundary grants nothing: it says how far what others grant may go.
only_bounds if {
	input.resource.policy.boundaries > 0
	input.resource.policy.attachments == 0
}

deny contains {
	"message": "it grants power over every key or secret",
	"at": s.at,
	"facts": {"actions": s.actions, "keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": inert,
} if {
	some s in input.resource.access.wildcards
}

# inert holds of a policy by which nobody reaches a key or secret that was read: key policies do not delegate, or something else voids it.
inert := "low" if {
	input.resource.access.reaches.keys == 0
	input.resource.access.reaches.secrets == 0
	input.resource.access.reaches.possible == 0
}
