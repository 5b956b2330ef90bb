package document

import (
	"regexp"
	"strings"
)

// issuer is what is known of an identity provider by its host.
type issuer struct {
	host     string
	platform string // "ci" or "people"
	stranger string // a subject of somebody else
	// named is how patterns of subjects begin that name the repository, workspace or the like whose jobs they are for.
	named    *regexp.Regexp
	requests string // how subjects end of those whom a change that nobody has reviewed yet runs as; empty where the subject does not show it
}

// issuers are the services whose tokens go to everybody who has an account there. The subjects are from "OpenID Connect reference" of
// GitHub, "OpenID Connect (OIDC) authentication using ID tokens" of GitLab, "Workload identity" of HCP Terraform and the pages of the
// others on OpenID Connect. An issuer that is not here may be a cluster, or one's own.
var issuers = []issuer{
	{"token.actions.githubusercontent.com", "ci", "repo:stranger/stranger:ref:refs/heads/main", named("repo:NAME:"), ":pull_request"},
	{"vstoken.actions.githubusercontent.com", "ci", "repo:stranger/stranger:ref:refs/heads/main", named("repo:NAME:"), ":pull_request"},
	{"gitlab.com", "ci", "project_path:stranger/stranger:ref_type:branch:ref:main", named("project_path:NAME:"), ""},
	{"app.terraform.io", "ci", "organization:stranger:project:stranger:workspace:stranger:run_phase:apply", named("organization:NAME:project:NAME:workspace:NAME:"), ""},
	{"agent.buildkite.com", "ci", "organization:stranger:pipeline:stranger:ref:refs/heads/main:commit:0:step:stranger", named("organization:NAME:pipeline:NAME:"), ""},
	{"oidc.circleci.com", "ci", "org/stranger/project/stranger/user/stranger", named("org/NAME/project/NAME/"), ""},
	{"api.bitbucket.org", "ci", "{stranger}:{stranger}", named("{NAME}:"), ""},
	{"api.pulumi.com", "ci", "pulumi:deploy:org:stranger:project:stranger:stack:stranger:operation:update:scope:write", named("pulumi:NAME:org:NAME:project:NAME:"), ""},
	{"oidc.codefresh.io", "ci", "account:stranger:pipeline:stranger", named("account:NAME:pipeline:NAME:"), ""},
	{"oidc.vercel.com", "ci", "owner:stranger:project:stranger:environment:production", named("owner:NAME:project:NAME:"), ""},
	{"vstoken.dev.azure.com", "ci", "sc://stranger/stranger/stranger", nil, ""},
	{"accounts.google.com", "people", "999999999999999999999", nil, ""},
	{"cognito-identity.amazonaws.com", "people", "us-east-1:stranger", nil, ""},
	{"graph.facebook.com", "people", "stranger", nil, ""},
	{"www.amazon.com", "people", "stranger", nil, ""},
	{"sts.windows.net", "people", "stranger", nil, ""},
}

// cluster is what an issuer that is not known may be.
var cluster = issuer{platform: "cluster", stranger: accounts + "stranger:stranger", named: named("project_path:NAME:")}

// named makes such a pattern of one in which NAME stands for what is named: it has no wildcard, and ends before what follows it.
func named(begins string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(begins), "NAME", `[^:*?]+?`))
}

// accounts is how the subjects of service accounts of Kubernetes begin.
const accounts = "system:serviceaccount:"

// issuerOf tells an issuer, without scheme, by its host: those of CircleCI and Bitbucket, for two, have a path for each customer.
func issuerOf(name string) issuer {
	host, _, _ := strings.Cut(strings.ToLower(name), "/")
	for _, is := range issuers {
		if is.host == host {
			return is
		}
	}
	return cluster
}

// organizations are the claims that name an organization, a group or an enterprise, of whose many repositories the job may be.
var organizations = []string{":repository_owner_id", ":enterprise_id", ":namespace_id", ":organization_id", ":organization_slug"}

// claims are those of tokens that AWS compares and that strangers at the same provider cannot have, by how the condition key ends. From
// "Available keys for AWS OIDC federation" in the IAM User Guide.
var claims = []string{
	":sub", ":repository", ":repository_id", ":repository_owner_id", ":enterprise_id", ":job_workflow_ref", ":actor", ":actor_id", // GitHub
	":project_id", ":namespace_id", ":user_id", ":user_login", ":user_email", // GitLab
	":organization_id", ":organization_slug", ":pipeline_id", ":cluster_id", "/project-id", // Buildkite, CircleCI
	"graph.facebook.com:id", ":app_id", ":rpst_id", // Facebook, Amazon, Oracle
	"saml:sub", "saml:edupersonprincipalname",
}
