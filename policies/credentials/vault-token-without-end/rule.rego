# METADATA
# title: Vault token can live for ever
# description: >-
#   A token that never expires, or a periodic one that its holder can renew without end from any address, is a long-lived credential:
#   a copy of it works until somebody happens to revoke it. Let the workload log in with its own identity (Kubernetes auth, AppRole with
#   short secret-ids) and get tokens that end; where a periodic token is needed, such as for auto-unseal through Transit, bind it to the
#   client's addresses (`token_bound_cidrs`) or waive it by name. Tokens younger than 30 days are left alone; one that code declares is
#   judged by its terms, since it is meant to stay, and without a period Vault ends it. Root tokens have a rule of their own. Batch tokens
#   cannot be listed, but always end.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens#token-time-to-live-periodic-tokens-and-explicit-max-ttls
#     description: "Vault: time-to-live, periodic tokens, explicit max TTLs"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.token]
#   settings:
#     min_age_days: {default: 30, about: days a token must have lived before it is reported}
#   controls:
#     nist-800-53-r5: [IA-5]
#     pci-dss-4.0.1: ["8.6.3"]
#     iso-27001-2022: [A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: revoke
#   tags: [cwe-613]
package keyreeve.credentials["vault-token-without-end"]

import data.lib.network

applies if not "root" in input.resource.credential.policies

deny contains {
	"message": "the token never expires",
	"facts": {"age_days": input.resource.credential.age_days},
} if {
	not input.resource.credential.expires_at
	input.resource.credential.age_days > input.settings.min_age_days
}

deny contains {
	"message": "the token can be renewed without end from any address",
	"facts": {"age_days": input.resource.credential.age_days, "period_seconds": input.resource.credential.period_seconds},
} if {
	input.resource.credential.expires_at
	renewed_without_end
	network.unbound(input.resource.credential.bound_cidrs)
	input.resource.credential.age_days > input.settings.min_age_days
}

# Only a live token has an age, so the two above never speak of a declared one.
deny contains {
	"message": "the token can be renewed without end from any address",
	"facts": {"period_seconds": input.resource.credential.period_seconds},
} if {
	input.resource.origin == "declared"
	renewed_without_end
	not input.resource.credential.valid_days
	network.unbound(input.resource.credential.bound_cidrs)
}

renewed_without_end if {
	input.resource.credential.period_seconds > 0
	input.resource.credential.renewable == true
}
