# METADATA
# title: No emergency drill for a long time
# description: >-
#   An emergency that nobody has practised is slow and goes wrong. Go through one in staging or development every quarter:
#   `keyreeve-rotate plan RESULT --snapshot SNAPSHOT --emergency --drill --ticket ID --only RESOURCE`, then approve and apply it
#   to its end. The rule looks at the ledger that the configuration names; a ledger younger than the limit is not expected to hold
#   one.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#     description: "NIST SP 800-53: IR-4, AC-5"
# custom:
#   severity: low
#   applies_to: [ledger.log]
#   settings:
#     max_days: {default: 90, about: days within which a drill has to have been carried through}
#   controls:
#     nist-800-53-r5: [IR-4]
#     iso-27001-2022: [A.5.26]
#   remedy: configure
package keyreeve.response["drill-stale"]

ledger := input.resource.ledger

deny contains {"message": "the ledger holds no emergency drill", "facts": {"opened_days": ledger.opened_days, "limit_days": input.settings.max_days}} if {
	not ledger.drilled_at
	ledger.opened_days > input.settings.max_days
}

deny contains {"message": "the last emergency drill was long ago", "facts": {"drilled_days": ledger.drilled_days, "limit_days": input.settings.max_days}} if {
	ledger.drilled_days > input.settings.max_days
}
