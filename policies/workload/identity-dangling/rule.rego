# METADATA
# title: Azure identity is configured but not enabled
# description: >-
#   The service account names an Azure client ID, but the pods lack the label `azure.workload.identity/use: "true"`. The webhook changes
#   only pods that carry it, so these get no token, and somebody will sooner or later hand them a client secret instead. Put the label on
#   the pod template, not on the Deployment or the service account. Judged is what manifests say together: whether the application has a
#   federated credential for this service account, and whether an IAM role or Vault role that an annotation names trusts it, is not
#   looked up.
# related_resources:
#   - ref: https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
#     description: "Azure AD Workload Identity: labels and annotations"
# custom:
#   severity: medium
#   applies_to: [kubernetes.workload]
#   controls:
#     nist-800-53-r5: [IA-9]
#     iso-27001-2022: [A.5.16]
#     soc2-2017: [CC6.1]
#   remedy: configure
package keyreeve.workload["identity-dangling"]

applies if input.resource.workload.azure_identity == true

# Pods with the label are in order, whether or not the service account could be found.
applies if input.resource.workload.azure_label == true

deny contains {
	"message": "its service account names an Azure identity, but its pods lack the label that enables it",
	"facts": {"service_account": input.resource.workload.service_account},
} if {
	input.resource.workload.azure_label == false
}
