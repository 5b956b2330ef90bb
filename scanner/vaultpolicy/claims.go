package vaultpolicy

import "strings"

// subjects are what all subjects of GitHub, GitLab and HCP Terraform begin with, unless their owner changes their form. The sources are
// "OpenID Connect reference" of GitHub, "OpenID Connect (OIDC) authentication using ID tokens" of GitLab and "Workload identity" of HCP
// Terraform.
var subjects = []string{"repo:", "project_path:", "organization:"}

// AnyClaim reports whether a glob pattern, to which a role of JWT auth binds a claim, allows every value of it: the pattern holds nothing
// but * and what parts a value.
func AnyClaim(claim, pattern string) bool {
	pattern = strings.TrimSpace(pattern)
	if claim == "sub" {
		for _, begin := range subjects {
			pattern = strings.TrimPrefix(pattern, begin)
		}
	}
	return strings.Contains(pattern, "*") && strings.Trim(pattern, "*/:") == ""
}
