# METADATA
# title: Automatic rotation is off where it could be on
# description: >-
#   Rotation that waits for a person is late when that person is busy. Turn it on where the back end offers it: `aws kms
#   enable-key-rotation --key-id ID --rotation-period-in-days N`, or `vault write transit/keys/NAME/config auto_rotate_period=2160h`. AWS
#   KMS rotates only enabled symmetric encryption keys whose material it made itself: asymmetric, HMAC and imported keys, keys in a custom
#   key store and multi-Region replicas (set it on the primary) are left out, and AWS rotates the keys it manages by itself. A rotation
#   status that could not be read is not "off".
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html
#     description: "AWS KMS: enable automatic key rotation"
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#update-key-configuration
#     description: "Vault Transit: update key configuration"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [key, secret]
#   controls:
#     cis-aws-7.0.0: ["4.6"]
#     cis-aws-6.0.0: ["4.6"]
#     cis-aws-5.0.0: ["3.6"]
#     cis-aws-3.0.0: ["3.6"]
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
