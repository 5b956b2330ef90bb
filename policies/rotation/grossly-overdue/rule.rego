# METADATA
# title: Key or secret is far past its rotation period
# description: >-
#   A version that has served twice its limit was not late once: nobody rotates it, and probably nobody has practised how. Find its
#   owner and every consumer first, then rotate it by the steps of the rule it replaces, and put it on a schedule. For such a resource
#   this finding stands in the place of the ordinary one. Files state no ages, so a key that infrastructure code declares is judged
#   where it lives, by a scan of the back end.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: cryptoperiods"
# custom:
#   severity: {production: critical, default: high}
#   applies_to: [key, secret]
#   settings:
#     factor: {default: 2.0, about: how many times its limit a version may serve before it is far past it}
#   settings_from:
#     signing: rotation/signing-key-overdue
#     encryption: rotation/encryption-key-overdue
#     secret: rotation/secret-overdue
#   replaces: [rotation/signing-key-overdue, rotation/encryption-key-overdue, rotation/secret-overdue]
#   controls:
#     nist-800-53-r5: [SC-12, IA-5]
#     pci-dss-4.0.1: ["3.7.4", "8.6.3"]
#     iso-27001-2022: [A.8.24, A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: rotate
#   tags: [cwe-324]
package keyreeve.rotation["grossly-overdue"]

import data.lib.rotation

applies if {
	rotation.limit(input.resource.purpose, input.settings)
	rotation.has_age
	rotation.serves
}

# The second condition keeps a short limit with a long grace from failing here while the ordinary rule still passes.
deny contains {
	"message": "the current version has served several times its limit",
	"facts": {"age_days": rotation.age_days, "limit_days": limit.days, "factor": input.settings.factor},
} if {
	limit := rotation.limit(input.resource.purpose, input.settings)
	rotation.age_days > limit.days * input.settings.factor
	rotation.age_days > limit.days + limit.grace
}
