# METADATA
# title: One identity both uses and administers a key
# description: >-
#   Whoever may read data with a key and also change its policy, destroy it or give it its material needs no second person: one stolen
#   session reads the data and covers its tracks. Give use to workloads and administration to people or pipelines that have no use.
#   What counts is what the identity may certainly do by all policies together: key policy, grants, identity policies, boundaries and
#   service control policies; in Vault, all policies of what logs in. What holds only under conditions of a request does not count
#   here. In the key policies that the console writes, `kms:Create*` among the administrator's actions holds CreateGrant. Who does
#   both on every key of an account is told once, at the account's root.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
#     description: "AWS KMS: the default key policy"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.kms.key, aws.kms.policy, aws.secretsmanager.secret, aws.iam.root, vault.transit.key]
#   controls:
#     nist-800-53-r5: [AC-5]
#     iso-27001-2022: [A.5.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.duties["use-and-administer"]

# A key policy in code is judged by itself; one that is live, with all others, at its key.
applies if input.resource.type != "aws.kms.policy"

applies if input.resource.origin == "declared"

deny contains {
	"message": "the same identity uses and administers it",
	"at": c.principal,
	"facts": {"use": c.use, "administer": c.administer},
} if {
	some c in input.resource.access.conflicts
}
