package terraform

import (
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
