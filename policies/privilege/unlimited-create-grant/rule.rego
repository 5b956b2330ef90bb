# METADATA
# title: Identity can create any grant on a key
# description: >-
#   `kms:CreateGrant` without a limit gives any operation on the key to anybody, operations that the giver lacks among them, and the
#   grant stays when the giver is gone: a delegation that no review of policies shows. Add `kms:GrantIsForAWSResource: true` so that
#   only AWS services get grants, as the console does, or hold it by `kms:GrantOperations` and `kms:GranteePrincipal`. Who administers
#   the key anyhow is not told here. Conditions of a request that may or may not hold leave `certain` false.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
#     description: "AWS KMS: grants"
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
#     description: "AWS KMS: condition keys"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.kms.key, aws.kms.policy]
#   controls:
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2, A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["unlimited-create-grant"]

# A key policy in code is judged by itself; one that is live, with all others, at its key.
applies if input.resource.type != "aws.kms.policy"

applies if input.resource.origin == "declared"

deny contains {
	"message": "an identity that does not administer it can create any grant",
	"at": g.principal,
	"facts": {"by": g.at, "certain": g.certain},
} if {
	some g in input.resource.access.grantors
}
