# METADATA
# title: Too little time to undo a deletion
# description: >-
#   When a key or secret is taken out of the code, the next deployment deletes it. What was encrypted under a key goes with it, and the
#   only guard is the time in which somebody can notice that something broke and cancel. Seven days, the least AWS accepts for a key,
#   are over before a holiday is; a secret with a recovery window of 0 is gone at once. Leave `deletion_window_in_days`
#   (`PendingWindowInDays`) and `recovery_window_in_days` at their default of 30; CloudFormation deletes a secret without a window, so
#   keep it there with `DeletionPolicy: Retain`. Put a lifecycle rule, a retention policy or a service control policy in front of the
#   deletion besides. None of those is looked at here, nor who may delete: the rule judges what the file states of the window. Windows
#   of Azure Key Vault are judged by rules of their own.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
#     description: "AWS KMS: delete a key"
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
#     description: "AWS Secrets Manager: delete a secret"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [aws.kms.key, aws.secretsmanager.secret]
#   settings:
#     min_window_days: {default: 30, about: days in which a deletion can be undone at least}
#   controls:
#     nist-800-53-r5: [SC-12, SC-12(1)]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
package keyreeve.lifecycle["destruction-unguarded"]

applies if input.resource.key.deletion_window_days >= 0

applies if input.resource.secret.recovery_days >= 0

deny contains {
	"message": "its deletion can be cancelled for too few days",
	"facts": {"window_days": input.resource.key.deletion_window_days, "min_days": input.settings.min_window_days},
} if {
	input.resource.key.deletion_window_days < input.settings.min_window_days
}

deny contains {
	"message": "it can be restored for too few days after its deletion",
	"facts": {"window_days": input.resource.secret.recovery_days, "min_days": input.settings.min_window_days},
} if {
	input.resource.secret.recovery_days < input.settings.min_window_days
}
