# METADATA
# title: Emergency rotation without a ticket or without a second approval
# description: >-
#   An emergency skips overlap and canary, so it is where a single person could do harm unseen: the ledger has to show a ticket,
#   and the signed approval of somebody who neither planned nor applied it and who may approve it, before the emergency began or
#   within the time that `rotation.emergency.approve_within` gives. `keyreeve-rotate` refuses to begin or to go on without one, so
#   a finding means that the approval did not come in time, or that the ledger was written by something else. Clear up what was
#   done, by whom and why, and have it reviewed (`keyreeve-rotate ledger review`). Drills are not judged. Here an approval is an
#   entry that carries a signature; that it holds was checked when the plan was applied.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#     description: "NIST SP 800-53: IR-4, AC-5"
# custom:
#   severity: critical
#   applies_to: [ledger.rotation]
#   settings:
#     look_back_days: {default: 365, about: days for which a rotation is reported}
#   controls:
#     nist-800-53-r5: [AC-5, IR-4]
#     iso-27001-2022: [A.5.3, A.5.26]
#     soc2-2017: [CC6.3]
#   remedy: investigate
package keyreeve.response["emergency-without-approval"]

emergency := input.resource.rotation.emergency

applies if {
	emergency.drill == false
	emergency.began_days <= input.settings.look_back_days
}

deny contains {"message": "the emergency has no ticket", "at": "ticket", "facts": {"began_days": emergency.began_days}} if not emergency.ticket

deny contains {
	"message": "nobody but those who planned and applied it has approved the emergency",
	"at": "approval",
	"facts": {"began_days": emergency.began_days, "within_minutes": emergency.within_minutes},
} if {
	not emergency.approved_at
	emergency.approve_by_in_days < 0
}

deny contains {
	"message": "the emergency was approved after the time in which it had to be",
	"at": "approval",
	"facts": {"approval_minutes": emergency.approval_minutes, "within_minutes": emergency.within_minutes},
} if {
	emergency.approval_minutes > emergency.within_minutes
}
