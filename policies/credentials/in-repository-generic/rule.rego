# METADATA
# title: Possible credential in the repository
# description: >-
#   The value stands where passwords and keys stand and looks random, but has no form of a known kind, so it may be harmless. If it is a
#   credential, revoke it, issue a new one and keep that in a secret store; deleting the line leaves the old one in the history. If it is
#   not, mark the line with `gitleaks:allow`: the finding stays, shown as waived.
# related_resources:
#   - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#     description: "OWASP: secrets management"
# custom:
#   severity: medium
#   applies_to: [repo.credential]
#   controls:
#     nist-800-53-r5: [IA-5(7)]
#     pci-dss-4.0.1: ["8.6.2"]
#     iso-27001-2022: [A.8.4, A.8.12]
#     soc2-2017: [CC6.1]
#   remedy: investigate
#   tags: [cwe-798]
package keyreeve.credentials["in-repository-generic"]

applies if input.resource.credential.class == "generic"

deny contains {
	"message": "what looks like a credential is kept in the repository",
	"facts": {"detector": input.resource.credential.detector, "preview": input.resource.credential.preview},
} if {
	input.resource.credential.in_head == true
}
