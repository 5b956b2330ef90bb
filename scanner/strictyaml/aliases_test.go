package strictyaml

import (
	"fmt"
	"strings"
	"testing"
)

// What Decode gives for an alias is the value of its anchor, or an error: never nothing.
func TestAliasesAreNeverLost(t *testing.T) {
	for in, refused := range map[string]bool{
		"- &x\n  a: &y v\n  l: [{k: *y}]\n":                    true,
		"- &x\n  a: &y v\n  l: [*y]\n":                         true,
		"- &x\n  l:\n  - id: &y v\n    p: 1\n  b: [{k: *y}]\n": true,
		"- &x\n  a: &y v\n  k: *y\n":                           true,
		"- a: &y v\n  l: [{k: *y}]\n":                          false,
		"- &y v\n- &x\n  l: [{k: *y}]\n":                       false,
	} {
		var out any
		err := Decode("f.yaml", []byte(in), &out)
		if refused != (err != nil) || refused && !strings.Contains(err.Error(), "the alias *y stands in the same anchored value") {
			t.Errorf("%q: %v, %v", in, out, err)
		}
		if !refused && strings.Contains(fmt.Sprint(out), "<nil>") {
			t.Errorf("%q lost a value: %v", in, out)
		}
	}
}
