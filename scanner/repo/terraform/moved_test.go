package terraform

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A block "moved" says which resource one was, alone or with all of its module, also in several steps.
func TestMoved(t *testing.T) {
	const key = "resource \"aws_kms_key\" \"b\" {}\n"
	moved := func(from, to string) string { return "moved {\n  from = " + from + "\n  to = " + to + "\n}\n" }
	for name, c := range map[string]struct{ code, id, want string }{
		"not moved":         {"-- main.tf --\n" + key, "aws_kms_key.b", ""},
		"renamed":           {"-- main.tf --\n" + key + moved("aws_kms_key.a", "aws_kms_key.b"), "aws_kms_key.b", "aws_kms_key.a"},
		"another":           {"-- main.tf --\n" + key + moved("aws_kms_key.a", "aws_kms_key.bc"), "aws_kms_key.b", ""},
		"twice":             {"-- main.tf --\n" + key + moved("aws_kms_key.x", "aws_kms_key.a") + moved("aws_kms_key.a", "aws_kms_key.b"), "aws_kms_key.b", "aws_kms_key.a aws_kms_key.x"},
		"in a circle":       {"-- main.tf --\n" + key + moved("aws_kms_key.b", "aws_kms_key.a") + moved("aws_kms_key.a", "aws_kms_key.b"), "aws_kms_key.b", "aws_kms_key.a"},
		"ever deeper":       {"-- main.tf --\n" + key + moved("aws_kms_key.b.c", "aws_kms_key.b"), "aws_kms_key.b", strings.TrimSpace(deeper())},
		"with its policy":   {"-- main.tf --\nresource \"aws_kms_key\" \"b\" { policy = \"{}\" }\n" + moved("aws_kms_key.a", "aws_kms_key.b"), "aws_kms_key.b.policy", "aws_kms_key.a.policy"},
		"one of several":    {"-- main.tf --\nresource \"aws_kms_key\" \"b\" { for_each = toset([\"x\"]) }\n" + moved("aws_kms_key.a[0]", "aws_kms_key.b[\"x\"]"), `aws_kms_key.b["x"]`, "aws_kms_key.a[0]"},
		"all of several":    {"-- main.tf --\nresource \"aws_kms_key\" \"b\" { count = 1 }\n" + moved("aws_kms_key.a", "aws_kms_key.b"), "aws_kms_key.b[0]", "aws_kms_key.a[0]"},
		"into a module":     {"-- main.tf --\nmodule \"m\" { source = \"./m\" }\n" + moved("aws_kms_key.a", "module.m.aws_kms_key.b") + "-- m/main.tf --\n" + key, "module.m.aws_kms_key.b", "aws_kms_key.a"},
		"module and within": {"-- main.tf --\nmodule \"m\" { source = \"./m\" }\n" + moved("module.k", "module.m") + "-- m/main.tf --\n" + key + moved("aws_kms_key.a", "aws_kms_key.b"), "module.m.aws_kms_key.b", "module.k.aws_kms_key.b module.m.aws_kms_key.a module.k.aws_kms_key.a"},
		"in JSON":           {"-- main.tf --\n" + key + "-- m.tf.json --\n{\"moved\": [{\"from\": \"aws_kms_key.a\", \"to\": \"aws_kms_key.b\"}]}\n", "aws_kms_key.b", "aws_kms_key.a"},
		"without an end":    {"-- main.tf --\n" + key + "moved {\n  from = aws_kms_key.a\n}\n", "aws_kms_key.b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := Dialect.Read(t.Context(), archive(c.code))
			var got []string
			for _, id := range out.Moved[inventory.ID("terraform:shop#"+c.id)] {
				got = append(got, strings.TrimPrefix(string(id), "terraform:shop#"))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s was %q, want %q", c.id, got, c.want)
			}
			if len(out.Gaps) > 0 {
				t.Errorf("gaps %v", out.Gaps)
			}
		})
	}
}

func deeper() string {
	var out strings.Builder
	for i := 1; i < maxMoves; i++ {
		out.WriteString("aws_kms_key.b" + strings.Repeat(".c", i) + " ")
	}
	return out.String()
}
