package repositories

import (
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// kind says how a credential of a kind looks: fixed parts with "#" in the place of random characters. The fixed parts are
// cut in two, so that no scanner takes this table for a find.
type kind struct {
	prefix   [2]string
	alphabet string
	length   int // random characters
	suffix   string
}

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alnum  = digits + lower + upper
)

var kinds = map[string]kind{
	"aws":     {[2]string{"AK", "IA"}, upper + "234567", 16, ""},
	"github":  {[2]string{"gh", "p_"}, alnum, 36, ""},
	"gitlab":  {[2]string{"gl", "pat-"}, alnum, 20, ""},
	"stripe":  {[2]string{"sk_", "live_"}, alnum, 24, ""},
	"vault":   {[2]string{"hv", "s."}, alnum, 95, ""},
	"random":  {[2]string{"", ""}, alnum, 40, ""}, // of no vendor's form
	"pem-key": {[2]string{"-----BEGIN RSA ", "PRIVATE KEY-----\n"}, alnum, 64 * 6, "-----END RSA " + "PRIVATE KEY-----"},
}

// Plant makes a fake credential of a kind. Equal numbers give equal values, in every run. No service has issued any of them.
func Plant(name string, number int) (string, error) {
	k, ok := kinds[name]
	if !ok {
		return "", fmt.Errorf("no kind of credential %q; known are %s", name, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	seed := fnv.New64()
	seed.Write([]byte(name))
	random := rand.New(rand.NewPCG(seed.Sum64(), uint64(number)))
	var b strings.Builder
	b.WriteString(k.prefix[0] + k.prefix[1])
	for i := range k.length {
		b.WriteByte(k.alphabet[random.IntN(len(k.alphabet))])
		if i%64 == 63 && k.length > 100 {
			b.WriteByte('\n')
		}
	}
	b.WriteString(k.suffix)
	return b.String(), nil
}

// MustPlant is Plant for a kind that is known.
func MustPlant(name string, number int) string {
	value, err := Plant(name, number)
	if err != nil {
		panic(err)
	}
	return value
}
