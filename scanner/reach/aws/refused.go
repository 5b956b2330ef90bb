package aws

import (
	"fmt"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// usages are the usages of a key without which AWS KMS refuses an action, whatever policies say, with InvalidKeyUsageException. What a key
// is for cannot be changed. From the AWS KMS API Reference: CreateKey, KeyUsage, and the errors of each action.
var usages = map[string]string{
	"kms:Encrypt": "encrypt", "kms:ReEncryptTo": "encrypt", "kms:GenerateDataKey": "encrypt", "kms:GenerateDataKeyWithoutPlaintext": "encrypt",
	"kms:GenerateDataKeyPair": "encrypt", "kms:GenerateDataKeyPairWithoutPlaintext": "encrypt",
	"kms:Decrypt": "decrypt", "kms:ReEncryptFrom": "decrypt",
	"kms:Sign": "sign", "kms:Verify": "verify",
	"kms:GenerateMac": "mac", "kms:VerifyMac": "mac",
	"kms:DeriveSharedSecret": "derive", "kms:Encapsulate": "derive", "kms:Decapsulate": "derive",
}

// refused says why nobody may do something to a key, or nil.
func (t *target) refused(action string) error {
	if !unfit(t.resource, action) {
		return nil
	}
	return &access.Refused{Why: fmt.Sprintf("AWS KMS refuses %s with %q, whatever policies say, as the key was not made for that, and that cannot be changed", action, t.resource.Name)}
}

// unfit reports whether AWS KMS refuses an action with a key whoever asks, by what the key was made to be. For what was not read of a key
// nothing is refused. From the AWS KMS API Reference: the errors of each action, and the keys that it says it is for.
func unfit(r *inventory.Resource, action string) bool {
	if r.Key == nil {
		return false
	}
	k := *r.Key
	for fact, forget := range map[string]func(){
		"key.usages": func() { k.Usages = nil }, "key.algorithm": func() { k.Algorithm = "" }, "key.origin": func() { k.Origin = "" },
		"key.multi_region": func() { k.MultiRegion = "" },
	} {
		if r.Unread(fact) != nil {
			forget()
		}
	}
	if need := usages[action]; need != "" && len(k.Usages) > 0 && !slices.Contains(k.Usages, need) {
		return true
	}
	symmetric := k.Algorithm == "" || k.Algorithm == "aes"
	encrypts := len(k.Usages) == 0 || slices.Contains(k.Usages, "encrypt")
	switch action {
	case "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext":
		return !symmetric
	case "kms:Encapsulate", "kms:Decapsulate":
		return k.Algorithm != "" && k.Algorithm != "ml_kem"
	case "kms:DeriveSharedSecret":
		return k.Algorithm == "ml_kem"
	case "kms:ImportKeyMaterial", "kms:GetParametersForImport", "kms:DeleteImportedKeyMaterial":
		return k.Origin != "" && k.Origin != "imported"
	case "kms:EnableKeyRotation", "kms:DisableKeyRotation":
		return !symmetric || !encrypts || k.Origin != "" && k.Origin != "generated"
	case "kms:RotateKeyOnDemand":
		return !symmetric || !encrypts || k.Origin == "custom_store"
	case "kms:ReplicateKey", "kms:UpdatePrimaryRegion":
		return k.MultiRegion == "single"
	}
	return false
}
