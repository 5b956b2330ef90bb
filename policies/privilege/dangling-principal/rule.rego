# METADATA
# title: Policy or grant names somebody who does not exist
# description: >-
#   A policy or grant that names a deleted user or role lets nobody in, so something is broken already, or it hides who was meant. AWS shows a
#   unique ID (`AROA...`, `AIDA...`) in place of the name then: no new role gets that ID, so it is clutter and not a way in. A name in a
#   condition on `aws:PrincipalArn`, a session of a role and an identity provider are ways in: whoever may create something of that name
#   gets what the policy gives, or what a denial spares it. Take the name out. Of a live policy, ARNs are looked up among the users, roles
#   and providers of their account, if it was read. In code only unique IDs are told: what an ARN names may be made later.
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#     description: "AWS IAM: principals"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [aws.kms.policy, aws.kms.grant, aws.secretsmanager.policy, aws.iam.role]
#   controls:
#     nist-800-53-r5: [AC-3, AC-6]
#     iso-27001-2022: [A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-284]
package keyreeve.privilege["dangling-principal"]

applies if input.resource.origin != "declared"

applies if count(input.resource.access.dangling) > 0

deny contains {
	"message": "whoever makes a principal of this name gets what the policy gives",
	"at": concat("/", [d.at, d.name]),
	"facts": {"principal": d.name},
} if {
	some d in input.resource.access.dangling
	d.reusable == true
}

deny contains {
	"message": "it names somebody who does not exist",
	"at": concat("/", [d.at, d.name]),
	"facts": {"principal": d.name},
} if {
	some d in input.resource.access.dangling
	d.reusable == false
}
