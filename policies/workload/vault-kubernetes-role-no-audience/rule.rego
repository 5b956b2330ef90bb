# METADATA
# title: Kubernetes role of Vault accepts tokens for any audience
# description: >-
#   Without an audience the role accepts every token of a service account that it binds, also the one that the pod sends to another
#   service: that service can log in to Vault with it. Vault only warns about this. Set `audience` on the role, such as `vault`, and mount
#   a projected token for that audience (Vault Agent, the CSI provider and the Secrets Operator have a setting for it); while clients
#   change over, a second role for the new audience helps.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#create-update-role
#     description: "Vault API: create or update a role of Kubernetes auth"
# custom:
#   severity: low
#   applies_to: [vault.kubernetes.role]
#   controls:
#     nist-800-53-r5: [IA-9]
#     iso-27001-2022: [A.5.16]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-287]
package keyreeve.workload["vault-kubernetes-role-no-audience"]

deny contains {"message": "it accepts tokens for any audience"} if {
	not input.resource.trust.audience
}
