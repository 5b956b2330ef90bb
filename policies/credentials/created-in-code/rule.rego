# METADATA
# title: Code creates a long-lived credential or holds a secret's value
# description: >-
#   An access key, an application password or a token that infrastructure code creates is written into its state in the clear, where
#   whoever runs a plan can read it, and stays the same for as long as the code does. Take it out and let the workload prove itself: an
#   IAM role, a managed identity or federated credential, a role of a Vault auth method. A secret's value in a file is known to everybody
#   who can read the repository and stays in its history: let the secret be generated or written out of band (a write-only argument, an
#   ephemeral value, `GenerateSecretString`, an external secret operator), and change the value that was there. A value that comes from a
#   variable is not in the code, though it may end up in the state. What other code creates at run time is not seen.
# related_resources:
#   - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#     description: "Terraform: manage sensitive data"
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#     description: "AWS IAM: security best practices"
#   - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
#     description: "Kubernetes: good practices for Secrets"
# custom:
#   severity: medium
#   applies_to: [aws.iam.access_key, entra.password, vault.token, secret]
#   settings_from:
#     secret: rotation/secret-overdue
#   controls:
#     cis-aws-7.0.0: ["2.16"]
#     cis-aws-6.0.0: ["2.17"]
#     cis-aws-5.0.0: ["1.17"]
#     cis-aws-3.0.0: ["1.18"]
#     nist-800-53-r5: [IA-5(7)]
#     pci-dss-4.0.1: ["8.6.2"]
#     iso-27001-2022: [A.8.4, A.8.12]
#     soc2-2017: [CC6.1]
#   remedy: replace
#   tags: [cwe-798]
package keyreeve.credentials["created-in-code"]

applies if {
	input.resource.origin == "declared"
	not input.resource.purpose == "config"
}

deny contains {
	"message": "the code creates a long-lived credential",
	"facts": {
		"valid_days": object.get(input.resource.credential, "valid_days", "without end"),
		"limit_days": input.settings.secret.max_age_days,
	},
} if {
	input.resource.kind == "credential"
}

deny contains {"message": "the code holds the secret's value"} if {
	input.resource.secret.value_in_code == true
}
