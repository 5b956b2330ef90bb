# METADATA
# title: Old versions of a signing key are accepted long after their successor
# description: >-
#   A copy of the old version, from a backup or a log, still signs what is accepted. Two weeks after the new version came to be
#   every token of the old one has run out and every cache has been renewed, so end it: `keyreeve-rotate plan RESULT --snapshot
#   SNAPSHOT --retire --only RESOURCE`, or raise `min_decryption_version` of a Transit key once all clients verify with the new
#   one. An overlap that the ledger opened and that is inside its window passes, however long it is: that is what `token_life` in
#   `rotation.keys` says, and while a rotation is under way its plan. Judged are keys whose back end says how many versions it
#   accepts. That an identity has two access keys is no finding of this rule, nor is an old KMS key beside its successor.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: cryptoperiods, and keys that may be compromised"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#update-key-configuration
#     description: "Vault Transit: min_decryption_version"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [key]
#   settings:
#     max_days: {default: 14, about: days after a rotation for which old versions may be accepted}
#   controls:
#     nist-800-53-r5: [SC-12]
#     iso-27001-2022: [A.8.24]
#     pci-dss-4.0.1: ["3.7.5"]
#   remedy: configure
package keyreeve.rotation["overlap-too-long"]

import data.lib.rotation

applies if {
	input.resource.purpose == "token_signing"
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "old versions are still accepted although their successor has served for long",
	"facts": {"age_days": input.resource.key.age_days, "accepted_versions": input.resource.key.versions.accepted, "limit_days": input.settings.max_days},
} if {
	input.resource.key.versions.accepted > 1
	input.resource.key.age_days > input.settings.max_days
	not opened_and_inside_its_window
}

# The ledger opened the overlap, and its window has not closed.
opened_and_inside_its_window if input.resource.series.overlap_closes_in_days >= 0
