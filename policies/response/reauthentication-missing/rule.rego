# METADATA
# title: Emergency rotation left sessions of the old credential alive
# description: >-
#   Who used a leaked credential holds tokens and sessions that outlive it: a new secret-id, access key or signing key does not
#   end them. After the new material the emergency has to force clients to log in again: Vault tokens and leases are revoked by
#   prefix, sessions issued before now are denied in AWS, and the old version of a signing key counts no more. The ledger holds no
#   such step of this rotation. Do it by hand now, and note it in the review. Rotations of what has no sessions, such as
#   encryption keys, are not judged, nor are drills.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#     description: "NIST SP 800-53: IR-4, AC-5"
# custom:
#   severity: high
#   applies_to: [ledger.rotation]
#   settings:
#     after_days: {default: 1, about: days after which an emergency that has not ended is expected to have done it}
#     look_back_days: {default: 365, about: days for which a rotation is reported}
#   controls:
#     nist-800-53-r5: [IR-4, IA-5]
#     pci-dss-4.0.1: ["3.7.5"]
#     iso-27001-2022: [A.5.26]
#   remedy: revoke
package keyreeve.response["reauthentication-missing"]

emergency := input.resource.rotation.emergency

applies if {
	emergency.drill == false
	emergency.began_days <= input.settings.look_back_days
	has_sessions
}

# What is logged in with gives sessions or tokens; what signs tokens is accepted as long as they are.
has_sessions if input.resource.rotation.of in {"aws.iam.access_key", "vault.approle.role", "vault.token", "vault.userpass.user"}

has_sessions if input.resource.rotation.purpose == "token_signing"

deny contains {
	"message": "nothing made clients log in again, so sessions of the old credential live on",
	"facts": {"began_days": emergency.began_days, "stage": input.resource.rotation.stage},
} if {
	not emergency.reauthenticated_at
	expected
}

expected if input.resource.rotation.state in {"done", "taken_back"}

expected if emergency.began_days >= input.settings.after_days
