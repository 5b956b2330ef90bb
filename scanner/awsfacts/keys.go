// Package awsfacts knows what AWS documents about words that its APIs, templates and Terraform's provider share: specs and usages of
// keys, and how often a schedule comes round.
//
// It leaves to others where such a word was found.
package awsfacts

import (
	"strconv"
	"strings"
)

// families maps the beginning of a KeySpec to its algorithm. Bits of 0 stand at its end; of -1 are not told: the number is a parameter
// set, no size.
var families = []struct {
	prefix, algorithm string
	bits              int
}{
	{"SYMMETRIC_DEFAULT", "aes", 256},
	{"RSA_", "rsa", 0},
	{"ECC_NIST_EDWARDS25519", "ed25519", 256},
	{"ECC_NIST_P", "ec", 0},
	{"ECC_SECG_P256K1", "ec", 256},
	{"HMAC_", "hmac", 0},
	{"SM2", "sm2", 256},
	{"ML_DSA_", "ml_dsa", -1},
	{"ML_KEM_", "ml_kem", -1},
}

// KeyKind reads a KeySpec of AWS KMS: the algorithm, and the bits of the modulus, curve or secret key where it tells them. In China,
// which code does not tell, SYMMETRIC_DEFAULT is SM4.
func KeyKind(spec string) (algorithm string, bits *int) {
	for _, f := range families {
		rest, ok := strings.CutPrefix(spec, f.prefix)
		if !ok {
			continue
		}
		if f.bits == 0 {
			f.bits, _ = strconv.Atoi(rest)
		}
		if f.bits <= 0 {
			return f.algorithm, nil
		}
		return f.algorithm, &f.bits
	}
	return "other", nil
}

// KeyUsages is what a KeyUsage of AWS KMS lets a key do, sorted; nil for one that is not known.
func KeyUsages(usage string) []string {
	switch usage {
	case "ENCRYPT_DECRYPT":
		return []string{"decrypt", "encrypt"}
	case "SIGN_VERIFY":
		return []string{"sign", "verify"}
	case "GENERATE_VERIFY_MAC":
		return []string{"mac"}
	case "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE": // a shared secret comes out of either
		return []string{"derive"}
	}
	return nil
}
