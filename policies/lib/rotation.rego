# METADATA
# description: How long the current version of a key or secret may serve, and which ones are judged by it.
package lib.rotation

# serves holds for what is ours to rotate and protects something now: no key that AWS manages, none that is disabled or about to be
# deleted, no old key that its series has left behind. A multi-Region replica takes its material from the primary, which is judged.
# Of what a file declares, neither the state of a secret nor the place in a series is known: what is in use is asked of the back end.
serves if {
	input.resource.key.manager == "customer"
	input.resource.key.state in {"enabled", "updating"}
	not input.resource.key.multi_region == "replica"
	not left_behind
}

serves if {
	input.resource.secret.state == "enabled"
	input.resource.secret.service_managed == false
	input.resource.secret.replica == false
	not left_behind
}

serves if {
	input.resource.origin == "declared"
	input.resource.secret.service_managed == false
	input.resource.secret.replica == false
}

left_behind if {
	not input.resource.origin == "declared"
	input.resource.series.role == "predecessor"
}

# has_age holds where the times of a key or secret can be read. Files state none, and what is not stated is not young.
has_age if not input.resource.origin == "declared"

# age_days counts from the newest version, of a key that was never rotated from its creation.
age_days := input.resource.key.age_days if input.resource.kind == "key"

age_days := input.resource.secret.age_days if input.resource.kind == "secret"

# limit is how many days a version may serve for a purpose, and for how many more it is not reported, because providers rotate only
# approximately on time. The settings are those of the three rules that judge age, by group of purposes.
limit("token_signing", settings) := {"days": settings.signing.max_age_days, "grace": settings.signing.grace_days}

limit("code_signing", settings) := {"days": settings.signing.code_signing_max_age_days, "grace": settings.signing.yearly_grace_days}

limit("certificate_authority", settings) := {
	"days": settings.signing.certificate_authority_max_age_days,
	"grace": settings.signing.yearly_grace_days,
}

limit("encryption", settings) := {"days": settings.encryption.max_age_days, "grace": settings.encryption.grace_days}

limit("api_key", settings) := {"days": settings.secret.max_age_days, "grace": settings.secret.grace_days}

limit("connection", settings) := {"days": settings.secret.max_age_days, "grace": settings.secret.grace_days}

limit("unclassified", settings) := {"days": settings.secret.max_age_days, "grace": settings.secret.grace_days}
