# METADATA
# title: Rotation is stuck
# description: >-
#   A rotation that has begun and does not go on leaves old and new side by side for longer than anybody planned; automatic
#   rotation that has stopped working looks correct in every setting. Of a rotation in the ledger: `keyreeve-rotate status PLAN`
#   says what it waits for and `apply` goes on, or `abort` takes it back; when its plan has expired, what remains needs a new
#   plan. Of automatic rotation: look at why the last one failed (the Lambda function of a secret, the permissions of Key Vault, a
#   Transit key of a sealed or standby-only Vault). Judged are rotations in the ledger that wait for a gate past its time, were
#   stopped, or outlived their plan; keys and secrets whose next rotation is in the past; and Transit keys whose period has
#   elapsed. Secrets Manager's staging labels are not read.
# related_resources:
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot_rotation.html
#     description: "AWS Secrets Manager: troubleshoot rotation"
# custom:
#   severity: high
#   applies_to: [ledger.rotation, key, secret]
#   settings:
#     after_days: {default: 1, about: days of grace}
#   controls:
#     nist-800-53-r5: [SC-12]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC7.2]
#   remedy: investigate
package keyreeve.rotation["rotation-stuck"]

import data.lib.rotation

recorded := input.resource.rotation

applies if recorded.state == "under_way"

applies if {
	input.resource.key.rotation.automatic == true
	rotation.has_age
	rotation.serves
}

applies if {
	input.resource.secret.rotation.automatic == true
	rotation.has_age
	rotation.serves
}

deny contains {"message": "it has been waiting for longer than planned", "at": "waiting", "facts": {"due_in_days": recorded.due_in_days, "stage": recorded.stage}} if {
	recorded.state == "under_way"
	recorded.due_in_days < 0 - input.settings.after_days
}

deny contains {"message": "it was stopped and has not gone on", "at": "stopped", "facts": {"stopped_days": recorded.stopped_days, "stage": recorded.stage}} if {
	recorded.state == "under_way"
	recorded.stopped_days > input.settings.after_days
}

deny contains {"message": "its plan has expired before it ended", "at": "expired", "facts": {"expires_in_days": recorded.expires_in_days, "stage": recorded.stage}} if {
	recorded.state == "under_way"
	recorded.expires_in_days < 0 - input.settings.after_days
}

deny contains {"message": "its next automatic rotation is in the past", "facts": {"next_in_days": input.resource.key.rotation.next_in_days}} if {
	input.resource.key.rotation.next_in_days < 0 - input.settings.after_days
}

deny contains {"message": "its next automatic rotation is in the past", "facts": {"next_in_days": input.resource.secret.rotation.next_in_days}} if {
	input.resource.secret.rotation.next_in_days < 0 - input.settings.after_days
}

# Vault looks every hour which keys are due.
deny contains {
	"message": "its period has elapsed and it was not rotated",
	"facts": {"age_days": input.resource.key.age_days, "period_days": input.resource.key.rotation.period_days},
} if {
	input.resource.type == "vault.transit.key"
	input.resource.key.age_days > input.resource.key.rotation.period_days + input.settings.after_days
}
