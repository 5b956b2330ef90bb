# METADATA
# title: Secret is past its rotation period
# description: >-
#   API keys and passwords are copied into processes, logs and laptops; only a new value at the third party ends what an old copy can
#   do. Create a second credential there, write it as a new version, wait until every consumer has picked it up, then revoke the first.
#   The age counts from when the current version was written: that proves when the value was last stored, not that it was new, so do not
#   write the old value again. Editing tags or metadata is no rotation, and a secret made today is not overdue. Secrets that the back
#   end manages for a service, replicas, deleted secrets and paths classified as plain configuration are left out. What no selector
#   classifies is judged as a secret: `classify.purposes` says otherwise. Files state no ages, so a secret that infrastructure code
#   declares is judged where it lives, by a scan of the back end.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: cryptoperiods"
#   - ref: https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2
#     description: "Vault: KV version 2"
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
#     description: "AWS Secrets Manager: rotate secrets"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [secret, key]
#   settings:
#     max_age_days: {default: 90, about: days a version may serve}
#     grace_days: {default: 7, about: days after that before a secret is reported}
#   controls:
#     nist-800-53-r5: [IA-5]
#     pci-dss-4.0.1: ["8.6.3"]
#     iso-27001-2022: [A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: rotate
#   tags: [cwe-324]
package keyreeve.rotation["secret-overdue"]

import data.lib.rotation

applies if {
	input.resource.purpose in {"api_key", "connection", "unclassified"}
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "the current version was last written longer ago than its limit",
	"facts": {"age_days": rotation.age_days, "limit_days": input.settings.max_age_days},
} if {
	rotation.age_days > input.settings.max_age_days + input.settings.grace_days
}
