package vaultpolicy_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

func TestAnyClaim(t *testing.T) {
	for _, c := range []struct {
		claim, pattern string
		want           bool
	}{
		{"groups", "*", true},
		{"repository", "*/*", true},
		{"repository", "shop/*", false},
		{"repository", "repo:*", false}, // only subjects begin so
		{"sub", "repo:*", true},
		{"sub", "project_path:*/*:ref_type:*", false},
		{"sub", "repo:shop/*", false},
		{"groups", "", false},
	} {
		if got := vaultpolicy.AnyClaim(c.claim, c.pattern); got != c.want {
			t.Errorf("claim %q, pattern %q: %v", c.claim, c.pattern, got)
		}
	}
}
