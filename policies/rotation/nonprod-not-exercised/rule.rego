# METADATA
# title: Counterpart of a production key or secret has not been rotated for long
# description: >-
#   A staging or development key that stands for one in production (`canary` in `rotation.keys`) is there so that the automation
#   of rotation is exercised where it harms nobody. It has not been rotated in the last quarter, so whether the automation still
#   works will be found out in production. Rotate it, and do so more often than in production. Judged are keys and secrets that a
#   rotation in the ledger names as its counterpart, whoever rotated them; a counterpart is never told by its name.
# custom:
#   severity: low
#   applies_to: [key, secret]
#   settings:
#     max_days: {default: 90, about: days within which a counterpart has to have been rotated}
#   controls:
#     nist-800-53-r5: [SC-12]
#     iso-27001-2022: [A.8.24]
#   remedy: rotate
package keyreeve.rotation["nonprod-not-exercised"]

import data.lib.rotation

applies if {
	input.resource.tier in {"staging", "development"}
	some edge in input.resource.edges
	edge.type == "counterpart"
	edge.way == "in"
	rotation.has_age
	rotation.serves
}

deny contains {
	"message": "it has not been rotated for long, so the automation of its counterpart in production is unproven",
	"facts": {"age_days": rotation.age_days, "limit_days": input.settings.max_days},
} if {
	rotation.age_days > input.settings.max_days
}
