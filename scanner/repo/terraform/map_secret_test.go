package terraform

import "testing"

// Text of the code that may become a secret's value is told, whatever stands beside it; what comes from elsewhere as a whole is not in
// the code.
func TestValueInCode(t *testing.T) {
	const names = `
variable "x" {}
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
