# METADATA
# title: Expiry is too far away
# description: >-
#   An expiry ends what a rotation missed. One that lies years ahead ends nothing in time: a copied secret works until then. Set it to
#   somewhat more than the time the key or secret may serve; the rule reports what expires later than twice that, counted from today,
#   or, of a password whose length of validity is known, what is valid for longer. The limits are those of the rules that judge age, by
#   purpose; a password of an application has the limit of secrets. What never expires is another rule's, and so are keys that rotate
#   themselves.
# related_resources:
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/secure-key-vault
#     description: "Azure Key Vault: security best practices"
#   - ref: https://learn.microsoft.com/en-us/entra/identity-platform/security-best-practices-for-app-registration
#     description: "Microsoft Entra: security of application registrations"
# custom:
#   severity: low
#   applies_to: [azure.keyvault.key, azure.keyvault.secret, entra.password]
#   settings:
#     factor: {default: 2.0, about: how many times its limit may lie between now and its end}
#   settings_from:
#     signing: rotation/signing-key-overdue
#     encryption: rotation/encryption-key-overdue
#     secret: rotation/secret-overdue
#   controls:
#     mcsb-1: [DP-6]
#     nist-800-53-r5: [SC-12, IA-5]
#     pci-dss-4.0.1: ["3.7.4", "8.6.3"]
#     iso-27001-2022: [A.8.24, A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-324]
package keyreeve.rotation["expiry-too-far"]

import data.lib.rotation

applies if {
	input.resource.key.rotation.automatic == false
	input.resource.key.expires_at
	rotation.limit(input.resource.purpose, input.settings)
	rotation.serves
}

applies if {
	input.resource.secret.expires_at
	rotation.limit(input.resource.purpose, input.settings)
	rotation.serves
}

applies if input.resource.credential.expires_at

applies if input.resource.credential.valid_days

deny contains {
	"message": "it expires long after it should have been rotated",
	"facts": {"expires_in_days": input.resource.key.expires_in_days, "limit_days": limit.days, "factor": input.settings.factor},
} if {
	limit := rotation.limit(input.resource.purpose, input.settings)
	input.resource.key.expires_in_days > limit.days * input.settings.factor
}

deny contains {
	"message": "it expires long after it should have been rotated",
	"facts": {"expires_in_days": input.resource.secret.expires_in_days, "limit_days": limit.days, "factor": input.settings.factor},
} if {
	limit := rotation.limit(input.resource.purpose, input.settings)
	input.resource.secret.expires_in_days > limit.days * input.settings.factor
}

deny contains {
	"message": "it expires long after it should have been rotated",
	"facts": {"expires_in_days": input.resource.credential.expires_in_days, "limit_days": limit.days, "factor": input.settings.factor},
} if {
	not input.resource.credential.valid_days
	limit := rotation.limit("unclassified", input.settings)
	input.resource.credential.expires_in_days > limit.days * input.settings.factor
}

deny contains {
	"message": "it is valid long after it should have been rotated",
	"facts": {"valid_days": input.resource.credential.valid_days, "limit_days": limit.days, "factor": input.settings.factor},
} if {
	limit := rotation.limit("unclassified", input.settings)
	input.resource.credential.valid_days > limit.days * input.settings.factor
}
