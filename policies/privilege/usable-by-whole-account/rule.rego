# METADATA
# title: Key is open to every policy of its account
# description: >-
#   A statement for the account as a whole leaves the use of the key to whatever IAM policies the account has: each identity with
#   `kms:*`, or with `*` on every resource, decrypts. The statement itself is the default and prevents a lock-out, so it is no finding
#   alone: what counts is how many identities certainly use the key by it. Let the account statement delegate administration and
#   reading of metadata only, and name the roles that use the key, or take the wide policies from those who need them not.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
#     description: "AWS KMS: the default key policy"
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
#     description: "AWS KMS: best practices for IAM policies"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.kms.key, aws.secretsmanager.secret]
#   settings:
#     max_beneficiaries: {default: 10, about: identities that may use a key by policies of their own}
#   controls:
#     aws-fsbp-1.0.0: [KMS.1, KMS.2]
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.2, A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-732]
package keyreeve.privilege["usable-by-whole-account"]

deny contains {
	"message": "more identities than it needs use it by policies of their own",
	"at": w.at,
	"facts": {"beneficiaries": w.beneficiaries, "max": input.settings.max_beneficiaries, "actions": w.actions, "some": w.worst},
} if {
	some w in input.resource.access.account_wide
	w.beneficiaries > input.settings.max_beneficiaries
}

# Where not all who might be among them were read, it is not known whether there are too many.
deny contains {"message": "more identities than were counted use it by policies of their own"} if input.resource.access.more_beneficiaries
