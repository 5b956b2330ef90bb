package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts are what is known of a key in its back end, by name. None is secret.
//
// Facts that are expected may hold a pattern instead of a value: "*" is any value that is not empty, "" is absent, and "${NAME}" is
// the value that an earlier step of the rotation brought about.
type Facts map[string]string

// Differs says in words how what was found differs from what is expected; "" when it does not. Facts that nothing is expected of do not
// matter.
func (f Facts) Differs(found, known Facts) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		want, got := f[name], found[name]
		if ref, ok := strings.CutPrefix(want, "${"); ok {
			ref = strings.TrimSuffix(ref, "}")
			if want = known[ref]; want == "" {
				all = append(all, fmt.Sprintf("%s should be the %s of an earlier step, which is not recorded", name, ref))
				continue
			}
		}
		switch {
		case want == "*" && got != "", want == got:
		case want == "":
			all = append(all, fmt.Sprintf("%s is %s where none was expected", name, got))
		case got == "" && want == "*":
			all = append(all, name+" is absent")
		case got == "":
			all = append(all, fmt.Sprintf("%s is absent where %s was expected", name, want))
		case want == "*":
		default:
			all = append(all, fmt.Sprintf("%s is %s where %s was expected", name, got, want))
		}
	}
	return strings.Join(all, "; ")
}

// String is "name=value name=value", sorted.
func (f Facts) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		v := f[name]
		if v == "" {
			v = "(none)"
		}
		all = append(all, name+"="+v)
	}
	return strings.Join(all, " ")
}
