# METADATA
# title: A root token exists
# description: >-
#   A root token may do everything in Vault, no policy binds it, and the audit log names nobody behind it. Revoke it: `vault token revoke
#   -accessor ACCESSOR`; when one is needed again, make it with `vault operator generate-root`, which takes a quorum of key holders, and
#   revoke it the same hour. Administrators log in as themselves and get a policy. A root token that code creates stands in its state
#   besides, for whoever reads that. Batch tokens cannot be listed, so a batch token is not seen; Vault gives none the root policy.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#root-tokens
#     description: "Vault: root tokens"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/production-hardening
#     description: "Vault: production hardening (avoid root tokens)"
# custom:
#   severity: {production: critical, default: high}
#   applies_to: [vault.token]
#   controls:
#     nist-800-53-r5: [AC-6, IA-5]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2]
#     soc2-2017: [CC6.1, CC6.3]
#   remedy: revoke
#   tags: [cwe-250]
package keyreeve.credentials["vault-root-token"]

deny contains {
	"message": "a token with the root policy exists",
	"facts": {"age_days": input.resource.credential.age_days},
} if {
	input.resource.origin == "live"
	"root" in input.resource.credential.policies
}

deny contains {"message": "the code creates a token with the root policy"} if {
	input.resource.origin == "declared"
	"root" in input.resource.credential.policies
}
