package terraform

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A resource that may not be there decides nothing for another one, unless that is there under the same condition only.
func TestWhatMayNotBeThere(t *testing.T) {
	const secret = `resource "aws_secretsmanager_secret" "s" { name = "s" }
`
	const rotation = `  secret_id = aws_secretsmanager_secret.s.id
  rotation_rules { automatically_after_days = 30 }
}
`
	const automatic = "secret.rotation.automatic"
	for _, c := range []repoCase{
		{"certain", `
-- main.tf --
` + secret + `resource "aws_secretsmanager_secret_rotation" "r" {
` + rotation, "aws_secretsmanager_secret.s", map[string]string{automatic: "true"}},
		{"count", `
-- main.tf --
variable "on" {}
` + secret + `resource "aws_secretsmanager_secret_rotation" "r" {
  count = var.on ? 1 : 0
` + rotation, "aws_secretsmanager_secret.s", map[string]string{automatic: "?", "secret.rotation.period_days": "?"}},
		{"count of a module", `
-- main.tf --
variable "on" {}
` + secret + `module "rot" {
  source = "./rot"
  count  = var.on ? 1 : 0
  id     = aws_secretsmanager_secret.s.id
}
-- rot/main.tf --
variable "id" {}
resource "aws_secretsmanager_secret_rotation" "r" {
  secret_id = var.id
  rotation_rules { automatically_after_days = 30 }
}
`, "aws_secretsmanager_secret.s", map[string]string{automatic: "?"}},
		{"same condition", `
-- main.tf --
variable "on" {}
resource "aws_secretsmanager_secret" "s" {
  count = var.on ? 1 : 0
}
resource "aws_secretsmanager_secret_rotation" "r" {
  count     = var.on  ?  1 : 0
  secret_id = aws_secretsmanager_secret.s[0].id
  rotation_rules { automatically_after_days = 30 }
}
`, "aws_secretsmanager_secret.s", map[string]string{automatic: "true"}},
		{"another condition", `
-- main.tf --
variable "on" {}
resource "aws_secretsmanager_secret" "s" {
  count = var.on ? 1 : 0
}
resource "aws_secretsmanager_secret_rotation" "r" {
  count     = var.on == "all" ? 1 : 0
  secret_id = aws_secretsmanager_secret.s[0].id
  rotation_rules { automatically_after_days = 30 }
}
`, "aws_secretsmanager_secret.s", map[string]string{automatic: "?"}},
		{"same module", `
-- main.tf --
variable "on" {}
module "m" {
  source   = "./m"
  for_each = var.on
}
-- m/main.tf --
` + secret + `resource "aws_secretsmanager_secret_rotation" "r" {
` + rotation, "module.m.aws_secretsmanager_secret.s", map[string]string{automatic: "true"}},
		{"value", `
-- main.tf --
variable "on" {}
` + secret + `resource "aws_secretsmanager_secret_version" "v" {
  count         = var.on ? 1 : 0
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = "not-a-secret"
}
`, "aws_secretsmanager_secret.s", map[string]string{"secret.value_in_code": "?"}},
		{"versions of a mount", `
-- main.tf --
variable "on" {}
resource "vault_mount" "kv" {
  path = "kv"
  type = "kv-v2"
}
resource "vault_kv_secret_backend_v2" "c" {
  count        = var.on ? 1 : 0
  mount        = vault_mount.kv.path
  max_versions = 10
}
`, "vault_mount.kv", map[string]string{"store.max_versions": "?"}},
	} {
		c.run(t)
	}
}

// A reference means what it means where it is written, and not its namesake in the module that it is passed to.
func TestReferencesAcrossModules(t *testing.T) {
	const code = `
-- main.tf --
resource "aws_secretsmanager_secret" "this" { name = "outer" }
module "m" {
  source    = "./m"
  secret_id = aws_secretsmanager_secret.this.id
}
-- m/main.tf --
variable "secret_id" {}
resource "aws_secretsmanager_secret" "this" { name = "inner" }
resource "aws_secretsmanager_secret_rotation" "r" {
  secret_id = var.secret_id
  rotation_rules { automatically_after_days = 30 }
}
`
	repoCase{"outer", code, "#aws_secretsmanager_secret.this", map[string]string{"secret.rotation.automatic": "true"}}.run(t)
	repoCase{"inner", code, "module.m.aws_secretsmanager_secret.this", map[string]string{"secret.rotation.automatic": "false"}}.run(t)
}

// A plan of what is there already names other resources by their ARNs and IDs.
func TestPlanOfWhatIsThere(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf"
	secret := func(more string) string {
		return `{"address": "aws_secretsmanager_secret.s", "mode": "managed", "type": "aws_secretsmanager_secret", "name": "s",
  "change": {"actions": ["no-op"], "after": {"name": "s"` + more + `}, "after_unknown": {}}}`
	}
	rotation := func(id string) string {
		return `{"address": "aws_secretsmanager_secret_rotation.r", "mode": "managed", "type": "aws_secretsmanager_secret_rotation", "name": "r",
  "change": {"actions": ["no-op"], "after": {"secret_id": "` + id + `", "rotation_rules": [{"automatically_after_days": 30}]}, "after_unknown": {}}}`
	}
	plan := func(more, id, configuration string) string {
		return "\n-- plan.json --\n" + `{"format_version": "1.2", "resource_changes": [` + secret(more) + "," + rotation(id) + `]` + configuration + "}\n"
	}
	const named = `, "configuration": {"root_module": {"resources": [{"address": "aws_secretsmanager_secret_rotation.r", "mode": "managed",
  "type": "aws_secretsmanager_secret_rotation", "name": "r", "expressions": {"secret_id": {"references": ["aws_secretsmanager_secret.s.id", "aws_secretsmanager_secret.s"]}}}]}}`
	const hcl = `
-- main.tf --
resource "aws_secretsmanager_secret" "s" { name = "s" }
resource "aws_secretsmanager_secret_rotation" "r" {
  secret_id = aws_secretsmanager_secret.s.id
  rotation_rules { automatically_after_days = 30 }
}
`
	const literal = `
-- main.tf --
resource "aws_secretsmanager_secret" "s" { name = "s" }
resource "aws_secretsmanager_secret_rotation" "r" {
  secret_id = "ARN"
  rotation_rules { automatically_after_days = 30 }
}
`
	for name, c := range map[string]struct{ code, want string }{
		"by ARN":                     {plan(`, "arn": "`+arn+`"`, arn, ""), "true"},
		"by ID":                      {plan(`, "id": "x1"`, "x1", ""), "true"},
		"by configuration":           {plan("", "x1", named), "true"},
		"by code beside":             {hcl + plan("", "x1", "")[1:], "true"},
		"another one":                {plan(`, "id": "x1"`, "x2", ""), "false"},
		"something made of the name": {plan(`, "id": "x1"`, "x2", named), "?"},
		"by ARN in code":             {strings.ReplaceAll(literal, "ARN", arn), "true"},
		"another ARN in code":        {strings.ReplaceAll(literal, "ARN", strings.Replace(arn, ":s-", ":s-2-", 1)), "false"},
	} {
		repoCase{name, c.code, "aws_secretsmanager_secret.s", map[string]string{"secret.rotation.automatic": c.want}}.run(t)
	}
}

// A repoCase says what the resource whose ID ends with an address says in a repository in txtar.
type repoCase struct {
	name, code, address string
	want                map[string]string
}

func (c repoCase) run(t *testing.T) {
	t.Helper()
	t.Run(c.name, func(t *testing.T) {
		t.Helper()
		out := Dialect.Read(t.Context(), archive(c.code))
		i := slices.IndexFunc(out.Resources, func(r inventory.Resource) bool { return strings.HasSuffix(string(r.ID), c.address) })
		if i < 0 {
			t.Fatalf("no %s among %d resources; gaps %v", c.address, len(out.Resources), out.Gaps)
		}
		got := flat(t, &out.Resources[i])
		for fact, want := range c.want {
			if got[fact] != want {
				t.Errorf("%s is %q, want %q; %+v", fact, got[fact], want, out.Resources[i].Unknown)
			}
		}
	})
}
