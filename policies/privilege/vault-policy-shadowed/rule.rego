# METADATA
# title: Rule of a Vault policy undoes another
# description: >-
#   Exactly one rule of all policies of a token decides a request: the one whose path fits best. A Deny on `secret/*` therefore does
#   not hold where another policy of the same token has a rule for `secret/app`, and a rule for `secret/app` that only updates takes
#   away the reading that `secret/*` gave. Only rules of policies that one login or entity has together are compared. Write the Deny
#   on the narrower path too, repeat in the narrower rule all capabilities that are meant to stay, or, where the exception is meant,
#   accept the finding with its reason; `effects` says which of the two surprises are told.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
# custom:
#   severity: medium
#   applies_to: [vault.policy, vault.approle.role, vault.kubernetes.role, vault.jwt.role, vault.userpass.user, vault.entity, vault.token.role]
#   settings:
#     effects: {default: [grants_denied, drops_granted], about: "surprises that are told, of grants_denied and drops_granted"}
#   controls:
#     nist-800-53-r5: [AC-3, AC-6]
#     iso-27001-2022: [A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-863]
package keyreeve.privilege["vault-policy-shadowed"]

# A policy in code is judged by itself; one that is live, with all others that a login comes out with.
applies if input.resource.type != "vault.policy"

applies if input.resource.origin == "declared"

deny contains {
	"message": "a narrower rule grants what a wider one denies",
	"at": sprintf("%s over %s", [s.at, s.over]),
	"facts": {"narrower": s.at, "wider": s.over, "paths": s.paths},
} if {
	some s in input.resource.access.shadows
	s.effect == "grants_denied"
	"grants_denied" in input.settings.effects
}

deny contains {
	"message": "a narrower rule takes away what a wider one grants",
	"at": sprintf("%s over %s", [s.at, s.over]),
	"facts": {"narrower": s.at, "wider": s.over, "paths": s.paths},
} if {
	some s in input.resource.access.shadows
	s.effect == "drops_granted"
	"drops_granted" in input.settings.effects
}
