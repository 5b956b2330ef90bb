package aws

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// A value with a hole is described for certain if it is however the hole is filled, and perhaps if it is for one filling.
func TestHolesStandForAnyFilling(t *testing.T) {
	seen := map[access.Truth]int{}
	for i := range uint64(5000) {
		d := draw{rand.New(rand.NewPCG(i, 4))}
		text := func(letters string) string {
			var b strings.Builder
			for range d.IntN(6) {
				b.WriteByte(letters[d.IntN(len(letters))])
			}
			return b.String()
		}
		before, after := text("r/"), text("ab")
		pattern := wildcards.Replace(text("r/*?") + text("ab/*") + text("ab*"))
		is := likeHoled(pattern, before+string([]byte{anyPath})+after)
		seen[is]++
		for range 20 {
			var path strings.Builder
			for range d.IntN(3) {
				path.WriteString("a" + text("abr") + "/")
			}
			if got := like(pattern, before+path.String()+after); got && is == access.No || !got && is == access.Yes {
				t.Fatalf("case %d: %q describes %q with %q: %v, but is %v", i, pattern, before+"..."+after, path.String(), got, is)
			}
		}
	}
	for _, truth := range []access.Truth{access.No, access.Maybe, access.Yes} {
		if seen[truth] < 100 {
			t.Errorf("only %d cases are %v", seen[truth], truth)
		}
	}
}

func TestHolesOfIDs(t *testing.T) {
	id := "AROA" + string([]byte{anyID}) + ":s"
	for pattern, want := range map[string]access.Truth{
		"*:s": access.Yes, "AROA*": access.Yes, "*:t": access.No, "AIDA*": access.No, "AROAEXAMPLEEXAMPLE12:*": access.Maybe,
		"AROA?????????????????:s": access.Maybe, "*": access.Yes, "": access.No,
	} {
		if got := likeHoled(wildcards.Replace(pattern), id); got != want {
			t.Errorf("%q: got %v, want %v", pattern, got, want)
		}
	}
}
