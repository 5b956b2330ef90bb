# METADATA
# title: Login to Vault can make power that it lacks
# description: >-
#   Some paths of Vault give more than their names say: who writes `sys/policies/acl/...` writes its own rights, `sudo` on
#   `auth/token/create` issues tokens with policies that the caller has not, roles of tokens and logins hand out the policies that
#   they list, `identity/...` moves entities into groups, and `create` on `transit/encrypt/...` makes keys that nobody asked for.
#   Whoever steals such a login owns what it can make. Keep these paths to administrators in a namespace of their own, name the
#   policies and roles that may be written, and set `disable_upsert` on Transit mounts. What the holder has anyhow is not told.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/tokens
#     description: "Vault: tokens"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.policy, vault.approle.role, vault.kubernetes.role, vault.jwt.role, vault.userpass.user, vault.entity, vault.token.role]
#   controls:
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2, A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["vault-power-minting"]

# A policy in code is judged by itself; one that is live, with all others that a login comes out with.
applies if input.resource.type != "vault.policy"

applies if input.resource.origin == "declared"

deny contains {
	"message": "it can make power that it lacks",
	"at": m.at,
	"facts": {"path": m.path, "gain": m.gain},
} if {
	some m in input.resource.access.mints
}
