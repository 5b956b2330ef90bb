package main

import "github.com/keyreeve/keyreeve/scanner/finding"

const (
	waived  finding.Verdict = "waived"
	nothing finding.Verdict = "" // a pass, or the rule does not apply
)

// prod and others shorten the IDs of the demo's Vault.
const (
	prod    = "vault:demo/root/prod/"
	staging = "vault:demo/root/staging/"
	logins  = "vault:demo/root/auth/"
)

// expected is what the demo's runs have to say, for each rule on good and bad resources, by ID or by name.
var expected = []struct {
	rule, resource string
	verdict        finding.Verdict
}{
	{"rotation/signing-key-overdue", prod + "transit/keys/jwt-signing", finding.Fail},
	{"rotation/signing-key-overdue", prod + "transit/keys/session-signing", nothing},
	{"rotation/signing-key-overdue", prod + "transit/keys/webhook-signing", nothing},     // grossly overdue says it
	{"rotation/signing-key-overdue", prod + "transit/keys/request-mac", finding.Unknown}, // Vault does not state when an HMAC key's version was made
	{"rotation/signing-key-overdue", prod + "transit/keys/release-signing", finding.Fail},
	{"rotation/signing-key-overdue", staging + "transit/keys/jwt-signing", nothing},
	{"rotation/signing-key-overdue", "alias/jwt", finding.Fail},
	{"rotation/signing-key-overdue", "alias/webhooks", nothing},
	{"rotation/signing-key-overdue", "alias/release", nothing},

	{"rotation/encryption-key-overdue", prod + "transit/keys/backup-encryption", finding.Fail},
	{"rotation/encryption-key-overdue", prod + "transit/keys/payload-encryption", nothing},
	{"rotation/encryption-key-overdue", prod + "transit/keys/card-encryption", nothing},
	{"rotation/encryption-key-overdue", "alias/payments", nothing},
	{"rotation/encryption-key-overdue", "alias/backup", finding.Fail},
	{"rotation/encryption-key-overdue", "alias/aws/s3", nothing},
	{"rotation/encryption-key-overdue", "alias/locked-away", finding.Unknown},

	{"rotation/secret-overdue", prod + "kv/metadata/shipping/carrier", finding.Fail},
	{"rotation/secret-overdue", prod + "kv/metadata/payments/database", nothing},
	{"rotation/secret-overdue", prod + "kv/metadata/feature-flags", nothing},
	{"rotation/secret-overdue", staging + "kv/metadata/payments/card-processor", nothing},

	{"rotation/secret-overdue", "storefront/mail", finding.Fail},
	{"rotation/secret-overdue", "storefront/database", nothing},
	{"rotation/secret-overdue", "rds!cluster-orders", nothing},

	{"rotation/grossly-overdue", prod + "transit/keys/webhook-signing", finding.Fail},
	{"rotation/grossly-overdue", prod + "transit/keys/archive-encryption", waived},
	{"rotation/grossly-overdue", prod + "kv/metadata/payments/card-processor", finding.Fail},
	{"rotation/grossly-overdue", prod + "kv/metadata/feature-flags", nothing},
	{"rotation/grossly-overdue", "alias/archive", finding.Fail},

	{"rotation/automatic-rotation-off", prod + "transit/keys/session-signing", finding.Fail},
	{"rotation/automatic-rotation-off", prod + "transit/keys/card-encryption", nothing},
	{"rotation/automatic-rotation-off", "alias/archive", finding.Fail},
	{"rotation/automatic-rotation-off", "alias/partner", nothing},
	{"rotation/rotation-period-too-long", "alias/backup", finding.Fail},
	{"rotation/rotation-period-too-long", "alias/events", nothing},
	{"rotation/rewrap-undeclared", prod + "transit/keys/payload-encryption", finding.Fail},
	{"rotation/rewrap-undeclared", prod + "transit/keys/card-encryption", nothing},

	{"lifecycle/purge-unprotected", prod + "transit/keys/scratch", finding.Fail},
	{"lifecycle/purge-unprotected", prod + "transit/keys/partner-exchange", nothing},
	{"lifecycle/material-exportable", prod + "transit/keys/partner-exchange", finding.Fail},
	{"lifecycle/material-exportable", prod + "transit/keys/scratch", nothing},

	{"workload/approle-unbounded", logins + "approle/role/nightly-export", finding.Fail},
	{"workload/approle-unbounded", logins + "approle/role/deploy", nothing},
	{"workload/vault-kubernetes-role-wide", logins + "kubernetes/role/anyone", finding.Fail},
	{"workload/vault-kubernetes-role-wide", logins + "kubernetes/role/payments", nothing},

	{"credentials/vault-root-token", "root", finding.Fail},
	{"credentials/vault-token-without-end", "token-ci-runner", finding.Fail},
	{"credentials/vault-token-without-end", "token-edge-unseal", nothing},
	{"credentials/vault-token-without-end", "token-on-call", nothing},

	{"workload/irsa-open", "reports", finding.Fail},
	{"workload/irsa-open", "payments", nothing},
	{"privilege/wildcard-identity-grant", "AdministratorAccess", finding.Fail},
	{"privilege/public", "arn:aws:kms:us-east-1:111122223333:key/00000001-0000-4000-8000-000000000001#policy", finding.Unknown}, // of the key that nobody may look at

	{"audit/vault-audit-off", "vault:demo/root/sys", nothing},
	{"audit/vault-audit-single", "vault:demo/root/sys", finding.Fail},
	{"audit/vault-audit-raw", "vault:demo/root/sys/audit/file", finding.Fail},

	{"credentials/in-repository", "repo:repository#aws-access-token:deploy/production.env:1", finding.Fail},
	{"credentials/in-repository", "repo:repository#github-pat:publish/release.sh:1", finding.Fail},
	{"credentials/in-repository", "repo:repository#aws-access-token:tests/fixture.py:1", waived},
	{"credentials/in-repository-generic", "repo:repository#generic-api-key:billing/settings.py:1", finding.Fail},
}
