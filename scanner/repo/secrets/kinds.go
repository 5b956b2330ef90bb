package secrets

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The classes of detector.
const (
	Specific = "specific" // the value has a form of its own, or stands where only a credential of that vendor would
	Generic  = "generic"  // any random-looking value beside a word such as "key" or "password"
)

// generic lists gitleaks' rules that know a credential by the words around it and not by its form or its vendor.
var generic = map[string]bool{
	"generic-api-key":        true,
	"curl-auth-header":       true,
	"curl-auth-user":         true,
	"hashicorp-tf-password":  true,
	"kubernetes-secret-yaml": true,
	"nuget-config-password":  true,
}

// class of a rule. Beyond the table, a rule of a .gitleaks.toml is generic when its ID says so, which is gitleaks' own
// test when it lets a specific rule take precedence, and when it looks at any text, having neither keywords nor a path.
func (s *Scanner) class(id string) string {
	if generic[id] {
		return Generic
	}
	if rule, ok := s.rules.Rules[id]; s.custom && ok {
		if strings.Contains(strings.ToLower(id), "generic") || len(rule.Keywords) == 0 && rule.Path == nil {
			return Generic
		}
	}
	return Specific
}

// prefixes lists what every value of a kind begins with, by rule: public knowledge that the vendors print in their
// manuals, and so fit to be shown. Of several that fit, the longest is shown. A rule that is not here shows a length only.
var prefixes = map[string][]string{
	"1password-secret-key":                   {"A3-"},
	"1password-service-account-token":        {"ops_"},
	"age-secret-key":                         {"AGE-SECRET-KEY-1"},
	"alibaba-access-key-id":                  {"LTAI"},
	"anthropic-admin-api-key":                {"sk-ant-admin01-"},
	"anthropic-api-key":                      {"sk-ant-api03-"},
	"artifactory-api-key":                    {"AKCp"},
	"aws-access-token":                       {"A3T", "AKIA", "ASIA", "ABIA", "ACCA"},
	"aws-amazon-bedrock-api-key-long-lived":  {"ABSK"},
	"aws-amazon-bedrock-api-key-short-lived": {"bedrock-api-key-"},
	"databricks-api-token":                   {"dapi"},
	"digitalocean-access-token":              {"doo_v1_"},
	"digitalocean-pat":                       {"dop_v1_"},
	"gcp-api-key":                            {"AIza"},
	"github-app-token":                       {"ghu", "ghs"},
	"github-fine-grained-pat":                {"github_pat_"},
	"github-oauth":                           {"gho_"},
	"github-pat":                             {"ghp_"},
	"github-refresh-token":                   {"ghr_"},
	"gitlab-cicd-job-token":                  {"glcbt-"},
	"gitlab-deploy-token":                    {"gldt-"},
	"gitlab-pat":                             {"glpat-"},
	"gitlab-pat-routable":                    {"glpat-"},
	"gitlab-runner-authentication-token":     {"glrt-"},
	"huggingface-access-token":               {"hf_"},
	"jwt":                                    {"ey"},
	"openai-api-key":                         {"sk-"},
	"private-key":                            {"-----BEGIN"},
	"pulumi-api-token":                       {"pul-"},
	"pypi-upload-token":                      {"pypi-"},
	"rubygems-api-token":                     {"rubygems_"},
	"sendgrid-api-token":                     {"SG."},
	"shopify-access-token":                   {"shpat_"},
	"slack-bot-token":                        {"xoxb-"},
	"slack-legacy-bot-token":                 {"xoxb-"},
	"stripe-access-token":                    {"sk", "rk"},
	"twilio-api-key":                         {"SK"},
	"vault-batch-token":                      {"hvb."},
	"vault-service-token":                    {"hvs.", "s."},
}

// preview is what may be shown of a value: the fixed prefix of its kind, and its length.
func preview(detector, class, value string) string {
	if value == "" {
		return "the whole file"
	}
	var prefix string
	if class == Specific {
		for _, p := range prefixes[detector] {
			if strings.HasPrefix(value, p) && len(p) > len(prefix) && len(p) < len(value) {
				prefix = p
			}
		}
	}
	n := utf8.RuneCountInString(value)
	switch {
	case n == 1:
		return "1 character"
	case prefix == "":
		return fmt.Sprintf("%d characters", n)
	}
	return fmt.Sprintf("%s… (%d characters)", prefix, n)
}
