# METADATA
# title: Nobody can administer a key or secret
# description: >-
#   No principal may change the policy of the key or secret, not even under conditions. It cannot be repaired, rotated by hand or
#   deleted; for an AWS key only AWS Support can help. The cause is often a key policy without a statement for the account, or one
#   whose only administrator was deleted since. For a key of Vault no policy but root writes to its path. Restore a statement for the
#   account, or for a role that exists, while somebody still can. The root user of an AWS account counts where the account has a
#   statement.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
#     description: "AWS KMS: the default key policy"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
# custom:
#   severity: high
#   applies_to: [aws.kms.key, aws.secretsmanager.secret, vault.transit.key, vault.kv.secret]
#   controls:
#     nist-800-53-r5: [SC-12, SC-12(1)]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-284]
package keyreeve.lifecycle["nobody-can-administer"]

applies if not provided

# What a provider manages is the provider's to administer.
provided if input.resource.key.manager == "provider"

deny contains {"message": "no principal can administer it"} if {
	input.resource.access.administrators.certain == 0
	input.resource.access.administrators.possible == 0
}
