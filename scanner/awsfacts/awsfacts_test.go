package awsfacts

import (
	"fmt"
	"strings"
	"testing"
)

func TestKeyKind(t *testing.T) {
	for spec, want := range map[string]string{
		"SYMMETRIC_DEFAULT": "aes 256", "RSA_2048": "rsa 2048", "RSA_4096": "rsa 4096", "ECC_NIST_P384": "ec 384", "ECC_SECG_P256K1": "ec 256",
		"ECC_NIST_EDWARDS25519": "ed25519 256", "HMAC_512": "hmac 512", "SM2": "sm2 256", "ML_DSA_65": "ml_dsa", "ML_KEM_768": "ml_kem", "DES": "other", "RSA_": "rsa",
	} {
		got, bits := KeyKind(spec)
		if bits != nil {
			got += fmt.Sprint(" ", *bits)
		}
		if got != want {
			t.Errorf("%s is %q; want %q", spec, got, want)
		}
	}
}

func TestKeyUsages(t *testing.T) {
	for usage, want := range map[string]string{
		"ENCRYPT_DECRYPT": "decrypt encrypt", "SIGN_VERIFY": "sign verify", "GENERATE_VERIFY_MAC": "mac", "KEY_AGREEMENT": "derive", "ENCAPSULATE_DECAPSULATE": "derive", "x": "",
	} {
		if got := strings.Join(KeyUsages(usage), " "); got != want {
			t.Errorf("%s lets a key %q; want %q", usage, got, want)
		}
	}
}

func TestScheduleDays(t *testing.T) {
	for expression, want := range map[string]int{
		"rate(30 days)": 30, "rate(1 day)": 1, " rate( 4 hours ) ": 1, "rate(36 hours)": 2, "rate(0 days)": 0, "rate(5 minutes)": 0, "rate(9999999 days)": 0, "30": 0, "": 0,
		"cron(0 8 * * ? *)": 1, "cron(0 /4 * * ? *)": 1, "cron(0 8 ? * SUN *)": 7, "cron(0 8 1 * ? *)": 31, "cron(0 8 L * ? *)": 31, "cron(0 8 ? * 2#3 *)": 35,
		"cron(0 8 ? * 6L *)": 35, "cron(0 8 1 1/3 ? *)": 92, "cron(0 8 1 */2 ? *)": 62, "cron(0 8 1 6 ? *)": 366,
		"cron(0 0 1 1 ? *)": 366, "cron(0 8 ? 6 2#3 *)": 371, "cron(0 8 31 12 ? *)": 366, "cron(0 8 29 2 ? *)": 0, "cron(0 8 31 * ? *)": 0, "cron(0 8 ? * 2#5 *)": 0, "cron(0 8 15W * ? *)": 34,
		"cron(0 8 1 1/5 ? *)": 0, "cron(0 8 ? */2 6L *)": 63, "cron(0 8 1,15 * ? *)": 0, "cron(0 8 * 1/3 ? *)": 0,
		"cron(0 8 1 */5 ? *)": 0, "cron(0 8 1 * ? 2027)": 0, "cron(0 8 1 * *)": 0, "cron(0 8 1 * MON *)": 0, "cron(0 8 ? * MON-FRI *)": 0, "cron(0 8 1 JAN ? *)": 0,
	} {
		if got, ok := ScheduleDays(expression); got != want || ok != (want > 0) {
			t.Errorf("%s comes round in %d days (%v); want %d", expression, got, ok, want)
		}
	}
}
