# METADATA
# title: AppRole hands out secret-ids that stay valid too long
# description: >-
#   A secret-id is a password for a machine. One that never expires, or lives longer than 30 days, and works from any address, is as good
#   to whoever finds it in a log or an image as to the workload. Set `secret_id_ttl` to hours and let the deployment fetch a fresh one
#   (response-wrapped); where that cannot be, set `secret_id_bound_cidrs` or `token_bound_cidrs` to the workload's network. An unlimited
#   number of uses is normal with a short life, a limited one does not replace it, and a block such as 0.0.0.0/0 binds nothing. Better
#   still, use an identity that the platform offers, such as Kubernetes auth. Roles that ask for no secret-id are left out.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/auth/approle
#     description: "Vault: AppRole auth method"
#   - ref: https://developer.hashicorp.com/vault/api-docs/auth/approle#create-update-approle
#     description: "Vault API: create or update an AppRole"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.approle.role]
#   settings:
#     max_ttl_days: {default: 30, about: days a secret-id that works from any address may live}
#   controls:
#     nist-800-53-r5: [IA-5]
#     pci-dss-4.0.1: ["8.6.3"]
#     iso-27001-2022: [A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-613]
package keyreeve.workload["approle-unbounded"]

import data.lib.network

applies if input.resource.trust.secret_id.required == true

deny contains {"message": "its secret-ids never expire and work from any address"} if {
	input.resource.trust.secret_id.ttl_seconds == 0
	unbound
}

deny contains {
	"message": "its secret-ids live too long and work from any address",
	"facts": {"ttl_seconds": input.resource.trust.secret_id.ttl_seconds, "limit_days": input.settings.max_ttl_days},
} if {
	input.resource.trust.secret_id.ttl_seconds > input.settings.max_ttl_days * 86400
	unbound
}

unbound if {
	network.unbound(input.resource.trust.secret_id.bound_cidrs)
	network.unbound(input.resource.trust.token_bound_cidrs)
}
