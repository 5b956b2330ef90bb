# METADATA
# title: Secret holds a service account token that never expires
# description: >-
#   Kubernetes fills a Secret of type `kubernetes.io/service-account-token` with a token that has no end and no audience, so whoever may
#   read Secrets in the namespace, a backup or etcd can act as the service account until the Secret is deleted. Take the Secret out and
#   let the workload mount a projected token (`serviceAccountToken` with `expirationSeconds`), which kubelet renews; outside the cluster
#   ask for one with `kubectl create token` or the TokenRequest API, or federate. Deleting the Secret makes its token invalid.
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
#     description: "Kubernetes: ServiceAccount token Secrets"
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
#     description: "Kubernetes: configure service accounts for Pods"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [kubernetes.secret]
#   controls:
#     nist-800-53-r5: [IA-5, IA-9]
#     pci-dss-4.0.1: ["8.6.3"]
#     iso-27001-2022: [A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: remove
#   tags: [cwe-613]
package keyreeve.workload["legacy-serviceaccount-token"]

deny contains {"message": "it holds a service account token that never expires"} if {
	input.resource.secret.format == "kubernetes.io/service-account-token"
}
