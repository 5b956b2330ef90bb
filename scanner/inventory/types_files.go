package inventory

// What only files declare.

var kubernetesTypes = []TypeInfo{
	{Type: "kubernetes.serviceaccount", Kind: KindPrincipal, About: "a service account of Kubernetes", Required: required("principal.mounts_token")},
	{Type: "kubernetes.workload", Kind: KindWorkload, About: "pods of Kubernetes: a Deployment, Job, Pod, ...", Required: required("workload.platform", "workload.credentials", "workload.service_account", "workload.mounts_token", "workload.azure_identity", "workload.azure_label")},
	{Type: "kubernetes.secret", Kind: KindSecret, About: "a Secret of Kubernetes: its name and type", Required: required("secret.format", "secret.value_in_code")},
	{Type: "kubernetes.secretstore", Kind: KindWorkload, About: "a SecretStore or ClusterSecretStore of External Secrets: what it logs in to a provider with", Required: required("workload.platform", "workload.credentials")},
	{Type: "kubernetes.role", Kind: KindPolicy, About: "a Role or ClusterRole of Kubernetes", Required: required("policy.statements")},
}

var fileTypes = []TypeInfo{
	{Type: "compose.service", Kind: KindWorkload, About: "a service of a compose file", Required: required("workload.platform", "workload.credentials")},
	{Type: "container.image", Kind: KindWorkload, About: "an image that a Dockerfile builds", Required: required("workload.platform", "workload.credentials")},
	{Type: "github.job", Kind: KindWorkload, About: "a job of a GitHub Actions workflow", Required: required("workload.platform", "workload.credentials", "workload.federated")},
	{Type: "gitlab.job", Kind: KindWorkload, About: "a job of a GitLab pipeline", Required: required("workload.platform", "workload.credentials", "workload.federated")},
	{
		Type: "repo.credential", Kind: KindCredential, About: "a credential found in a repository",
		Required: required("credential.class", "credential.detector", "credential.in_head"),
	},
}
