# METADATA
# title: A root token exists
# description: Whoever holds it may do anything. Revoke it.
# custom:
#   severity: critical
#   applies_to: ["vault.tok*"]
package keyreeve.access["root-token"]

deny contains {"message": "a token has the policy root", "at": p} if {
	some p in input.resource.credential.policies
	p == "root"
}
