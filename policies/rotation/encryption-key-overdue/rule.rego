# METADATA
# title: Encryption key is past its rotation period
# description: >-
#   The more data one key encrypts, the more is lost with it, and the nearer its safe limit of use comes. Rotate it, then bring data
#   keys under the new version (`vault write transit/rewrap/NAME`, or a re-wrap job), so that the old one can be retired. AWS KMS
#   rotates symmetric keys whose material it made, automatically or on demand; any other kind is rolled by hand: create a new key and
#   move the alias. The age counts from the newest version, not from the key's creation. Keys that AWS manages, keys that are disabled
#   or about to be deleted and keys that only decrypt are not overdue; a multi-Region replica is judged by its primary. Files state no
#   ages, so a key that infrastructure code declares is judged where it lives, by a scan of the back end.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: cryptoperiods"
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#     description: "AWS KMS: rotate keys"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#rewrap-data
#     description: "Vault Transit: re-wrap data"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [key, secret]
#   settings:
#     max_age_days: {default: 365, about: days a version may encrypt}
#     grace_days: {default: 30, about: days after that before a key is reported}
#   controls:
#     nist-800-53-r5: [SC-12]
#     pci-dss-4.0.1: ["3.7.4"]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: rotate
#   tags: [cwe-324]
package keyreeve.rotation["encryption-key-overdue"]

import data.lib.rotation

applies if {
	input.resource.purpose == "encryption"
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "the version that encrypts now has served longer than its limit",
	"facts": {"age_days": rotation.age_days, "limit_days": input.settings.max_age_days},
} if {
	rotation.age_days > input.settings.max_age_days + input.settings.grace_days
}
