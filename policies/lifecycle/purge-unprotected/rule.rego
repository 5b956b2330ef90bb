# METADATA
# title: Key can be destroyed at once
# description: >-
#   Deleting a key destroys everything that was encrypted under it. Vault Transit deletes at once, with no waiting period and no way back,
#   as soon as `deletion_allowed` is set, so one mistaken or malicious call is final. Turn it off: `vault write transit/keys/NAME/config
#   deletion_allowed=false`, and set it only for the minutes of a planned deletion.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#update-key-configuration
#     description: "Vault Transit: update key configuration"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.transit.key]
#   controls:
#     nist-800-53-r5: [SC-12, SC-12(1)]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
package keyreeve.lifecycle["purge-unprotected"]

deny contains {"message": "deletion is allowed and takes effect at once"} if input.resource.key.deletion_allowed == true
