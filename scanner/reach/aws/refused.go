package aws

import (
	"fmt"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// usages are the usages of a key without which AWS KMS refuses an action, whatever policies say, with InvalidKeyUsageException. What a key
// is for cannot be changed. From the AWS KMS API Reference: CreateKey, KeyUsage, and the errors of each action.
var usages = map[string]string{
	"kms:Encrypt": "encrypt", "kms:ReEncryptTo": "encrypt", "kms:GenerateDataKey": "encrypt", "kms:GenerateDataKeyWithoutPlaintext": "encrypt",
	"kms:GenerateDataKeyPair": "encrypt", "kms:GenerateDataKeyPairWithoutPlaintext": "encrypt",
	"kms:Decrypt": "decrypt", "kms:ReEncryptFrom": "decrypt",
	"kms:Sign": "sign", "kms:Verify": "verify",
	"kms:GenerateMac": "mac", "kms:VerifyMac": "mac",
	"kms:DeriveSharedSecret": "derive",
}

// refused says why nobody may do something to a key, or nil. Of a key whose usages were not read anybody may.
func (t *target) refused(action string) error {
	k, usage := t.resource.Key, usages[action]
	if usage == "" || k == nil || len(k.Usages) == 0 || t.resource.Unread("key.usages") != nil || slices.Contains(k.Usages, usage) {
		return nil
	}
	return &access.Refused{Why: fmt.Sprintf("AWS KMS refuses %s with %q, whatever policies say, as the key was not made for that, and that cannot be changed", action, t.resource.Name)}
}
