# METADATA
# title: Key is very old
# description: Nobody rotates it. Find its owner, then rotate it.
# custom:
#   severity: critical
#   applies_to: [key]
#   settings_from: {old: rotation/old-key}
#   settings: {factor: {default: 2, about: how many limits}}
#   replaces: [rotation/old-key]
package keyreeve.rotation["very-old-key"]

deny contains {"message": "has served several times its limit"} if {
	input.resource.key.age_days > input.settings.old.max_age_days * input.settings.factor
}
