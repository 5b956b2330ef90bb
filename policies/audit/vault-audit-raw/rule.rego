# METADATA
# title: Vault's audit log holds secrets in the clear
# description: >-
#   With `log_raw` the audit device writes tokens, secret values and plaintexts as they are instead of hashed, so everybody who reads the
#   log can use them. The setting cannot be changed in place: enable a second device without it, disable this one, then treat the log
#   already written as leaked: restrict or destroy it and rotate what passed through.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/audit
#     description: "Vault: audit devices"
#   - ref: https://developer.hashicorp.com/vault/docs/audit/file
#     description: "Vault: file audit device"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.audit.device]
#   controls:
#     nist-800-53-r5: [AU-9, IA-5]
#     iso-27001-2022: [A.8.12, A.8.15]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-532]
package keyreeve.audit["vault-audit-raw"]

deny contains {"message": "the device logs values in the clear", "facts": {"device": input.resource.audit.device}} if {
	input.resource.audit.raw == true
}
