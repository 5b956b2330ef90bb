# METADATA
# title: Emergency rotation has not been reviewed
# description: >-
#   What leaked, how, who used it in the meantime and what is still to do is known to few people after an emergency, and soon to
#   nobody. Somebody who neither planned nor applied it has to go through it within five working days and say so: `keyreeve-rotate
#   ledger review PLAN --note TEXT`. Five working days are seven days at most, so that is the default. Drills are not judged.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#     description: "NIST SP 800-53: IR-4, AC-5"
# custom:
#   severity: high
#   applies_to: [ledger.rotation]
#   settings:
#     max_days: {default: 7, about: days after the beginning of an emergency within which it has to be reviewed}
#   controls:
#     nist-800-53-r5: [IR-4]
#     iso-27001-2022: [A.5.26]
#   remedy: investigate
package keyreeve.response["review-overdue"]

emergency := input.resource.rotation.emergency

applies if emergency.drill == false

deny contains {"message": "the emergency has not been reviewed", "facts": {"began_days": emergency.began_days, "limit_days": input.settings.max_days}} if {
	not emergency.reviewed_at
	emergency.began_days > input.settings.max_days
}
