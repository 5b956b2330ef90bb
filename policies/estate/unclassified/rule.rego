# METADATA
# title: Environment, purpose or owner cannot be told
# description: >-
#   Limits, severities and the person to ask hang on these labels. What nobody classifies is judged as production, and a secret of unknown
#   purpose as if it were an API key, which may be too strict; without an owner a finding reaches nobody. Add a selector for the resource
#   under `classify` in keyreeve.yaml, or a tag (in Vault: custom metadata of the path); the facts name both. Keys that the cloud provider
#   manages are left out, and so is what code declares: the tags and selectors of the live estate are what counts.
# custom:
#   severity: info
#   applies_to: [key, secret]
#   controls:
#     iso-27001-2022: [A.5.9]
#   remedy: classify
package keyreeve.estate.unclassified

applies if {
	not input.resource.key.manager == "provider"
	not input.resource.origin == "declared"
}

deny contains {
	"message": "its environment cannot be told",
	"at": "environment",
	"facts": {"selector": "classify.environments", "tag": "keyreeve:environment"},
} if {
	not input.resource.environment
}

deny contains {
	"message": "its purpose cannot be told",
	"at": "purpose",
	"facts": {"selector": "classify.purposes", "tag": "keyreeve:purpose"},
} if {
	input.resource.purpose == "unclassified"
}

deny contains {
	"message": "its owner cannot be told",
	"at": "owner",
	"facts": {"selector": "classify.owners", "tag": "keyreeve:owner"},
} if {
	not input.resource.owner
}
