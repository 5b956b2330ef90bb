# METADATA
# title: Administrator can give itself the use of a key
# description: >-
#   An identity that may set the policy of a key, or create grants on it without a limit, becomes its user in one call; so does one that sets
#   the tag or alias by which a statement lets it in. In Vault, one that may write policies or logins gives itself the path. The separation of
#   duties then exists on paper. Hold CreateGrant to services with `kms:GrantIsForAWSResource`, or to operations with `kms:GrantOperations`
#   that leave out Decrypt; hold TagResource to tags that open nothing, with `aws:TagKeys`; put a second person, a pipeline or a service
#   control policy in front of PutKeyPolicy; watch what remains. Only who may certainly take the step,
#   and may not use the key already, is told: who does both at once is a finding of duties/use-and-administer.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#     description: "AWS KMS: grants"
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
#     description: "AWS KMS: condition keys"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [aws.kms.key, aws.secretsmanager.secret, vault.transit.key, vault.kv.secret]
#   controls:
#     nist-800-53-r5: [AC-5]
#     iso-27001-2022: [A.5.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.duties["can-grant-itself"]

deny contains {
	"message": "an administrator can give itself its use",
	"at": g.principal,
	"facts": {"by": g.by},
} if {
	some g in input.resource.access.self_grants
}
