# METADATA
# title: Somebody outside can use a key or secret
# description: >-
#   A key policy, resource policy or grant lets a principal of another account use the key or read the secret. Whoever holds that
#   account, or takes it over, reads the data, and nobody notices when the contract ends. Remove who is not needed; for the others,
#   name roles instead of accounts, hold them by conditions and list their accounts under `trusted_accounts`. Whether the other side's
#   own policies allow it is not known here, so `certain` is often false: it can be changed there without asking. Accounts that are scanned
#   along are not outside, unless they are known to be of another organization, nor is whoever a policy lets in only as one of the key's own. Administration that a policy gives to outsiders has no effect
#   in AWS KMS and is not told.
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
#     description: "AWS KMS: users in other accounts"
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
#     description: "AWS IAM: cross-account evaluation"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [aws.kms.key, aws.kms.policy, aws.secretsmanager.secret, aws.secretsmanager.policy]
#   settings:
#     trusted_accounts: {default: [], about: IDs of accounts outside that may use keys and secrets}
#   controls:
#     nist-800-53-r5: [AC-3, AC-6]
#     iso-27001-2022: [A.8.3]
#     soc2-2017: [CC6.1, CC6.6]
#   remedy: configure
#   tags: [cwe-732]
package keyreeve.privilege["external"]

# A policy in code is judged by itself; one that is live, with all others, at its key or secret. Code does not say of which account a secret will
# be, so that of an account that its policy names by number it is not known whether it is another.
applies if input.resource.kind != "policy"

applies if input.resource.origin == "declared"

deny contains {
	"message": "a principal of another account can use it",
	"at": o.principal,
	"facts": {"account": o.account, "by": o.at, "actions": o.actions, "certain": o.certain},
} if {
	some o in input.resource.access.outsiders
	not o.account in input.settings.trusted_accounts
}
