# METADATA
# title: Production was rotated before its counterpart in staging
# description: >-
#   The configuration maps this key or secret to a counterpart of an earlier tier (`canary` in `rotation.keys`) so that a rotation
#   that goes wrong does so there first. The ledger holds a rotation in production and none of a counterpart in the month before
#   it. Plan both together with the pattern `canary`. Emergencies are not judged, nor is what a provider rotates by its own
#   schedule; a counterpart is never told by its name, and a rotation that `keyreeve-rotate` did not make is not seen.
# custom:
#   severity: medium
#   applies_to: [ledger.rotation]
#   settings:
#     within_days: {default: 30, about: days before the rotation within which a counterpart has to have been rotated}
#     look_back_days: {default: 90, about: days for which a rotation is reported}
#   controls:
#     nist-800-53-r5: [SC-12]
#     iso-27001-2022: [A.8.24]
#   remedy: investigate
package keyreeve.rotation["canary-skipped"]

rotation := input.resource.rotation

applies if {
	rotation.tier == "production"
	rotation.counterparts > 0
	rotation.pattern != "emergency"
	rotation.created_days <= input.settings.look_back_days
}

deny contains {"message": "no counterpart was rotated before it", "facts": {"counterparts": rotation.counterparts, "created_days": rotation.created_days}} if {
	not rotation.counterpart_days
}

deny contains {
	"message": "no counterpart was rotated shortly before it",
	"facts": {"counterpart_days": rotation.counterpart_days, "limit_days": input.settings.within_days},
} if {
	rotation.counterpart_days > input.settings.within_days
}
