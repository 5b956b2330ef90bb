package aws

import (
	"slices"
	"testing"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// keyOf is a key of which what is not stated was not read.
func keyOf(k inventory.Key) *inventory.Resource {
	r := &inventory.Resource{ID: "k", Type: keyType, Origin: inventory.Live, Key: &k}
	for fact, stated := range map[string]bool{
		"key.usages": k.Usages != nil, "key.algorithm": k.Algorithm != "", "key.origin": k.Origin != "", "key.multi_region": k.MultiRegion != "",
	} {
		if !stated {
			r.Unknown = append(r.Unknown, inventory.Unknown{Fact: fact, Why: inventory.Denied})
		}
	}
	return r
}

func TestUnfit(t *testing.T) {
	encrypts, signs, agrees := []string{"decrypt", "encrypt"}, []string{"sign", "verify"}, []string{"derive"}
	tests := []struct {
		name string
		key  inventory.Key
		want []string // of the duties, those that the key refuses
	}{
		{
			"symmetric encryption",
			inventory.Key{Usages: encrypts, Algorithm: "aes", Origin: "generated", MultiRegion: "primary"},
			[]string{"kms:Decapsulate", "kms:DeleteImportedKeyMaterial", "kms:DeriveSharedSecret", "kms:GenerateMac", "kms:GetParametersForImport", "kms:ImportKeyMaterial", "kms:Sign"},
		},
		{
			"imported material",
			inventory.Key{Usages: encrypts, Algorithm: "aes", Origin: "imported", MultiRegion: "replica"},
			[]string{"kms:Decapsulate", "kms:DeriveSharedSecret", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateMac", "kms:Sign"},
		},
		{
			"a custom store",
			inventory.Key{Usages: encrypts, Algorithm: "aes", Origin: "custom_store", MultiRegion: "single"},
			[]string{
				"kms:Decapsulate", "kms:DeleteImportedKeyMaterial", "kms:DeriveSharedSecret", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateMac",
				"kms:GetParametersForImport", "kms:ImportKeyMaterial", "kms:ReplicateKey", "kms:RotateKeyOnDemand", "kms:Sign", "kms:UpdatePrimaryRegion",
			},
		},
		{
			"asymmetric encryption",
			inventory.Key{Usages: encrypts, Algorithm: "rsa", Origin: "imported", MultiRegion: "primary"},
			[]string{
				"kms:Decapsulate", "kms:DeriveSharedSecret", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:GenerateDataKeyPair",
				"kms:GenerateMac", "kms:RotateKeyOnDemand", "kms:Sign",
			},
		},
		{
			"signing",
			inventory.Key{Usages: signs, Algorithm: "ec", Origin: "imported", MultiRegion: "primary"},
			[]string{
				"kms:Decapsulate", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:GenerateDataKeyPair",
				"kms:GenerateMac", "kms:ReEncryptFrom", "kms:RotateKeyOnDemand",
			},
		},
		{
			"encapsulation",
			inventory.Key{Usages: agrees, Algorithm: "ml_kem", Origin: "imported", MultiRegion: "primary"},
			[]string{
				"kms:Decrypt", "kms:DeriveSharedSecret", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:GenerateDataKeyPair",
				"kms:GenerateMac", "kms:ReEncryptFrom", "kms:RotateKeyOnDemand", "kms:Sign",
			},
		},
		{
			"agreement",
			inventory.Key{Usages: agrees, Algorithm: "ec", Origin: "imported", MultiRegion: "primary"},
			[]string{
				"kms:Decapsulate", "kms:Decrypt", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:GenerateDataKeyPair",
				"kms:GenerateMac", "kms:ReEncryptFrom", "kms:RotateKeyOnDemand", "kms:Sign",
			},
		},
		{"agreement, of which kind was not read", inventory.Key{Usages: agrees}, []string{
			"kms:Decrypt", "kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateMac", "kms:ReEncryptFrom",
			"kms:RotateKeyOnDemand", "kms:Sign",
		}},
		{"nothing was read", inventory.Key{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := keyOf(tt.key)
			left := ofKeys.fitting(key)
			got := eval.KeyActions.Names((ofKeys.use | ofKeys.administer) &^ (left.use | left.administer))
			if !slices.Equal(got, tt.want) {
				t.Errorf("refused are %q, want %q", got, tt.want)
			}
		})
	}
	stale := keyOf(inventory.Key{})
	stale.Key.Usages, stale.Key.Algorithm, stale.Key.Origin, stale.Key.MultiRegion = signs, "ec", "generated", "single"
	if left := ofKeys.fitting(stale); left != ofKeys {
		t.Error("what was not read of a key refuses an action")
	}
}
