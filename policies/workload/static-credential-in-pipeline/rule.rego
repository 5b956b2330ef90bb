# METADATA
# title: Pipeline logs in with a stored credential
# description: >-
#   A key among the secrets of a pipeline works from anywhere and for as long as nobody revokes it, and whoever can change a workflow, an
#   action or a dependency that runs in it can take it along. GitHub and GitLab issue each job a token of its own, which AWS, Azure, GCP
#   and Vault accept: use `permissions: id-token: write` with the provider's login action, or `id_tokens:` in GitLab, tie the role to the
#   repository and branch or environment, and then revoke the stored key. A job that passes a key besides its token fails too, as most
#   tools take the key first. Names of variables and inputs tell, so a key under a name of one's own, or one that a script fetches, is not
#   seen.
# related_resources:
#   - ref: https://docs.github.com/en/actions/concepts/security/openid-connect
#     description: "GitHub Actions: OpenID Connect"
#   - ref: https://docs.gitlab.com/ci/cloud_services/
#     description: "GitLab CI/CD: connect to cloud services"
#   - ref: https://developer.hashicorp.com/vault/docs/auth/jwt
#     description: "Vault: JWT/OIDC auth method"
# custom:
#   severity: high
#   applies_to: [github.job, gitlab.job]
#   controls:
#     cis-aws-7.0.0: ["2.16"]
#     cis-aws-6.0.0: ["2.17"]
#     cis-aws-5.0.0: ["1.17"]
#     cis-aws-3.0.0: ["1.18"]
#     nist-800-53-r5: [IA-5, IA-9]
#     pci-dss-4.0.1: ["8.6.3"]
#     iso-27001-2022: [A.5.16, A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: replace
#   tags: [cwe-522]
package keyreeve.workload["static-credential-in-pipeline"]

deny contains {
	"message": "the job logs in with a stored credential",
	"at": credential.at,
	"facts": {"provider": credential.provider, "via": credential.via},
} if {
	some credential in input.resource.workload.credentials
}
