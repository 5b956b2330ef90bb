package kubernetes

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// isStore reports whether a kind is one by which External Secrets logs in to a provider.
func isStore(group, kind string) bool {
	return stores[kind] && group == "external-secrets.io"
}

var stores = map[string]bool{"SecretStore": true, "ClusterSecretStore": true}

// logins are where a store names the Secret that it logs in with, below spec.provider (API reference of External Secrets). What is not
// long-lived for certain has no provider: a token that somebody renews in the Secret, or a certificate.
var logins = []struct {
	path     string
	provider string
}{
	{"aws/auth/secretRef/secretAccessKeySecretRef", staticcred.AWS},
	{"azurekv/authSecretRef/clientSecret", staticcred.Azure},
	{"azurekv/authSecretRef/clientCertificate", staticcred.Azure},
	{"gcpsm/auth/secretRef/secretAccessKeySecretRef", staticcred.GCP},
	{"vault/auth/tokenSecretRef", staticcred.Vault},
	{"vault/auth/appRole/secretRef", staticcred.Vault},
	{"vault/auth/userPass/secretRef", staticcred.Vault},
	{"vault/auth/ldap/secretRef", staticcred.Vault},
	{"vault/auth/iam/secretRef/secretAccessKeySecretRef", staticcred.AWS},
	{"vault/auth/kubernetes/secretRef", ""},
	{"vault/auth/jwt/secretRef", ""},
	{"vault/auth/cert/secretRef", ""},
}

// store reads what External Secrets is handed to log in with. A service account that it names proves itself with a token of the cluster.
func (r *reader) store(o *object) {
	if o.patch {
		return // it is a part of the store that it is laid over
	}
	provider := o.node.Get("spec", "provider")
	var set staticcred.Set
	for _, l := range logins {
		parts := strings.Split(l.path, "/")
		ref := provider.Get(parts...)
		if ref == nil || ref.Kind == yamlnode.Null {
			continue
		}
		at := strings.Join(parts[:len(parts)-1], ".")
		if l.provider == "" {
			set.Open("what the Secret of " + strings.Join(parts, ".") + " holds may be short-lived")
			continue
		}
		set.AddAs(l.provider, staticcred.Handed{Scope: at, Name: parts[len(parts)-1], Via: staticcred.Secret, Line: ref.Line})
		if provider.Get(parts[:len(parts)-1]...).Get("sessionTokenSecretRef") != nil {
			set.Add(staticcred.Handed{Scope: at, Name: "AWS_SESSION_TOKEN", Via: staticcred.Secret})
		}
	}
	if provider == nil || provider.Kind != yamlnode.Map {
		set.Open("its provider is not stated")
	}
	if why := r.kustom.may(o, handed); why != "" {
		set.Open(why)
	}
	res := r.new(o, secretStore)
	res.Workload = &inventory.Workload{Platform: "kubernetes"}
	set.State(&res)
	r.yieldResource(res)
}
