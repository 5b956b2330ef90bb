# METADATA
# title: Credential in the repository
# description: >-
#   Everybody who can read the repository, every clone and every build can use this credential, and deleting the line leaves it in the
#   history. Revoke it first and issue a new one, then keep that one in a secret store and let the workload fetch it with its own identity;
#   only then remove the line. A value that is known to be harmless, such as a test vector, is marked with `gitleaks:allow` on its line:
#   the finding stays, shown as waived.
# related_resources:
#   - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#     description: "OWASP: secrets management"
# custom:
#   severity: critical
#   applies_to: [repo.credential]
#   controls:
#     nist-800-53-r5: [IA-5(7)]
#     pci-dss-4.0.1: ["8.6.2"]
#     iso-27001-2022: [A.8.4, A.8.12]
#     soc2-2017: [CC6.1]
#   remedy: rotate
#   tags: [cwe-798]
package keyreeve.credentials["in-repository"]

applies if input.resource.credential.class == "specific"

deny contains {
	"message": "a credential is kept in the repository",
	"facts": {"detector": input.resource.credential.detector, "preview": input.resource.credential.preview},
} if {
	input.resource.credential.in_head == true
}
