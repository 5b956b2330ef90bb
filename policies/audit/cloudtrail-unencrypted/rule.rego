# METADATA
# title: Trail's log files are not under a key of your own
# description: >-
#   Without a key the log files are encrypted with one that Amazon S3 manages, so whoever may read the bucket may read them, and nothing
#   records who did. With a customer managed key of KMS (`kms_key_id`, `KMSKeyId`) a reader needs the key as well, its policy decides who
#   that is, and each decryption shows. Let the key's policy allow CloudTrail to encrypt (`kms:GenerateDataKey*`), with the trail's ARN as
#   a condition, and only auditors to decrypt. A default encryption of the bucket is not looked at.
# related_resources:
#   - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
#     description: "AWS CloudTrail: encrypting log files with AWS KMS keys"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [aws.cloudtrail.trail]
#   controls:
#     cis-aws-7.0.0: ["4.5"]
#     cis-aws-6.0.0: ["4.5"]
#     cis-aws-5.0.0: ["3.5"]
#     cis-aws-3.0.0: ["3.5"]
#     nist-800-53-r5: [AU-9]
#     iso-27001-2022: [A.8.15, A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-311]
package keyreeve.audit["cloudtrail-unencrypted"]

deny contains {"message": "log files are not encrypted with a customer managed key"} if {
	input.resource.audit.customer_key == false
}
