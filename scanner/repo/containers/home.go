package containers

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
)

// homes are what a user's tools keep credentials in. What is in them now, a file that mounts or copies one does not say.
var homes = []string{".aws", ".azure", ".config/gcloud", ".vault-token"}

// home is the one of homes that a path is, or lies in; "" for none.
func home(file string) string {
	file = "/" + strings.Trim(file, "/") + "/"
	for _, h := range homes {
		if strings.Contains(file, "/"+h+"/") {
			return h
		}
	}
	return ""
}

// credentialFiles are files in which a provider's tool keeps a credential, by the end of their path.
var credentialFiles = map[string]string{
	".aws/credentials": staticcred.AWS,   // AWS CLI: shared credentials file
	".vault-token":     staticcred.Vault, // Vault CLI: default token helper
}

// place notes a file that a container gets: one that is a credential by its path, or one of a home that may be.
func place(set *staticcred.Set, scope, file, how string, line int) {
	for end, provider := range credentialFiles {
		if file == end || strings.HasSuffix(file, "/"+end) {
			set.AddAs(provider, staticcred.Handed{Scope: scope, Name: end, Via: staticcred.File, Line: line})
		}
	}
	if h := home(file); h != "" {
		set.Open("the files in " + h + " that it " + how + " may be credentials")
	}
}
