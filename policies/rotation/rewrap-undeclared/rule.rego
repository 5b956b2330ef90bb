# METADATA
# title: Nobody says how data under old key versions is re-wrapped
# description: >-
#   After a rotation the data that was encrypted before still hangs on the old versions, so they cannot be retired and a copy of one
#   still opens it. Re-wrap that data (`vault write transit/rewrap/NAME ciphertext=...` replaces the wrapping and shows no plaintext),
#   then raise `min_decryption_version`. If that is done, or if old versions have to stay, say so under `classify.rewrap` in
#   keyreeve.yaml or in the tag `keyreeve:rewrap`: keys of database TDE, for one, must keep old versions so that backups restore. AWS
#   KMS keeps old material of a rotating key for ever by design, so the rule does not apply to it. Files state no ages, so a key that
#   infrastructure code declares is judged where it lives, by a scan of the back end.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#rewrap-data
#     description: "Vault Transit: re-wrap data"
# custom:
#   severity: low
#   applies_to: [key]
#   settings:
#     after_days: {default: 30, about: days after a rotation before data under old versions is expected to be taken care of}
#   controls:
#     nist-800-53-r5: [SC-12]
#     pci-dss-4.0.1: ["3.7.5"]
#     iso-27001-2022: [A.8.24]
#   remedy: rewrap
#   tags: [cwe-324]
package keyreeve.rotation["rewrap-undeclared"]

import data.lib.rotation

applies if {
	input.resource.purpose == "encryption"
	input.resource.key.rotation.keeps_old_forever == false
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "old versions still decrypt and no way to re-wrap their data is declared",
	"facts": {"age_days": input.resource.key.age_days, "accepted_versions": input.resource.key.versions.accepted},
} if {
	not input.resource.key.rewrap
	input.resource.key.versions.accepted > 1
	input.resource.key.age_days > input.settings.after_days
}
