package vault

import "github.com/keyreeve/keyreeve/scanner/inventory"

// approle reads roles, not their secret-ids.
var approle = engine{
	name: "approle", auth: true, usual: "approle", what: "AppRole roles", list: listAppRoles, read: readAppRole,
	start: func(res *inventory.Resource, mount string) {
		res.Trust = &inventory.Trust{Method: "approle", Mount: "auth/" + mount, SecretID: &inventory.SecretIDTerms{}}
	},
	fill: func(r *run, a *answer) {
		r.tokenTerms(a)
		id := a.Trust.SecretID
		id.Required = a.flag("trust.secret_id.required", "bind_secret_id")
		id.TTLSeconds = a.number("trust.secret_id.ttl_seconds", "secret_id_ttl")
		id.Uses = a.number("trust.secret_id.uses", "secret_id_num_uses")
		id.BoundCIDRs = a.texts("trust.secret_id.bound_cidrs", "secret_id_bound_cidrs")
	},
}
