# METADATA
# title: Workload is handed a long-lived credential
# description: >-
#   An AWS access key, an Azure client secret, a GCP service account key, a Vault token or an AppRole secret-id that a workload carries
#   works for whoever copies it, from anywhere, until somebody revokes it, and every copy of the manifest, image or environment is one more
#   place to find it. Let the workload prove itself with what its platform issues instead: IAM roles for service accounts or EKS Pod
#   Identity, Azure workload identity or a managed identity, GKE Workload Identity, Vault's Kubernetes auth, the role of a Lambda function or an ECS task; a container on a developer's
#   machine takes a profile or a short session at start. Then revoke the credential. Names tell, values are not kept: a credential under a
#   name of one's own is not seen, and an AWS key beside a session token passes as temporary. A Secret that the workload refers to counts
#   like a value in its manifest; one that an operator fills with short-lived credentials can be waived.
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
#     description: "Amazon EKS: IAM roles for service accounts"
#   - ref: https://azure.github.io/azure-workload-identity/docs/
#     description: "Azure AD Workload Identity"
#   - ref: https://developer.hashicorp.com/vault/docs/auth/kubernetes
#     description: "Vault: Kubernetes auth method"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [kubernetes.workload, kubernetes.secretstore, compose.service, container.image, aws.lambda.function, aws.ecs.task]
#   controls:
#     cis-aws-7.0.0: ["2.16"]
#     cis-aws-6.0.0: ["2.17"]
#     cis-aws-5.0.0: ["1.17"]
#     cis-aws-3.0.0: ["1.18"]
#     nist-800-53-r5: [IA-5(7), IA-9]
#     pci-dss-4.0.1: ["8.6.2"]
#     iso-27001-2022: [A.5.16, A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: replace
#   tags: [cwe-522, cwe-798]
package keyreeve.workload["static-credential-in-workload"]

deny contains {
	"message": "a long-lived credential is handed to it",
	"at": credential.at,
	"facts": {"provider": credential.provider, "via": credential.via},
} if {
	some credential in input.resource.workload.credentials
}
