# METADATA
# title: Encrypting creates keys that nobody planned
# description: >-
#   Vault Transit creates a key when somebody with `create` encrypts under a name that it does not have. A typing error then makes a new
#   key of default kind, without rotation or owner, and the data under it is lost to those who look for it under the right name. Grant
#   `update` on `transit/encrypt/...`, which encrypts under keys that exist, and create keys where they are reviewed. A path with the
#   full name of a key passes, because it creates no other. Paths that end in a wildcard count where the mount is called transit, or
#   begins or ends so, and where any mount is meant; a transit engine under another name is not recognised. Vault can also be told not
#   to create keys so (`vault write transit/config/keys disable_upsert=true`): no file shows that, so a mount where it is set is not
#   told apart, and the finding is to be waived there. Each statement is judged by itself, against the narrower one on the same mount's
#   encrypt paths at most; what other policies of a token add or take away is not computed.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#encrypt-data
#     description: "Vault Transit: encrypt data, and how it creates keys"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#write-keys-configuration
#     description: "Vault Transit: disable_upsert"
#   - ref: https://developer.hashicorp.com/vault/docs/concepts/policies
#     description: "Vault: policies"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [vault.policy]
#   controls:
#     nist-800-53-r5: [AC-6, SC-12]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.lifecycle["upsert-allowed"]

applies if {
	input.resource.policy.statements
	not input.resource.policy.builtin == true
}

deny contains {"message": "who encrypts under a name that does not exist creates a key", "at": s.at} if {
	some s in input.resource.policy.statements
	s.effect == "allow"
	"create" in s.capabilities
	any_name(s.path)
	not narrowed(s.path)
}

# any_name holds for paths that match MOUNT/encrypt/NAME for names that nobody chose, MOUNT certainly being a transit engine or any mount.
any_name(path) if regex.match(`^(.+/)?([^/+*]+[-_])?transit([-_][^/+*]+)?/encrypt/([^/]*\*|\+)$`, path)

any_name(path) if regex.match(`^(\+|([^/+*]+[-_])?transit([-_][^/+*]+)?)/(encrypt|\+)/([^/]*\*|\+)$`, path)

any_name(path) if regex.match(`^([^/+*]+[-_])?transit([-_][^/+*]*)?(/|/encrypt/?)?\*$`, path)

any_name(path) if regex.match(`^(\+/)?\*$`, path)

# narrowed holds where the policy itself says something narrower of the encrypt paths below a path that ends in a star, for in Vault the
# narrower path alone decides.
narrowed(path) if {
	some n in input.resource.policy.statements
	n.path == concat("", [trim_suffix(path, "*"), "encrypt/*"])
	not "create" in n.capabilities
}
