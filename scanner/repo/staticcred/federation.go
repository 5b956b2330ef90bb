package staticcred

import (
	"regexp"
	"slices"
	"strings"
)

// proofs are the variables that say to a provider's library to prove itself with a token of the platform.
var proofs = map[string]string{
	"AWS_WEB_IDENTITY_TOKEN_FILE": AWS,   // AWS SDKs and Tools Reference Guide, "Assume role credential provider"
	"AZURE_FEDERATED_TOKEN_FILE":  Azure, // azure-identity, WorkloadIdentityCredential
	"ARM_USE_OIDC":                Azure, // Terraform: provider azurerm
	"ARM_OIDC_TOKEN":              Azure,
	"ARM_OIDC_TOKEN_FILE_PATH":    Azure,
	"VAULT_ID_TOKEN":              Vault, // GitLab: the token that secrets:vault takes by default
}

// Proof is the provider to which a variable of this name means a login with a token of the platform; "" for none. A switch that is
// off means none.
func Proof(name, text string) string {
	if text == "false" || text == "0" {
		return ""
	}
	return proofs[name]
}

// logins are the commands that log in with a token of the platform.
var logins = []struct {
	provider string
	part     string // that it cannot lack
	line     *regexp.Regexp
}{
	{AWS, "assume-role-with-web-identity", regexp.MustCompile(`\bassume-role-with-web-identity\b`)},
	{AWS, "AWS_WEB_IDENTITY_TOKEN_FILE", regexp.MustCompile(`\bAWS_WEB_IDENTITY_TOKEN_FILE=`)},
	{Azure, "--federated-token", regexp.MustCompile(`\baz\s+login\s[^\n;&|]*--federated-token\b`)},
	{Azure, "--federated-credential", regexp.MustCompile(`\bazd\s+auth\s+login\s[^\n;&|]*--federated-credential-provider\b`)},
	{Azure, "OIDC", regexp.MustCompile(`\bARM_(?:USE_OIDC=["']?true|OIDC_TOKEN=|OIDC_TOKEN_FILE_PATH=)`)},
	{GCP, "create-cred-config", regexp.MustCompile(`\bgcloud\s+iam\s+workload-identity-pools\s+create-cred-config\b`)},
	{Vault, "jwt=", regexp.MustCompile(`\bvault\s+write\s[^\n;&|]*\bauth/\S+/login\b[^\n;&|]*\bjwt=`)},
	{Vault, "jwt=", regexp.MustCompile(`\bvault\s+login\s[^\n;&|]*-method=(?:jwt|oidc)\b[^\n;&|]*\bjwt=`)},
	{Vault, "/v1/auth/jwt", regexp.MustCompile(`/v1/auth/jwt[^/\s]*/login\b`)},
}

// Logins lists, sorted, the providers that a script logs in to with a token of the platform.
func Logins(script string) []string {
	script = plain(script)
	var out []string
	for _, l := range logins {
		if !slices.Contains(out, l.provider) && strings.Contains(script, l.part) && l.line.MatchString(script) {
			out = append(out, l.provider)
		}
	}
	slices.Sort(out)
	return out
}
