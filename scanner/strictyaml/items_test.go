package strictyaml

import (
	"slices"
	"testing"
)

func TestItemLines(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []int
	}{
		{"- a: 1\n  b: 2\n# x\n- c: 3\n\n-\n  d: 4\n", []int{1, 4, 7}},
		{"# x\n- {a: 1}\n- {b: 2}\n", []int{2, 3}},
		{"- a\n- - b\n", []int{1, 2}},
		{"[{a: 1},\n {b: 2}]\n", []int{1, 2}},
		{"a: 1\n", nil},
		{"", nil},
		{"- [\n", nil},
	} {
		if got := ItemLines([]byte(c.in)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.in, got, c.want)
		}
	}
}
