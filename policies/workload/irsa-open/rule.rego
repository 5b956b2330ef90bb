# METADATA
# title: IAM role is open to a whole cluster or namespace
# description: >-
#   A role for service accounts trusts the issuer of a cluster; only the conditions on `sub` and `aud` say which pod may take it. Without a
#   subject every pod of the cluster can, with a wildcard in it whoever can create a namespace or service account of a matching name, and
#   without an audience a token that was issued for another service will do. Name each service account (`StringEquals` takes a list):
#   `ISSUER:sub` = `system:serviceaccount:NAMESPACE:NAME` and `ISSUER:aud` = `sts.amazonaws.com`, or use EKS Pod Identity. Judged are the
#   statements that may admit a service account: those of an issuer that is no cluster, such as GitHub, whose subjects look like
#   `repo:ORG/REPOSITORY:...`, are left out. Each is asked
#   whether it admits a service account that it does not name, with what the policy denies and every other condition on who comes.
#   `keys` and `secrets` count what a live role certainly uses or administers; where it reaches none, not even under conditions of a
#   request, and cannot act as somebody else, the severity is low. A provider that does not exist, as when its cluster was deleted, lets
#   nobody in: privilege/dangling-principal tells of it.
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
#     description: "Amazon EKS: assign IAM roles to service accounts"
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
#     description: "AWS IAM: create a role for OpenID Connect federation"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.iam.role]
#   settings:
#     other_issuers:
#       default:
#         - accounts.google.com
#         - agent.buildkite.com
#         - api.bitbucket.org
#         - api.pulumi.com
#         - app.terraform.io
#         - cognito-identity.amazonaws.com
#         - gitlab.com
#         - graph.facebook.com
#         - oidc.circleci.com
#         - oidc.codefresh.io
#         - oidc.vercel.com
#         - sts.windows.net
#         - token.actions.githubusercontent.com
#         - vstoken.actions.githubusercontent.com
#         - vstoken.dev.azure.com
#         - www.amazon.com
#       about: hosts of issuers that are no Kubernetes clusters; what is set replaces the list
#   controls:
#     nist-800-53-r5: [AC-6, IA-9]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.5.16]
#     soc2-2017: [CC6.1, CC6.3]
#   remedy: configure
#   tags: [cwe-284]
package keyreeve.workload["irsa-open"]

applies if {
	some statement in input.resource.trust.statements
	admits_service_accounts(statement, input.settings.other_issuers)
}

deny contains {
	"message": "it admits every service account of the cluster",
	"at": concat("/", [admission.at, "sub"]),
	"facts": {"keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": little,
} if {
	some admission in admissions
	admission.admits == "everybody"
}

deny contains {
	"message": "a wildcard leaves open which service accounts it admits",
	"at": concat("/", [admission.at, "sub"]),
	"facts": {
		"subjects": [s | some s in statement.subjects; may_name_several(s)],
		"keys": input.resource.access.reaches.keys,
		"secrets": input.resource.access.reaches.secrets,
	},
	"severity": little,
} if {
	some admission in admissions
	admission.admits == "several"
	startswith(admission.subject, "system:serviceaccount:")
	some statement in input.resource.trust.statements
	statement.at == admission.at
}

deny contains {
	"message": "it admits tokens for any audience",
	"at": concat("/", [admission.at, "aud"]),
	"facts": {"keys": input.resource.access.reaches.keys, "secrets": input.resource.access.reaches.secrets},
	"severity": little,
} if {
	some admission in admissions
	admission.admits == "any_audience"
	some statement in input.resource.trust.statements
	statement.at == admission.at
	admits_service_accounts(statement, input.settings.other_issuers)
}

admissions contains admission if {
	some admission in input.resource.access.federation
	admission.platform == "cluster"
	not split(admission.provider, "/")[0] in input.settings.other_issuers
}

admits_service_accounts(statement, other_issuers) if {
	statement.who == "oidc"
	not is_other(statement, other_issuers)
	may_name_service_accounts(statement.subjects)
}

# An issuer is told by its host: those of CircleCI and Bitbucket, for two, have a path for each customer.
is_other(statement, other_issuers) if split(statement.provider, "/")[0] in other_issuers

may_name_service_accounts(subjects) if count(subjects) == 0

may_name_service_accounts(subjects) if {
	some subject in subjects
	startswith(subject, "system:serviceaccount:")
}

may_name_service_accounts(subjects) if {
	some subject in subjects
	may_name_several(subject)
}

# may_name_several holds for a pattern with a wildcard that some service account matches.
may_name_several(subject) if {
	parts := split(replace(subject, "?", "*"), "*")
	count(parts) > 1
	agree(parts[0], "system:serviceaccount:")
}

agree(start, prefix) if startswith(start, prefix)

agree(start, prefix) if startswith(prefix, start)

# little holds of a role that reaches no key and no secret that was read, and that cannot go on to be somebody else who might.
little := "low" if {
	input.resource.access.reaches.keys == 0
	input.resource.access.reaches.secrets == 0
	input.resource.access.reaches.possible == 0
	input.resource.access.reaches.onward == false
}
