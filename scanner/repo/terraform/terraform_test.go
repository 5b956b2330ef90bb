package terraform

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// What the tables of mapping make has to be in Types: the pipeline knows by them what a gap may hide.
func TestTypesAreComplete(t *testing.T) {
	made := map[string]bool{}
	name := regexp.MustCompile(`"((?:aws|azure|entra|vault)\.[a-z_.]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "terraform.go" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			if _, known := inventory.TypeOf(m[1]); known {
				made[m[1]] = true
			}
		}
	}
	if got := sorted(made); !slices.Equal(got, types) {
		t.Errorf("the tables name %q\nTypes has %q", got, types)
	}
}

func TestDialect(t *testing.T) {
	tree := archive(`
-- infra/main.tf --
resource "aws_kms_key" "jwt" {
  description = "jwt"

  enable_key_rotation = true
}
resource "aws_instance" "web" {}
module "far" { source = "example/far/aws" }
-- infra/broken.tf --
resource "aws_kms_key" "x" {
  description = "hunter2
}
`)
	got := Dialect.Read(t.Context(), tree)
	if len(got.Resources) == 0 {
		t.Fatalf("no resources; gaps: %v", got.Gaps)
	}
	r := got.Resources[0]
	if r.ID != "terraform:shop/infra#aws_kms_key.jwt" || r.Type != "aws.kms.key" || *r.Location != (inventory.Location{Path: "infra/main.tf", StartLine: 4, EndLine: 4}) {
		t.Errorf("got %s of %s at %+v", r.ID, r.Type, *r.Location)
	}
	var why []string
	for _, g := range got.Gaps {
		if !slices.Equal(g.Types, Dialect.Types) {
			t.Errorf("%s hides %q", g.What, g.Types)
		}
		if strings.Contains(g.Error(), "hunter2") {
			t.Errorf("a gap quotes the file: %s", g.Error())
		}
		why = append(why, string(g.Why)+" "+g.What+" "+g.Err)
	}
	want := []string{
		`unreadable file "infra/broken.tf" line 2: invalid multi-line string`,
		`not_stated file "infra/main.tf" line 7: module "far" comes from outside of this repository`,
	}
	if !slices.Equal(why, want) {
		t.Errorf("gaps %q\nwant %q", why, want)
	}
}

func TestWants(t *testing.T) {
	for file, want := range map[string]bool{
		"main.tf": true, "a/b.tf.json": true, "x.tofu": true, "prod.tfvars": true, "plan.json": true, "policies/app.hcl": true,
		"main.go": false, ".terraform/modules/x/main.tf": false, "a/.terraform/modules/x/main.tf": false, "README.md": false,
	} {
		if wants(file) != want {
			t.Errorf("wants(%q) is %v", file, !want)
		}
	}
}
