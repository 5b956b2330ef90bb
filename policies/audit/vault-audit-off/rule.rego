# METADATA
# title: Vault has no audit device
# description: >-
#   Without an audit device Vault keeps no record of who read, used or rotated a key or secret, so a misuse can neither be noticed nor
#   reconstructed. Enable one, such as `vault audit enable file file_path=/var/log/vault/audit.log`, ship its log off the host, then add
#   a second one of another kind. HCP Vault keeps its audit log outside the cluster, so the rule does not apply there.
#   Only a live cluster is judged: code that declares no device does not tell that there is none.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/audit
#     description: "Vault: audit devices"
# custom:
#   severity: {production: critical, default: high}
#   applies_to: [vault.cluster]
#   controls:
#     nist-800-53-r5: [AU-2, AU-12]
#     pci-dss-4.0.1: ["10.2.1"]
#     iso-27001-2022: [A.8.15]
#     soc2-2017: [CC7.2]
#   remedy: configure
#   tags: [cwe-778]
package keyreeve.audit["vault-audit-off"]

applies if input.resource.account.hosted_by == "self"

deny contains {"message": "no audit device is enabled"} if input.resource.account.audit_devices == 0
