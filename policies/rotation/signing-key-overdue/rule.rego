# METADATA
# title: Signing key is past its rotation period
# description: >-
#   Whoever copies a signing key can mint tokens, webhooks or releases for as long as it is trusted, so its life bounds the damage. Roll
#   it with an overlap: publish the new public key, wait until verifiers have fetched it, sign with the new key, and stop accepting the
#   old one when the last thing it signed has expired. Asymmetric and HMAC keys of AWS KMS cannot rotate in place: create a new key and
#   point the alias to it; keys of Vault Transit take a new version. The rule judges the key that signs now. A key that its series left
#   behind only verifies and is not overdue; a disabled key signs nothing; a multi-Region replica is judged by its primary. A signing
#   key that is kept as a secret counts from its last write. Files state no ages, so a key that infrastructure code declares is judged
#   where it lives, by a scan of the back end.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: cryptoperiods"
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys-manually.html
#     description: "AWS KMS: rotate keys manually"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#rotate-key
#     description: "Vault Transit: rotate a key"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [key, secret]
#   settings:
#     max_age_days: {default: 90, about: days a key that signs tokens or webhooks may serve}
#     code_signing_max_age_days: {default: 365, about: days a key that signs code may serve}
#     certificate_authority_max_age_days: {default: 1095, about: days a key of a certificate authority may serve}
#     grace_days: {default: 7, about: days after max_age_days before a key is reported}
#     yearly_grace_days: {default: 30, about: days after the two longer limits before a key is reported}
#   controls:
#     nist-800-53-r5: [SC-12]
#     pci-dss-4.0.1: ["3.7.4"]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: rotate
#   tags: [cwe-324]
package keyreeve.rotation["signing-key-overdue"]

import data.lib.rotation

applies if {
	input.resource.purpose in {"token_signing", "code_signing", "certificate_authority"}
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "the version that signs now has served longer than its limit",
	"facts": {"age_days": rotation.age_days, "limit_days": limit.days},
} if {
	limit := rotation.limit(input.resource.purpose, {"signing": input.settings})
	rotation.age_days > limit.days + limit.grace
}
