package terraform

import "testing"

// Text of the code that may become a secret's value is told, whatever stands beside it; what comes from elsewhere as a whole is not in
// the code.
func TestValueInCode(t *testing.T) {
	const names = `
variable "x" {}
variable "cfg" {
  type = object({ pw = optional(string, "example-only"), other = string, in = optional(object({ pw = optional(string, "example-only"), other = optional(string) }), {}) })
}
locals {
  both  = var.x ? "example-one" : "example-two"
  maybe = var.x != "" ? var.x : "example-only"
  loop  = { for k in ["a"] : k => { user = "example-user", password = random_password.p.result, other = coalesce(var.x, "example-only") } }
  all   = merge({ user = "example-user", fallback = coalesce(var.x, "example-only") }, { password = random_password.p.result })
}
resource "random_password" "p" {}
resource "aws_secretsmanager_secret" "s" {}
`
	for expr, want := range map[string]string{
		`""`:                                    "false",
		`"{}"`:                                  "false",
		`jsonencode({})`:                        "false",
		`var.x`:                                 "false",
		`sensitive(var.x)`:                      "false",
		`random_password.p.result`:              "false",
		`ephemeral.random_password.p.result`:    "false",
		`var.x ? random_password.p.result : ""`: "false",
		`var.x ? random_password.p.result : null`:                                  "false",
		`var.x == "production" ? random_password.p.result : var.x`:                 "false",
		`coalesce(var.x, random_password.p.result)`:                                "false",
		`jsondecode(var.x)["password"]`:                                            "false",
		`lookup(var.x, "password")`:                                                "false",
		`format("%s:%s", var.x, random_password.p.result)`:                         "false",
		`replace(var.x, "example", "")`:                                            "false",
		`"${var.x}-${random_password.p.result}"`:                                   "false",
		`jsonencode({ username = "example-user", password = var.x })`:              "false",
		`local.loop["a"].password`:                                                 "false",
		`local.all.password`:                                                       "false",
		`sensitive("example-only")`:                                                "true",
		`var.x ? "example-one" : "example-two"`:                                    "true",
		`var.x ? "a" : "b"`:                                                        "true",
		`local.both`:                                                               "true",
		`{ a = "example-one", b = "example-two" }[var.x]`:                          "true",
		`lookup({ a = "example-one" }, var.x, "example-two")`:                      "true",
		`jsonencode({ username = "example-user", password = local.both, h = "" })`: "true",
		`var.x ? "example-only" : var.x`:                                           "?",
		`var.cfg.other`:                                                            "false",
		`var.cfg.in.other`:                                                         "false",
		`var.cfg.pw`:                                                               "?",
		`var.cfg.in.pw`:                                                            "?",
		`coalesce(var.cfg.pw, var.x)`:                                              "?",
		`jsonencode(var.cfg)`:                                                      "?",
		`local.maybe`:                                                              "?",
		`upper(local.both)`:                                                        "?",
		`"${local.both}${var.x}"`:                                                  "?",
		`"${local.maybe}"`:                                                         "?",
		`coalesce(var.x, "abc")`:                                                   "?",
		`try(var.x.password, "example-only")`:                                      "?",
		`lookup(var.x, "password", "example-only")`:                                "?",
		`"example-${var.x}"`:                                                       "?",
		`"${var.x}example"`:                                                        "?",
		`join("", [var.x, "example-only"])`:                                        "?",
		`format("example-%s", var.x)`:                                              "?",
		`base64encode("example-${var.x}")`:                                         "?",
		`replace(var.x, "x", "example-only")`:                                      "?",
		`jsonencode({ username = "example-user", password = local.maybe })`:        "?",
		`jsonencode({ password = "example-${var.x}" })`:                            "?",
		`jsonencode(var.x ? { password = "example-only" } : var.x)`:                "?",
		`local.loop["a"].other`:                                                    "?",
		`local.all.fallback`:                                                       "?",
		"<<-EOT\n    {\"username\": \"example-user\", \"password\": \"example-${var.x}\"}\n  EOT": "?",
	} {
		repoCase{expr, "-- main.tf --" + names + `resource "aws_secretsmanager_secret_version" "s" {
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = ` + expr + `
}
`, "aws_secretsmanager_secret.s", map[string]string{"secret.value_in_code": want}}.run(t)
	}
}

// A value that a file of the repository gives to a variable is in the code, also where that file is not read or cannot be.
func TestValueInOtherFiles(t *testing.T) {
	const code = `-- main.tf --
variable "pw" {}
resource "azurerm_key_vault_secret" "s" { value = var.pw }
`
	const broken = "-- terraform.tfvars --\npw =\n"
	for name, c := range map[string]struct{ code, want string }{
		"no file":         {code, "false"},
		"read":            {code + "-- terraform.tfvars --\npw = \"example-only\"\n", "true"},
		"not read":        {code + "-- prod.tfvars --\npw = \"example-only\"\n", "?"},
		"of another one":  {code + "-- prod.tfvars --\nother = \"example-only\"\n", "false"},
		"broken":          {code + broken, "?"},
		"default instead": {"-- main.tf --\nvariable \"x\" {}\nmodule \"m\" {\n  source = \"./m\"\n  pw = var.x\n}\n-- m/main.tf --\nvariable \"pw\" {\n  default = \"example-only\"\n  nullable = false\n}\nresource \"azurerm_key_vault_secret\" \"s\" { value = var.pw }\n", "?"},
	} {
		repoCase{name, c.code, "azurerm_key_vault_secret.s", map[string]string{"secret.value_in_code": c.want}}.run(t)
	}
}
