package document

import "strings"

// issuer is what is known of an identity provider by its host.
type issuer struct {
	host     string
	platform string // "ci" or "people"
	begins   string // how subjects begin; empty where their owner or the platform chooses
	stranger string // a subject of somebody else
	requests string // how subjects end of those whom a change that nobody has reviewed yet runs as; empty where the subject does not show it
}

// issuers are the services whose tokens go to everybody who has an account there. The subjects are from "OpenID Connect reference" of
// GitHub, "OpenID Connect (OIDC) authentication using ID tokens" of GitLab, "Workload identity" of HCP Terraform and the pages of the
// others on OpenID Connect. An issuer that is not here may be a cluster, or one's own.
var issuers = []issuer{
	{"token.actions.githubusercontent.com", "ci", "repo:", "repo:stranger/stranger:ref:refs/heads/main", ":pull_request"},
	{"vstoken.actions.githubusercontent.com", "ci", "repo:", "repo:stranger/stranger:ref:refs/heads/main", ":pull_request"},
	{"gitlab.com", "ci", "project_path:", "project_path:stranger/stranger:ref_type:branch:ref:main", ""},
	{"app.terraform.io", "ci", "organization:", "organization:stranger:project:stranger:workspace:stranger:run_phase:apply", ""},
	{"agent.buildkite.com", "ci", "organization:", "organization:stranger:pipeline:stranger:ref:refs/heads/main:commit:0:step:stranger", ""},
	{"oidc.circleci.com", "ci", "org/", "org/stranger/project/stranger/user/stranger", ""},
	{"api.bitbucket.org", "ci", "", "{stranger}:{stranger}", ""},
	{"api.pulumi.com", "ci", "pulumi:", "pulumi:deploy:org:stranger:project:stranger:stack:stranger:operation:update:scope:write", ""},
	{"oidc.codefresh.io", "ci", "account:", "account:stranger:pipeline:stranger", ""},
	{"oidc.vercel.com", "ci", "owner:", "owner:stranger:project:stranger:environment:production", ""},
	{"vstoken.dev.azure.com", "ci", "sc://", "sc://stranger/stranger/stranger", ""},
	{"accounts.google.com", "people", "", "999999999999999999999", ""},
	{"cognito-identity.amazonaws.com", "people", "", "us-east-1:stranger", ""},
	{"graph.facebook.com", "people", "", "stranger", ""},
	{"www.amazon.com", "people", "", "stranger", ""},
	{"sts.windows.net", "people", "", "stranger", ""},
}

// cluster is what an issuer that is not known may be.
var cluster = issuer{platform: "cluster", begins: accounts, stranger: accounts + "stranger:stranger"}

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

// claims are those of tokens that AWS compares and that strangers at the same provider cannot have, by how the condition key ends. From
// "Available keys for AWS OIDC federation" in the IAM User Guide.
var claims = []string{
	":sub", ":repository", ":repository_id", ":repository_owner_id", ":enterprise_id", ":job_workflow_ref", ":actor", ":actor_id", // GitHub
	":project_id", ":namespace_id", ":user_id", ":user_login", ":user_email", // GitLab
	":organization_id", ":organization_slug", ":pipeline_id", ":cluster_id", "/project-id", // Buildkite, CircleCI
	"graph.facebook.com:id", ":app_id", ":rpst_id", // Facebook, Amazon, Oracle
	"saml:sub", "saml:edupersonprincipalname",
}
