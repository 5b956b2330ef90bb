# METADATA
# title: Vault has one audit device only
# description: >-
#   Vault refuses a request that no audit device could record. With one device, a full disk or a lost socket stops Vault; with two of
#   different kinds it goes on while one of them fails. Enable a second one, such as `vault audit enable syslog`. A device that blocks
#   instead of failing still stops Vault, whatever the number: keep file logs on their own disk and rotate them.
#   Only a live cluster is judged: code that declares one device does not tell that there is no other.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/audit/best-practices
#     description: "Vault: audit best practices"
#   - ref: https://developer.hashicorp.com/vault/docs/audit
#     description: "Vault: audit devices"
# custom:
#   severity: low
#   applies_to: [vault.cluster]
#   controls:
#     nist-800-53-r5: [AU-5]
#     iso-27001-2022: [A.8.15]
#     soc2-2017: [CC7.2]
#   remedy: configure
#   tags: [cwe-778]
package keyreeve.audit["vault-audit-single"]

applies if {
	input.resource.account.hosted_by == "self"
	not input.resource.account.audit_devices == 0
}

deny contains {"message": "one audit device only is enabled"} if input.resource.account.audit_devices == 1
