# METADATA
# title: Automatic rotation has never happened
# description: >-
#   Automatic rotation is configured, its period has passed, and no rotation is known: consumers have never lived through one, and
#   a cached or copied value breaks on the first. Rotate once on demand, at a time of your choosing (`aws kms
#   rotate-key-on-demand`, `aws secretsmanager rotate-secret`, `vault write -f transit/keys/NAME/rotate`), and see that all
#   consumers go on. Where automatic rotation was switched on late, that its first one is still to come is no error, but it is
#   unproven all the same.
# custom:
#   severity: low
#   applies_to: [key, secret]
#   settings:
#     grace_days: {default: 30, about: days of grace because providers rotate approximately on time}
#   controls:
#     nist-800-53-r5: [SC-12]
#     iso-27001-2022: [A.8.24]
#   remedy: rotate
package keyreeve.rotation["rotation-never-proven"]

import data.lib.rotation

applies if {
	input.resource.tier == "production"
	input.resource.key.rotation.automatic == true
	rotation.has_age
	rotation.serves
}

applies if {
	input.resource.tier == "production"
	input.resource.secret.rotation.automatic == true
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "it has never been rotated although its period has passed",
	"facts": {"age_days": input.resource.key.age_days, "period_days": input.resource.key.rotation.period_days},
} if {
	input.resource.key.age_days == input.resource.key.created_days
	input.resource.key.age_days > input.resource.key.rotation.period_days + input.settings.grace_days
}

deny contains {
	"message": "it has never been rotated although its period has passed",
	"facts": {"age_days": input.resource.secret.age_days, "period_days": input.resource.secret.rotation.period_days},
} if {
	input.resource.secret.age_days == input.resource.secret.created_days
	input.resource.secret.age_days > input.resource.secret.rotation.period_days + input.settings.grace_days
}
