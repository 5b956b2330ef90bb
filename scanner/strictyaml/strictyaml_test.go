package strictyaml

import (
	"testing"
)

type file struct {
	Version int    `yaml:"version"`
	Inner   []item `yaml:"inner"`
}

type item struct {
	Address string `yaml:"address"`
	Count   int    `yaml:"count"`
}

func TestDecodeNamesFileLineAndNearestKey(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"version: 1\ninner:\n  - adress: x\n", `read "f.yaml": line 3: unknown key "adress", did you mean "address"?`},
		{"version: 1\nzzzzzzzz: x\n", `read "f.yaml": line 2: unknown key "zzzzzzzz"`},
		{"version: 1\naddress: x\n", `read "f.yaml": line 2: the key "address" does not belong here`},
		{"version: one\n", `read "f.yaml": line 1: cannot unmarshal string into Go struct field file.Version of type int`},
		{"version: 1\nversion: 2\n", `read "f.yaml": line 2: mapping key "version" already defined at [1:1]`},
		{"version: [\n", `read "f.yaml": line 1: sequence end token ']' not found`},
		{"version: 1\n---\nversion: 2\n", `read "f.yaml": holds more than one YAML document; keep one`},
		{"", ""},
		{"# only a comment\n", ""},
		{"version: 1\ninner: [{address: x, count: 2}]\n", ""},
	} {
		var f file
		err := Decode("f.yaml", []byte(c.in), &f)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("Decode(%q)\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add("version: 1\ninner:\n  - adress: x\n")
	f.Add("a: &a [*a]\n")
	f.Add("!\rk") // the library panics
	f.Fuzz(func(t *testing.T, s string) {
		var v file
		_ = Decode("f.yaml", []byte(s), &v)
		var list []item
		_ = Decode("f.yaml", []byte(s), &list)
		_ = ItemLines([]byte(s))
	})
}
