package material

import (
	"crypto/rand"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Random is how a value is made at random. Zero values are defaults: 43 letters and digits, which is 256 bits.
type Random struct {
	Length   int    `yaml:"length"`   // characters
	Alphabet string `yaml:"alphabet"` // a name of alphabets
}

const (
	defaultLength   = 43
	defaultAlphabet = "alphanumeric"
	maxLength       = 4096
	leastBits       = 128
)

var alphabets = map[string]string{
	"alphanumeric": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	"base64url":    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", // RFC 4648, section 5
	"hex":          "0123456789abcdef",
	"printable":    printable(),
}

// printable is ASCII from ! to ~.
func printable() string {
	var b strings.Builder
	for c := '!'; c <= '~'; c++ {
		b.WriteRune(c)
	}
	return b.String()
}

// filled is r with its defaults.
func (r Random) filled() Random {
	if r.Length == 0 {
		r.Length = defaultLength
	}
	if r.Alphabet == "" {
		r.Alphabet = defaultAlphabet
	}
	return r
}

// Check returns an error for an alphabet that does not exist, and for values that could be guessed: those of less than 128 bits.
func (r Random) Check() error {
	r = r.filled()
	letters, ok := alphabets[r.Alphabet]
	if !ok {
		return fmt.Errorf("alphabet is %q; write one of %s", r.Alphabet, strings.Join(slices.Sorted(maps.Keys(alphabets)), ", "))
	}
	if r.Length < 0 || r.Length > maxLength {
		return fmt.Errorf("length is %d; it is at most %d", r.Length, maxLength)
	}
	if bits := float64(r.Length) * math.Log2(float64(len(letters))); bits < leastBits {
		least := int(math.Ceil(leastBits / math.Log2(float64(len(letters)))))
		return fmt.Errorf("%d characters of %s are %.0f bits, which is less than %d; take %d or more", r.Length, r.Alphabet, bits, leastBits, least)
	}
	return nil
}

// String says how a value is made.
func (r Random) String() string {
	r = r.filled()
	return fmt.Sprintf("%d random characters (%s)", r.Length, r.Alphabet)
}

// Make makes a value, each character of which is equally likely.
func (r Random) Make() (Secret, error) {
	if err := r.Check(); err != nil {
		return Secret{}, err
	}
	r = r.filled()
	letters := alphabets[r.Alphabet]
	fair := byte(256/len(letters)*len(letters) - 1) // bytes above would favour the first letters
	value, some := make([]byte, 0, r.Length), make([]byte, r.Length)
	for len(value) < r.Length {
		_, _ = rand.Read(some) // never fails: it ends the program instead
		for _, b := range some {
			if b <= fair && len(value) < r.Length {
				value = append(value, letters[int(b)%len(letters)])
			}
		}
	}
	return New(string(value)), nil
}
