# METADATA
# title: Key is old
# description: A key that serves for long protects too much. Rotate it.
# related_resources: [{ref: "https://example.com/keys", description: "About keys"}]
# custom:
#   severity: {production: high, default: low}
#   applies_to: [key]
#   settings:
#     max_age_days: {default: 90, about: days a key may serve, tiers: {development: 10}}
#     grace_days: {default: 7, about: days of grace}
#   controls: {nist-800-53-r5: [SC-12]}
#   remedy: rotate
#   tags: [cwe-324]
package keyreeve.rotation["old-key"]

import data.lib.service

applies if {
	service.serves(input.resource.key)
	not input.resource.series.role == "predecessor"
}

deny contains {
	"message": "has served longer than its limit",
	"facts": {"age_days": input.resource.key.age_days, "limit_days": input.settings.max_age_days, "bits": input.resource.key.bits},
} if {
	input.resource.key.age_days > input.settings.max_age_days + input.settings.grace_days
}
