package terraform

import (
	"strings"
	"testing"
)

// The tags that a provider adds are tags, unless the resource has others of these names.
func TestDefaultTags(t *testing.T) {
	const provider = "provider \"aws\" {\n  default_tags {\n    tags = { team = \"pay\", environment = %s }\n  }\n}\n"
	with := func(env string) string { return "-- main.tf --\n" + strings.Replace(provider, "%s", env, 1) }
	const key = "resource \"aws_kms_key\" \"k\" { tags = { team = \"shop\" } }\n"
	const eu = "provider \"aws\" {\n  alias = \"eu\"\n  default_tags { tags = { region = \"eu\" } }\n}\n"
	for _, c := range []repoCase{
		{"added", with(`"prod"`) + key, "aws_kms_key.k", map[string]string{"tags.team": "shop", "tags.environment": "prod"}},
		{"no tags of its own", with(`"prod"`) + "resource \"aws_kms_key\" \"k\" {}\n", "aws_kms_key.k", map[string]string{"tags.team": "pay", "tags.environment": "prod"}},
		{"not known", with("var.env") + key, "aws_kms_key.k", map[string]string{"tags": "?"}},
		{"in JSON", "-- p.tf.json --\n{\"provider\": {\"aws\": {\"default_tags\": {\"tags\": {\"team\": \"pay\"}}}}}\n-- main.tf --\nresource \"aws_kms_key\" \"k\" {}\n", "aws_kms_key.k", map[string]string{"tags.team": "pay"}},
		{"of another provider", with(`"prod"`) + eu + "resource \"aws_kms_key\" \"k\" { provider = aws.eu }\n", "aws_kms_key.k", map[string]string{"tags.region": "eu", "tags.team": ""}},
		{"of the caller", with(`"prod"`) + "module \"m\" { source = \"./m\" }\n-- m/main.tf --\n" + key, "aws_kms_key.k", map[string]string{"tags.environment": "prod"}},
		{"handed on", with(`"prod"`) + eu + "module \"m\" {\n  source = \"./m\"\n  providers = { aws = aws.eu, aws.other = aws }\n}\n-- m/main.tf --\n" + key, "aws_kms_key.k", map[string]string{"tags.region": "eu", "tags.environment": ""}},
		{"handed on by an alias", with(`"prod"`) + eu + "module \"m\" {\n  source = \"./m\"\n  providers = { aws.main = aws.eu }\n}\n-- m/main.tf --\nresource \"aws_kms_key\" \"k\" { provider = aws.main }\n", "aws_kms_key.k", map[string]string{"tags.region": "eu"}},
		{"computed in a plan", with(`"prod"`) + key + "-- plan.json --\n" + `{"format_version": "1.2", "resource_changes": [{"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k",
  "change": {"actions": ["create"], "after": {"tags": {"team": "shop"}}, "after_unknown": {"tags_all": true, "tags": {}}}}]}` + "\n", "aws_kms_key.k", map[string]string{"tags.team": "shop", "tags.environment": "prod"}},
		{"told by a plan", "-- plan.json --\n" + `{"format_version": "1.2", "resource_changes": [{"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k",
  "change": {"actions": ["create"], "after": {"tags": null, "tags_all": {"team": "pay"}}, "after_unknown": {"tags_all": {}}}}]}` + "\n", "aws_kms_key.k", map[string]string{"tags.team": "pay"}},
	} {
		c.run(t)
	}
}
