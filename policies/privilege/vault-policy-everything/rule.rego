# METADATA
# title: Policy opens all of Vault
# description: >-
#   A policy on the path `*`, or on `+/*` and the like, reaches every secret, every key, every role of every login and the policies
#   themselves, those of tomorrow included: one stolen token is the whole Vault, and with `sudo` it is much of what the root token is.
#   Write down the paths that are needed. For administrators, split what runs the life cycle of keys from what reads secrets, and keep
#   break-glass access to root tokens that are made for an hour and revoked. A wide path that only lists, or only denies, passes. Each
#   statement is judged by itself: narrower paths of the same policy that take something away again do not excuse the wide one, and what
#   other policies of a token add or take away is not computed. The policies that Vault brings along are left out.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/production-hardening
#     description: "Vault: production hardening"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.policy]
#   replaces: [lifecycle/upsert-allowed, privilege/vault-power-minting]
#   controls:
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["vault-policy-everything"]

applies if {
	input.resource.policy.statements
	not input.resource.policy.builtin == true
}

deny contains {"message": "it grants access to every path", "at": s.at, "facts": {"capabilities": s.capabilities}} if {
	some s in input.resource.policy.statements
	everything(s)
}

# everything holds for a statement that does more than list, or deny, on all paths of at most a few segments.
everything(s) if {
	s.effect == "allow"
	regex.match(`^(\+/){0,2}\*$`, s.path)
	some c in s.capabilities
	not c in {"deny", "list"}
}
