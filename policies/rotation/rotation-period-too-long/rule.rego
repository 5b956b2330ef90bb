# METADATA
# title: Automatic rotation runs less often than the limit
# description: >-
#   Automatic rotation whose period is longer than the limit of its purpose will leave the key or secret overdue for part of every
#   round, and looks correct meanwhile. Shorten the period: `aws kms enable-key-rotation --key-id ID --rotation-period-in-days N`, or
#   `vault write transit/keys/NAME/config auto_rotate_period=2160h`. In code that is `rotation_period_in_days`, `RotationPeriodInDays`,
#   `auto_rotate_period`, `time_after_creation` of a Key Vault rotation policy, and `automatically_after_days` of a secret's rotation.
#   The limits are those of the rules that judge age.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html
#     description: "AWS KMS: enable automatic key rotation"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#update-key-configuration
#     description: "Vault Transit: update key configuration"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/keys/how-to-configure-key-rotation
#     description: "Azure Key Vault: configure key auto-rotation"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [key, secret]
#   settings_from:
#     signing: rotation/signing-key-overdue
#     encryption: rotation/encryption-key-overdue
#     secret: rotation/secret-overdue
#   controls:
#     nist-800-53-r5: [SC-12]
#     pci-dss-4.0.1: ["3.7.4"]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-324]
package keyreeve.rotation["rotation-period-too-long"]

import data.lib.rotation

applies if {
	input.resource.key.rotation.automatic == true
	rotation.limit(input.resource.purpose, input.settings)
	rotation.serves
}

applies if {
	input.resource.secret.rotation.automatic == true
	rotation.limit(input.resource.purpose, input.settings)
	rotation.serves
}

deny contains {
	"message": "its rotation period is longer than the limit of its purpose",
	"facts": {"period_days": input.resource.key.rotation.period_days, "limit_days": limit.days},
} if {
	limit := rotation.limit(input.resource.purpose, input.settings)
	input.resource.key.rotation.period_days > limit.days
}

deny contains {
	"message": "its rotation period is longer than the limit of its purpose",
	"facts": {"period_days": input.resource.secret.rotation.period_days, "limit_days": limit.days},
} if {
	limit := rotation.limit(input.resource.purpose, input.settings)
	input.resource.secret.rotation.period_days > limit.days
}
