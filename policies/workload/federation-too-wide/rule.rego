# METADATA
# title: IAM role trusts more of an identity provider than it should
# description: >-
#   GitHub, GitLab, HCP Terraform and others give tokens to everybody who has an account there: only the condition on the subject says
#   whose pipeline may take the role. Without one, or with a wildcard over owners or repositories, strangers or all teams of the
#   organization can; a subject for pull requests lets in changes that nobody has reviewed. Name the repository and a branch or, better, an
#   environment with protection rules: `repo:ORG/REPOSITORY:environment:production`. A wildcard behind the repository, or behind a workspace,
#   pipeline or project that is named, is its own affair and passes, unless pull requests match. Of SAML and of sign-in by Google, Amazon, Facebook or Cognito, `aud` has to be held to a value.
#   The evaluator is asked for tokens of strangers, so other claims, several statements and denials count. Roles for Kubernetes are
#   judged by workload/irsa-open. `keys` and `secrets` count what a live role certainly uses or administers; where it reaches none, not even
#   under conditions of a request, and cannot act as somebody else, the severity is low. A provider that does not exist lets nobody in:
#   privilege/dangling-principal tells of it.
# related_resources:
#   - ref: https://docs.github.com/en/actions/reference/security/oidc
#     description: "GitHub: OpenID Connect reference"
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
#     description: "AWS IAM: create a role for OpenID Connect federation"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.iam.role]
#   controls:
#     nist-800-53-r5: [AC-6, IA-9]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.5.16]
#     soc2-2017: [CC6.1, CC6.3]
#   remedy: configure
#   tags: [cwe-284]
package keyreeve.workload["federation-too-wide"]

applies if {
	some statement in input.resource.trust.statements
	statement.who in {"oidc", "saml"}
}

deny contains {
	"message": "it admits everybody whom the identity provider knows",
	"at": concat("/", [a.at, "sub"]),
	"facts": {"provider": a.provider, "subjects": subjects(a.at), "keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": little,
} if {
	some a in input.resource.access.federation
	a.platform == "ci"
	a.admits == "everybody"
}

deny contains {
	"message": "it leaves open whose jobs it admits",
	"at": concat("/", [a.at, "sub"]),
	"facts": {"provider": a.provider, "subjects": subjects(a.at), "keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": little,
} if {
	some a in input.resource.access.federation
	a.platform in {"ci", "cluster"}
	a.admits == "several"
	not startswith(a.subject, "system:serviceaccount:")
}

deny contains {
	"message": "it admits pull requests",
	"at": concat("/", [a.at, "sub"]),
	"facts": {"provider": a.provider, "subjects": subjects(a.at), "keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": little,
} if {
	some a in input.resource.access.federation
	a.admits == "pull_request"
}

deny contains {
	"message": "it admits tokens and assertions for any audience",
	"at": concat("/", [a.at, "aud"]),
	"facts": {"provider": a.provider, "keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": little,
} if {
	some a in input.resource.access.federation
	a.platform in {"people", "saml"}
	a.admits == "any_audience"
}

# subjects are the patterns of a statement: fewer or narrower ones are no worse.
subjects(at) := [s | some statement in input.resource.trust.statements; statement.at == at; some s in statement.subjects]

# little holds of a role that reaches no key and no secret that was read, and that cannot go on to be somebody else who might.
little := "low" if {
	input.resource.access.reaches.keys == 0
	input.resource.access.reaches.secrets == 0
	input.resource.access.reaches.possible == 0
	input.resource.access.reaches.onward == false
}
