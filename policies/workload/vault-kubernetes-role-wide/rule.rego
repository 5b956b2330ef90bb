# METADATA
# title: Vault role trusts every service account or every namespace
# description: >-
#   With `*` among the service accounts every pod of the namespace can log in and gets the role's policies; with `*` among the namespaces
#   anybody who may create a service account of the right name anywhere in the cluster can. Name the service accounts and the namespaces
#   that need the role (`bound_service_account_names`, `bound_service_account_namespaces`), one role a workload. A namespace selector is
#   not judged.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#create-update-role
#     description: "Vault API: create or update a Kubernetes role"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.kubernetes.role]
#   controls:
#     nist-800-53-r5: [AC-6, IA-9]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.5.16]
#     soc2-2017: [CC6.1, CC6.3]
#   remedy: configure
#   tags: [cwe-284]
package keyreeve.workload["vault-kubernetes-role-wide"]

deny contains {
	"message": "every service account of its namespaces may log in",
	"at": "service_accounts",
	"facts": {"namespaces": input.resource.trust.namespaces},
} if {
	"*" in input.resource.trust.service_accounts
}

deny contains {
	"message": "service accounts of every namespace may log in",
	"at": "namespaces",
	"facts": {"service_accounts": input.resource.trust.service_accounts},
} if {
	"*" in input.resource.trust.namespaces
}
