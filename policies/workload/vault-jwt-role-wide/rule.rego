# METADATA
# title: JWT role of Vault lets in everybody whom the issuer knows
# description: >-
#   A role without `bound_subject`, `bound_claims` and `bound_audiences` asks of a token only that the issuer signed it, so every user and
#   every pipeline of that issuer gets the role's policies. Bind the subject, or claims that name one workload (`project_path` and
#   `ref_protected` in GitLab, `repository` and `environment` in GitHub, a group for people), and the audience as well. Addresses
#   (`token_bound_cidrs`) do not replace them. An audience alone counts as a bound here, because an issuer may give it to one client only,
#   but not where code names an issuer that gives the public tokens for whichever audience a job asks for: GitHub Actions, GitLab.com and
#   HCP Terraform. Kubernetes and an own GitLab do so for all who may run something there, so for roles that trust them set
#   `audience_is_enough` to false. A claim that is bound to a pattern is taken as it is, unless the pattern matches every value.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/auth/jwt#bound-claims
#     description: "Vault: bound claims"
#   - ref: https://developer.hashicorp.com/vault/api-docs/auth/jwt#create-update-role
#     description: "Vault API: create or update a role of JWT auth"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.jwt.role]
#   settings:
#     audience_is_enough: {default: true, about: whether a bound audience without a bound subject or claim will do}
#   controls:
#     nist-800-53-r5: [AC-6, IA-9]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.5.16]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-284]
package keyreeve.workload["vault-jwt-role-wide"]

deny contains {"message": "whoever has a token of the issuer may log in"} if {
	unbound
	count(input.resource.trust.bound_audiences) == 0
}

deny contains {
	"message": "whoever has a token of the issuer for its audience may log in",
	"facts": {"audiences": input.resource.trust.bound_audiences},
} if {
	unbound
	count(input.resource.trust.bound_audiences) > 0
	audience_is_nothing
}

unbound if {
	not input.resource.trust.bound_subject
	count(input.resource.trust.bound_claims) == 0
}

audience_is_nothing if input.settings.audience_is_enough == false

audience_is_nothing if trim_right(input.resource.trust.issuer, "/") in open_issuers

# open_issuers give tokens to whoever has an account, for the audience that a job asks for.
open_issuers := {
	# "OpenID Connect reference" of GitHub: a job sets the audience when it asks for the token
	"https://token.actions.githubusercontent.com",
	# "OpenID Connect (OIDC) authentication using ID tokens" of GitLab: id_tokens.aud of the job
	"https://gitlab.com",
	# "Manually generate workload identity tokens" of HCP Terraform: TFC_WORKLOAD_IDENTITY_AUDIENCE of the workspace
	"https://app.terraform.io",
}
