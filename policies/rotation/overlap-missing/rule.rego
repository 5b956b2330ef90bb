# METADATA
# title: Old version of a signing key was ended too early
# description: >-
#   What the old version signed was still valid, or caches did not know the new public key yet, when the old one stopped
#   verifying: users were logged out or requests refused, and the next rotation will be put off. Keep both until the longest life
#   of a token and the cache time have passed (`token_life` and `cache_time` in `rotation.keys`), then retire the old one by a
#   plan of its own (`keyreeve-rotate plan --retire --only RESOURCE`). The rule judges what the ledger holds: from when the new
#   version came to be to when the old one was ended, against what the plan waited for, or 24 hours where it waited for nothing.
#   Emergencies end the old version at once on purpose, so they are not judged. That an old version was ended outside
#   `keyreeve-rotate` is not seen.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: cryptoperiods, and keys that may be compromised"
# custom:
#   severity: high
#   applies_to: [ledger.rotation]
#   settings:
#     min_hours: {default: 24, about: hours that old and new have to be side by side where the plan names none}
#     look_back_days: {default: 90, about: days for which a rotation is reported}
#   controls:
#     nist-800-53-r5: [SC-12]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: investigate
package keyreeve.rotation["overlap-missing"]

rotation := input.resource.rotation

applies if {
	rotation.purpose == "token_signing"
	rotation.pattern != "emergency"
	rotation.old_disabled_days <= input.settings.look_back_days
}

deny contains {
	"message": "the old version was ended before the new one had served the overlap",
	"facts": {"overlap_minutes": rotation.overlap_minutes, "window_minutes": rotation.window_minutes},
} if {
	rotation.overlap_minutes < rotation.window_minutes
}

deny contains {
	"message": "the old version was ended before the new one had served the overlap",
	"facts": {"overlap_minutes": rotation.overlap_minutes, "window_minutes": window},
} if {
	not rotation.window_minutes
	window := input.settings.min_hours * 60
	rotation.overlap_minutes < window
}
