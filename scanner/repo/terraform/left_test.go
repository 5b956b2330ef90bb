package terraform

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// told lists the gaps of a repository in txtar: the reason, the types if they are not all, the file and what is said of it.
func told(t *testing.T, code string) []string {
	t.Helper()
	var out []string
	for _, g := range Dialect.Read(t.Context(), archive(code)).Gaps {
		hides := ""
		if !slices.Equal(g.Types, types) {
			hides = strings.Join(g.Types, ",") + " "
		}
		out = append(out, string(g.Why)+" "+hides+g.What+" "+g.Err)
	}
	return out
}

// A gapCase says which gaps there are in a repository.
type gapCase struct {
	name, code string
	want       []string
}

func (c gapCase) run(t *testing.T) {
	t.Helper()
	t.Run(c.name, func(t *testing.T) {
		t.Helper()
		if diff := cmp.Diff(c.want, told(t, c.code)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// Blocks that may be there may declare resources.
func TestBlocksThatMayBeThere(t *testing.T) {
	const code = `-- main.tf --
variable "x" {}
resource "aws_iam_role" "r" {
  assume_role_policy = "{}"
  dynamic "inline_policy" {
    for_each = var.x
    content { policy = "{}" }
  }
}
resource "azurerm_key_vault" "v" {
  name = "v"
  dynamic "access_policy" {
    for_each = var.x
    content { object_id = access_policy.value }
  }
}
resource "azuread_application" "a" {
  dynamic "password" {
    for_each = var.x
    content { display_name = password.value }
  }
}
`
	gapCase{"gaps", code, []string{
		`not_stated aws.iam.policy file "main.tf" line 4: which blocks "inline_policy" there are in "aws_iam_role.r" cannot be resolved: var.x has no value`,
		`not_stated azure.keyvault.access_policy file "main.tf" line 11: which blocks "access_policy" there are in "azurerm_key_vault.v" cannot be resolved: var.x has no value`,
		`not_stated entra.password file "main.tf" line 17: which blocks "password" there are in "azuread_application.a" cannot be resolved: var.x has no value`,
	}}.run(t)
	repoCase{"role", code, "aws_iam_role.r", map[string]string{"refs": "?"}}.run(t)
	repoCase{"vault", code, "azurerm_key_vault.v", map[string]string{"refs": "?"}}.run(t)
}

// Files that are left out although Terraform may read them are told once a folder.
func TestFilesThatArePassedOver(t *testing.T) {
	const values = "Terraform reads it only where the command line names it, so the values that it gives to variables are not read"
	const twin = "OpenTofu reads the file of the same name that ends in .tofu instead, so this one, which Terraform reads, is not read"
	gapCase{"", `-- app/main.tf --
resource "aws_kms_key" "k" {}
-- app/main.tofu --
resource "aws_kms_key" "k" {}
-- app/prod.tfvars --
rotate = true
-- app/stage.tfvars.json --
{}
-- app/terraform.tfvars --
rotate = true
-- envs/prod.tfvars --
rotate = true
`, []string{
		`not_stated file "app/main.tf" ` + twin,
		`not_stated file "app/prod.tfvars" ` + values + ` (and 1 more like it in this folder)`,
		`not_stated file "envs/prod.tfvars" ` + values,
	}}.run(t)
}
