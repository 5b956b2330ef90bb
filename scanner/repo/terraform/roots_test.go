package terraform

import (
	"slices"
	"strings"
	"testing"
)

// A folder is judged by itself where Terraform is run in it, whoever else calls it.
func TestRoots(t *testing.T) {
	const (
		keys  = "variable \"rotate\" { default = false }\nresource \"aws_kms_key\" \"k\" { enable_key_rotation = var.rotate }\n"
		above = "module \"m\" {\n  source = \"%s\"\n  rotate = true\n}\n"
	)
	call := func(source string) string { return strings.Replace(above, "%s", source, 1) }
	for name, c := range map[string]struct{ code, want string }{
		"called":                 {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys, "app"},
		"with values":            {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys + "-- keys/terraform.tfvars --\nrotate = true\n", "app keys"},
		"with values by name":    {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys + "-- keys/prod.tfvars --\nrotate = true\n", "app keys"},
		"with a backend":         {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys + "terraform {\n  backend \"s3\" {}\n}\n", "app keys"},
		"with a cloud":           {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys + "-- keys/t.tf.json --\n{\"terraform\": {\"cloud\": {\"organization\": \"shop\"}}}\n", "app keys"},
		"with a version":         {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys + "terraform {\n  required_version = \">= 1.9\"\n}\n", "app"},
		"with a plan":            {"-- app/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys + "-- keys/plan.json --\n{\"format_version\": \"1.2\", \"planned_values\": {}}\n", "app keys"},
		"called to show it":      {"-- examples/all/main.tf --\n" + call("../..") + "-- main.tf --\n" + keys, " examples/all"},
		"called to test it":      {"-- keys/tests/main.tf --\n" + call("..") + "-- keys/main.tf --\n" + keys, "keys keys/tests"},
		"part of what is shown":  {"-- examples/all/main.tf --\n" + call("../parts") + "-- examples/parts/main.tf --\n" + keys, "examples/all"},
		"shown and called":       {"-- examples/all/main.tf --\n" + call("../..") + "-- live/main.tf --\n" + call("..") + "-- main.tf --\n" + keys, "examples/all live"},
		"example only by letter": {"-- myexamples/main.tf --\n" + call("../keys") + "-- keys/main.tf --\n" + keys, "myexamples"},
	} {
		t.Run(name, func(t *testing.T) {
			list, _ := instancesOf(t.Context(), archive(c.code), func(string) bool { return true })
			var roots []string
			for _, in := range list {
				roots = append(roots, in.Root)
			}
			slices.Sort(roots)
			if got := strings.Join(roots, " "); got != c.want {
				t.Errorf("the roots are %q, want %q", got, c.want)
			}
		})
	}
}
