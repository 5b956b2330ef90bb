# METADATA
# title: Automatic rotation is off where it could be on
# description: >-
#   Rotation that waits for a person is late when that person is busy. Turn it on where the back end offers it: `aws kms
#   enable-key-rotation --key-id ID --rotation-period-in-days N`, or `vault write transit/keys/NAME/config auto_rotate_period=2160h`.
#   AWS KMS rotates only enabled symmetric encryption keys whose material it made itself: asymmetric, HMAC and imported keys, keys in a
#   custom key store and multi-Region replicas (set it on the primary) are left out, and AWS rotates the keys it manages by itself. A
#   rotation status that could not be read is not "off". In code that is `enable_key_rotation` of `aws_kms_key`, `EnableKeyRotation` of
#   `AWS::KMS::Key`, `auto_rotate_period` of `vault_transit_secret_backend_key`, a `rotation_policy` with `automatic` of
#   `azurerm_key_vault_key`, and an `aws_secretsmanager_secret_rotation`; left out, rotation is off. A Key Vault policy that only
#   notifies rotates nothing. A setting that a file leaves open is not "off" either.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html
#     description: "AWS KMS: enable automatic key rotation"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#update-key-configuration
#     description: "Vault Transit: update key configuration"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/keys/how-to-configure-key-rotation
#     description: "Azure Key Vault: configure key auto-rotation"
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
#     description: "AWS Secrets Manager: rotate secrets"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [key, secret]
#   controls:
#     cis-aws-7.0.0: ["4.6"]
#     cis-aws-6.0.0: ["4.6"]
#     cis-aws-5.0.0: ["3.6"]
#     cis-aws-3.0.0: ["3.6"]
#     cis-azure-6.0.0: ["8.3.9"]
#     cis-azure-5.0.0: ["8.3.9"]
#     cis-azure-4.0.0: ["9.3.9"]
#     cis-azure-3.0.0: ["3.3.8"]
#     aws-fsbp-1.0.0: [KMS.4, SecretsManager.1]
#     mcsb-1: [DP-6]
#     nist-800-53-r5: [SC-12]
#     pci-dss-4.0.1: ["3.7.4"]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-324]
package keyreeve.rotation["automatic-rotation-off"]

import data.lib.rotation

applies if {
	input.resource.key.rotation.supported == true
	rotation.serves
}

applies if {
	input.resource.secret.rotation.supported == true
	not input.resource.purpose == "config"
	rotation.serves
}

deny contains {"message": "it could rotate itself, but automatic rotation is off"} if {
	input.resource.key.rotation.automatic == false
}

deny contains {"message": "it could rotate itself, but automatic rotation is off"} if {
	input.resource.secret.rotation.automatic == false
}
