package terraform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// The configuration of infra/, and what "terraform show -json" says of its plan.
const (
	keysHCL = `
variable "teams" { default = ["a", "b"] }
resource "aws_kms_key" "team" {
  for_each                = toset(var.teams)
  description             = "key of ${each.key}"
  deletion_window_in_days = 30
  enable_key_rotation     = true
  tags                    = { team = each.key }
}
resource "aws_kms_alias" "team" {
  count         = 1
  name          = "alias/${var.teams[count.index]}"
  target_key_id = aws_kms_key.team["a"].key_id
}
`
	keysPlan = `{"format_version": "1.2", "resource_changes": [
  {"address": "aws_kms_alias.team[0]", "mode": "managed", "type": "aws_kms_alias", "name": "team", "index": 0,
   "change": {"actions": ["create"], "before": null, "after": {"name": "alias/a", "name_prefix": null}, "after_unknown": {"target_key_id": true}}},
  {"address": "aws_kms_key.team[\"a\"]", "mode": "managed", "type": "aws_kms_key", "name": "team", "index": "a",
   "change": {"actions": ["create"], "before": null, "after": {"description": "key of a", "deletion_window_in_days": 30, "enable_key_rotation": true, "tags": {"team": "a"}}, "after_unknown": {}}},
  {"address": "aws_kms_key.team[\"b\"]", "mode": "managed", "type": "aws_kms_key", "name": "team", "index": "b",
   "change": {"actions": ["create"], "before": null, "after": {"description": "key of b", "deletion_window_in_days": 30, "enable_key_rotation": true, "tags": {"team": "b"}}, "after_unknown": {}}}
 ],
 "configuration": {"root_module": {"resources": [{"address": "aws_kms_alias.team", "mode": "managed", "type": "aws_kms_alias", "name": "team",
  "expressions": {"target_key_id": {"references": ["aws_kms_key.team[\"a\"].key_id", "aws_kms_key.team[\"a\"]", "aws_kms_key.team"]}}}]}}}`
)

func TestPlanEqualsConfiguration(t *testing.T) {
	configuration := found(t, files("infra/main.tf", keysHCL))
	if plan := found(t, files("infra/plan.json", keysPlan)); plan != configuration {
		t.Errorf("(-configuration +plan)\n%s", cmp.Diff(configuration, plan))
	}
	if both := found(t, files("infra/main.tf", keysHCL, "infra/plan.json", keysPlan)); both != configuration {
		t.Errorf("(-configuration +both)\n%s", cmp.Diff(configuration, both))
	}
	// Resources, too, have the same IDs and facts; with both, also the same places.
	byCode, byPlan := Dialect.Read(t.Context(), files("infra/main.tf", keysHCL)), Dialect.Read(t.Context(), files("infra/plan.json", keysPlan))
	byBoth := Dialect.Read(t.Context(), files("infra/main.tf", keysHCL, "infra/plan.json", keysPlan))
	if len(byCode.Resources) < 2 {
		t.Fatalf("got %d resources", len(byCode.Resources))
	}
	if diff := cmp.Diff(byCode.Resources, byBoth.Resources); diff != "" {
		t.Errorf("(-configuration +both)\n%s", diff)
	}
	for i := range byPlan.Resources {
		if got := byPlan.Resources[i].Location; *got != (inventory.Location{Path: "infra/plan.json", StartLine: 1, EndLine: 1}) {
			t.Errorf("%s is at %+v", byPlan.Resources[i].ID, got)
		}
		byPlan.Resources[i].Location = byCode.Resources[i].Location
	}
	if diff := cmp.Diff(byCode.Resources, byPlan.Resources); diff != "" {
		t.Errorf("(-configuration +plan)\n%s", diff)
	}
}

// A plan shows what was generated as it shows what is written, and as unknown what a provider computes as it does what hangs on an apply.
func TestWhatAPlanTells(t *testing.T) {
	const code = `
variable "pw" {}
variable "policy" { default = null }
resource "random_password" "p" {}
resource "aws_secretsmanager_secret" "s" { name = "s" }
resource "aws_secretsmanager_secret_version" "s" {
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = EXPR
}
resource "aws_kms_key" "k" {
  policy = var.policy
  tags   = { team = "pay", Name = var.pw }
}
`
	plan := func(configured string) string {
		return `{"format_version": "1.2", "resource_changes": [
  {"address": "aws_secretsmanager_secret.s", "mode": "managed", "type": "aws_secretsmanager_secret", "name": "s",
   "change": {"actions": ["no-op"], "after": {"name": "s", "id": "arn:example", "policy": "", "recovery_window_in_days": 30}, "after_unknown": {}}},
  {"address": "aws_secretsmanager_secret_version.s", "mode": "managed", "type": "aws_secretsmanager_secret_version", "name": "s",
   "change": {"actions": ["no-op"], "after": {"secret_id": "arn:example", "secret_string": "example-only"}, "after_unknown": {}}},
  {"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k",
   "change": {"actions": ["create"], "after": {"tags": {"team": "pay"}, "enable_key_rotation": true},
    "after_unknown": {"arn": true, "multi_region": true, "policy": true, "rotation_period_in_days": true, "tags": {"Name": true}, "tags_all": true}}}]` + configured + `}`
	}
	configured := func(value, key string) string {
		return plan(`, "configuration": {"root_module": {"resources": [
  {"address": "aws_secretsmanager_secret_version.s", "mode": "managed", "type": "aws_secretsmanager_secret_version", "name": "s", "expressions": {"secret_string": ` + value + `}},
  {"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k", "expressions": {"tags": {"references": ["var.pw"]}` + key + `}}]}}`)
	}
	with := func(expr, plan string) string {
		return "-- main.tf --" + strings.ReplaceAll(code, "EXPR", expr) + "-- plan.json --\n" + plan + "\n"
	}
	alone := func(plan string) string { return "-- plan.json --\n" + plan + "\n" }
	const constant, generated = `{"constant_value": "example-only"}`, `{"references": ["random_password.p.result", "random_password.p"]}`
	for name, c := range map[string]struct{ code, want string }{
		"generated":                       {with("random_password.p.result", configured(generated, "")), "false"},
		"generated, without a plan of it": {with("random_password.p.result", plan("")), "false"},
		"written":                         {with(`"example-only"`, configured(constant, "")), "true"},
		"perhaps written":                 {with(`coalesce(var.pw, "example-only")`, configured(`{"references": ["var.pw"]}`, "")), "?"},
		"constant, no code":               {alone(configured(constant, "")), "true"},
		"generated, no code":              {alone(configured(generated, "")), "?"},
		"encoded, no code":                {alone(configured(`{}`, "")), "?"},
		"nothing known of the code":       {alone(plan("")), "?"},
	} {
		repoCase{name, c.code, "aws_secretsmanager_secret.s", map[string]string{"secret.value_in_code": c.want}}.run(t)
	}
	const key = "aws_kms_key.k"
	known := map[string]string{"key.multi_region": "single", "key.rotation.period_days": "365", "tags.team": "pay", "tags.Name": "?", "key.rotation.automatic": "true"}
	repoCase{"computed, with the code", with("var.pw", configured(generated, "")), key, known}.run(t)
	repoCase{"computed, no code", alone(configured(generated, "")), key, known}.run(t)
	repoCase{"stated, no code", alone(configured(generated, `, "multi_region": {"references": ["module.m.x"]}`)), key, map[string]string{"key.multi_region": "?"}}.run(t)
	repoCase{"nothing known of the code", alone(plan("")), key, map[string]string{"key.multi_region": "?", "key.rotation.period_days": "?"}}.run(t)
	// That of the code the default is null does not tell that it is so in the plan.
	repoCase{"null by default", with("var.pw", configured(generated, `, "policy": {"references": ["var.policy"]}`)), key + ".policy", map[string]string{"policy.statements": "?"}}.run(t)
	for _, r := range Dialect.Read(t.Context(), archive(alone(configured(generated, "")))).Resources {
		if r.Type == "aws.kms.policy" {
			t.Errorf("%s is declared by nothing", r.ID)
		}
	}
}

// What is write-only is never among what will be; the configuration of a plan tells of it.
func TestWriteOnlyInAPlan(t *testing.T) {
	plan := func(typ, values, expressions string) string {
		return "-- plan.json --\n" + `{"format_version": "1.2", "resource_changes": [
  {"address": "` + typ + `.x", "mode": "managed", "type": "` + typ + `", "name": "x", "change": {"actions": ["create"], "after": {` + values + `}, "after_unknown": {}}}],
 "configuration": {"root_module": {"resources": [{"address": "` + typ + `.x", "mode": "managed", "type": "` + typ + `", "name": "x", "expressions": {` + expressions + `}}]}}}` + "\n"
	}
	const secret, wo = "azurerm_key_vault_secret", `"value_wo": null`
	for name, c := range map[string]struct{ code, want string }{
		"constant":   {plan(secret, wo, `"value_wo": {"constant_value": "example-only"}`), "true"},
		"empty":      {plan(secret, wo, `"value_wo": {"constant_value": ""}`), "false"},
		"not known":  {plan(secret, wo, `"value_wo": {"references": ["var.x"]}`), "?"},
		"not stated": {plan(secret, wo, ""), "false"},
		"in the code": {plan(secret, wo, `"value_wo": {"references": ["var.x"]}`) +
			"-- main.tf --\nvariable \"x\" {}\nresource \"" + secret + "\" \"x\" { value_wo = var.x }\n", "false"},
	} {
		repoCase{name, c.code, secret + ".x", map[string]string{"secret.value_in_code": c.want}}.run(t)
	}
	material := plan("aws_kms_external_key", `"enabled": true`, `"key_material_base64_wo": {"references": ["ephemeral.x.y.z"]}`)
	repoCase{"material", material, "aws_kms_external_key.x", map[string]string{"key.state": "enabled"}}.run(t)
	code := "-- main.tf --\nresource \"aws_kms_external_key\" \"x\" { key_material_base64_wo = ephemeral.x.y.z }\n"
	repoCase{"material in the code", code + plan("aws_kms_external_key", `"enabled": true`, ""), "aws_kms_external_key.x", map[string]string{"key.state": "enabled"}}.run(t)
}

// A secret whose value is in the code by one plan and generated by another is not known to be out of it.
func TestPlansThatDisagree(t *testing.T) {
	plan := func(name, value, sources string) string {
		return "-- plan-" + name + ".json --\n" + `{"format_version": "1.2", "resource_changes": [
  {"address": "aws_secretsmanager_secret.s", "mode": "managed", "type": "aws_secretsmanager_secret", "name": "s", "change": {"actions": ["create"], "after": {"name": "s"}, "after_unknown": {}}},
  {"address": "aws_secretsmanager_secret_version.v", "mode": "managed", "type": "aws_secretsmanager_secret_version", "name": "v",
   "change": {"actions": ["create"], "after": {"secret_id": "s", "secret_string": "` + value + `"}, "after_unknown": {}}}],
 "configuration": {"root_module": {"resources": [{"address": "aws_secretsmanager_secret_version.v", "mode": "managed", "type": "aws_secretsmanager_secret_version", "name": "v",
  "expressions": {"secret_string": ` + sources + `}}]}}}` + "\n"
	}
	const constant, generated = `{"constant_value": "CONST"}`, `{"references": ["random_password.p.result", "random_password.p"]}`
	literal := func(name, value string) string {
		return plan(name, value, strings.ReplaceAll(constant, "CONST", value))
	}
	for name, c := range map[string]struct{ code, want string }{
		"the same":         {literal("a", "example-one") + literal("b", "example-one"), "true"},
		"two literals":     {literal("a", "example-one") + literal("b", "example-two"), "true"},
		"literal first":    {literal("a", "example-one") + plan("b", "x", generated), "?"},
		"literal second":   {plan("a", "x", generated) + literal("b", "example-one"), "?"},
		"only one has one": {literal("a", "example-one") + "-- plan-b.json --\n" + `{"format_version": "1.2", "resource_changes": []}` + "\n", "true"}, // with its secret
	} {
		repoCase{name, c.code, "aws_secretsmanager_secret.s", map[string]string{"secret.value_in_code": c.want}}.run(t)
	}
}
