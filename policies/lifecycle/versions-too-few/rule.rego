# METADATA
# title: Too few versions of secrets are kept
# description: >-
#   The versions of a secret before the current one are the way back when a rotation goes wrong: what has not taken up the new value
#   still needs the old one, and the old one is what to put back. With one version nothing is left of it; with two, a second attempt at
#   the same rotation destroys the value that worked. Keep three or more: `max_versions` of the mount's configuration or of the secret's
#   metadata (`vault_kv_secret_backend_v2`, `vault_kv_secret_v2`). 0, or left out, means what the level above keeps, in the end Vault's
#   ten. Only what is set is judged.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#configure-the-kv-engine
#     description: "Vault KV version 2: max_versions"
# custom:
#   severity: info
#   applies_to: [vault.mount, vault.kv.secret]
#   settings:
#     min_versions: {default: 3, about: versions of a secret to keep at least}
#   controls:
#     nist-800-53-r5: [CP-10]
#   remedy: configure
package keyreeve.lifecycle["versions-too-few"]

applies if input.resource.store.max_versions >= 0

applies if input.resource.secret.max_versions >= 0

deny contains {
	"message": "so few versions are kept that a rotation destroys the way back",
	"facts": {"max_versions": input.resource.store.max_versions, "min_versions": input.settings.min_versions},
} if {
	input.resource.store.max_versions > 0
	input.resource.store.max_versions < input.settings.min_versions
}

deny contains {
	"message": "so few versions are kept that a rotation destroys the way back",
	"facts": {"max_versions": input.resource.secret.max_versions, "min_versions": input.settings.min_versions},
} if {
	input.resource.secret.max_versions > 0
	input.resource.secret.max_versions < input.settings.min_versions
}
