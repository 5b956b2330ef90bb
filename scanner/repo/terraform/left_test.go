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

// What a file that could not be read, or a module from elsewhere, may add to a resource is open and not absent.
func TestWhatMayBeMissing(t *testing.T) {
	const (
		secret   = "resource \"aws_secretsmanager_secret\" \"s\" { name = \"s\" }\n"
		rotation = "resource \"aws_secretsmanager_secret_rotation\" \"r\" {\n  secret_id = aws_secretsmanager_secret.s.id\n  rotation_rules { automatically_after_days = 30 }\n}\n"
		key      = "resource \"aws_kms_key\" \"k\" { enable_key_rotation = true }\n"
		broken   = "-- z.tf --\nresource \"x\n"
		lambda   = "module \"rotate\" {\n  source = \"example/rotate/aws\"\n  secret = %s\n}\n"
	)
	given := func(expr string) string { return strings.Replace(lambda, "%s", expr, 1) }
	open := map[string]string{"secret.rotation.automatic": "?", "secret.rotation.period_days": "?", "secret.value_in_code": "?", "secret.recovery_days": "30"}
	for _, c := range []repoCase{
		{"broken", "-- main.tf --\n" + secret + broken, "aws_secretsmanager_secret.s", open},
		{"broken, but rotated", "-- main.tf --\n" + secret + rotation + broken, "aws_secretsmanager_secret.s", map[string]string{"secret.rotation.automatic": "true", "secret.rotation.period_days": "30"}},
		{"broken elsewhere", "-- a/main.tf --\n" + secret + "-- b/main.tf --\n" + key + "-- b/z.tf --\nresource \"x\n", "aws_secretsmanager_secret.s", map[string]string{"secret.rotation.automatic": "false"}},
		{"broken above", "-- main.tf --\nmodule \"m\" { source = \"./m\" }\n-- m/main.tf --\n" + secret + broken, "aws_secretsmanager_secret.s", open},
		{"broken, of a key", "-- main.tf --\n" + key + broken, "aws_kms_key.k", map[string]string{"key.rotation.automatic": "true", "key.multi_region": "single", "refs": "?"}},
		{"broken, of a mount", "-- main.tf --\nresource \"vault_mount\" \"m\" {\n  path = \"kv\"\n  type = \"kv-v2\"\n}\n" + broken, "vault_mount.m", map[string]string{"store.max_versions": "?", "store.engine": "kv"}},
		{"broken override", "-- main.tf --\n" + key + "-- z_override.tf --\nresource \"x\n", "aws_kms_key.k", map[string]string{"key": "?", "tags": "?"}},
		{"given to a module", "-- main.tf --\n" + secret + given("aws_secretsmanager_secret.s.id"), "aws_secretsmanager_secret.s", open},
		{"name given to a module", "-- main.tf --\n" + secret + given("aws_secretsmanager_secret.s.name"), "aws_secretsmanager_secret.s", open},
		{"given through a local", "-- main.tf --\nlocals {\n  id = aws_secretsmanager_secret.s.id\n}\n" + secret + given("local.id"), "aws_secretsmanager_secret.s", open},
		{"not given", "-- main.tf --\n" + secret + given(`"x"`), "aws_secretsmanager_secret.s", map[string]string{"secret.rotation.automatic": "false"}},
	} {
		c.run(t)
	}
}

// Blocks that are there for certain are read, whatever stands beside them.
func TestBlocksBesideOthers(t *testing.T) {
	const code = `-- main.tf --
variable "x" {}
resource "aws_iam_role" "r" {
  assume_role_policy = "{}"
  dynamic "inline_policy" {
    for_each = var.x
    content { policy = inline_policy.value }
  }
  inline_policy {
    name   = "all"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })
  }
}
resource "azurerm_key_vault" "v" { name = "v" }
resource "azurerm_monitor_diagnostic_setting" "d" {
  name               = "d"
  target_resource_id = azurerm_key_vault.v.id
  enabled_log { category = "AuditEvent" }
  dynamic "enabled_log" {
    for_each = var.x
    content { category = enabled_log.value }
  }
}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "all"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
  dynamic "statement" {
    for_each = var.x
    content { actions = statement.value }
  }
}
resource "aws_kms_key" "k" { policy = data.aws_iam_policy_document.d.json }
`
	repoCase{"policy", code, "aws_iam_role.r.inline_policy[0]", map[string]string{"name": "all"}}.run(t)
	repoCase{"role", code, "aws_iam_role.r", map[string]string{"refs": "?"}}.run(t)
	repoCase{"setting", code, "azurerm_monitor_diagnostic_setting.d", map[string]string{"audit.audit_events": "true"}}.run(t)
	gapCase{"gaps", code, []string{
		`not_stated aws.iam.policy file "main.tf" line 4: which blocks "inline_policy" there are in "aws_iam_role.r" cannot be resolved: var.x has no value`,
	}}.run(t)
	for _, r := range Dialect.Read(t.Context(), archive(code)).Resources {
		if r.Type == "aws.kms.policy" && (r.Unread("policy.statements") != nil || len(r.Policy.Statements) == 0 || !*r.Policy.Statements[0].Everyone) {
			t.Errorf("the policy is %+v, %+v", r.Policy, r.Unknown)
		}
	}
}
