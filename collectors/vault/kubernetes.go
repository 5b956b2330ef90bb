package vault

import "github.com/keyreeve/keyreeve/scanner/inventory"

var kubernetes = engine{
	name: "kubernetes", auth: true, usual: "kubernetes", what: "Kubernetes roles", list: listKubernetesRoles, read: readKubernetesRole,
	start: func(res *inventory.Resource, mount string) {
		res.Trust = &inventory.Trust{Method: "kubernetes", Mount: "auth/" + mount}
	},
	fill: func(r *run, a *answer) {
		r.tokenTerms(a)
		t := a.Trust
		t.ServiceAccounts = a.texts("trust.service_accounts", "bound_service_account_names")
		t.Namespaces = a.texts("trust.namespaces", "bound_service_account_namespaces")
		t.NamespaceSelector = a.text("trust.namespace_selector", "bound_service_account_namespace_selector")
		// Vault leaves the audience out of an answer when the role has none.
		if a.has("audience") || !a.has("bound_service_account_names", "token_policies") {
			t.Audience = a.text("trust.audience", "audience")
		}
	},
}
