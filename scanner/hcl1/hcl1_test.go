package hcl1_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyreeve/keyreeve/scanner/hcl1"
)

func TestParse(t *testing.T) {
	type item = hcl1.Item
	for name, c := range map[string]struct {
		text string
		want []item
	}{
		"block with labels": {"a \"b\" \"c\" {\n  d = 1\n}", []item{{Keys: []string{"a", "b", "c"}, Line: 1, End: 3, Object: true, Items: []item{{Keys: []string{"d"}, Line: 2, End: 2, Values: []string{"1"}}}}}},
		"values as text":    {"a = true\nb = 1.5\nc = \"x\"", []item{{Keys: []string{"a"}, Line: 1, End: 1, Values: []string{"true"}}, {Keys: []string{"b"}, Line: 2, End: 2, Values: []string{"1.5"}}, {Keys: []string{"c"}, Line: 3, End: 3, Values: []string{"x"}}}},
		"list over lines":   {"a = [\n  \"x\",\n  2,\n]", []item{{Keys: []string{"a"}, Line: 1, End: 4, Values: []string{"x", "2"}}}},
		"empty list":        {"a = []", []item{{Keys: []string{"a"}, Line: 1, End: 1, Values: []string{}}}},
		"list with objects": {`a = ["x", {b = 1}]`, []item{{Keys: []string{"a"}, Line: 1, End: 1, Values: []string{"x"}, Mixed: true}}},
		"heredoc":           {"a = <<E\nx\nE\n", []item{{Keys: []string{"a"}, Line: 1, End: 1, Values: []string{"x\n"}}}},
		"JSON": {
			"{\n\"a\": {\"b\": {\"c\": null}}}",
			[]item{{Keys: []string{"a", "b"}, Line: 2, End: 2, Object: true, Items: []item{{Keys: []string{"c"}, Line: 2, End: 2, Values: []string{""}}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := hcl1.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(item{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// Errors name a line at most: what stands there may be secret.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a = \n\n]":                "line 3 is not valid HCL",
		"hidden = 1\nhidden = 2":   "line 2 is not valid HCL, or sets something a second time",
		`{"hidden": `:              "it is not valid JSON",
		"a = 99999999999999999999": "it is not valid HCL",
	} {
		if _, err := hcl1.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// What a block sets is taken as the library takes it for Vault; what does not fit is told by its line.
func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		"a {\n  list = [\"x\", 2]\n}":            "",
		"a {\n  list = \"hidden\"\n}":            "line 2 sets something to a value of another kind than it takes",
		"a {\n  list = [[\"hidden\"]]\n}":        "line 2 sets something to a value of another kind than it takes",
		"{\"a\": {\"list\": [{\"hidden\": 1}]}}": "line 1 sets something to a value of another kind than it takes",
	} {
		items, err := hcl1.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			List []string `hcl:"list"`
		}
		err = items[0].Decode(&got)
		if want == "" && (err != nil || len(got.List) != 2 || got.List[1] != "2") || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%q: %v and error %v, want %q", text, got.List, err, want)
		}
	}
}
