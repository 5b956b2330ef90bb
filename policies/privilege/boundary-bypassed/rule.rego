# METADATA
# title: Permissions boundary does not hold for a key or secret
# description: >-
#   A policy of the resource that names a user or a session, or everybody, gives what it gives whether or not the principal's
#   permissions boundary allows it: the boundary was put there to say how far it may go, and it does not. Name the role instead, which
#   its boundary limits, or put a Deny into the boundary, which always counts. A role that is named is no finding.
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
#     description: "AWS IAM: permissions boundaries"
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html
#     description: "AWS IAM: how requests are evaluated"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.kms.key, aws.secretsmanager.secret]
#   controls:
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2, A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["boundary-bypassed"]

deny contains {
	"message": "it is named directly, so its permissions boundary does not hold",
	"at": sprintf("%s by %s", [b.principal, b.at]),
	"facts": {"principal": b.principal, "by": b.at, "actions": b.actions},
} if {
	some b in input.resource.access.bypasses
}
