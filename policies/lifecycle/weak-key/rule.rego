# METADATA
# title: Key is too weak
# description: >-
#   RSA below 2048 bits and elliptic curves below 224 bits (P-192) give less than the 112 bits of strength that NIST SP 800-131A asks for;
#   triple DES has blocks so short that much data under one key gives itself away, and NIST has disallowed encrypting with it since 2024.
#   Create a key of a current kind (AES-256, P-256, Ed25519, RSA with 3072 bits), move signing or encryption to it, re-wrap what the weak
#   key protects and disable it. RSA with 2048 bits passes; for keys or data that are to last beyond 2030 choose 3072 bits or more.
# related_resources:
#   - ref: https://csrc.nist.gov/pubs/sp/800/131/a/r2/final
#     description: "NIST SP 800-131A: transitioning the use of cryptographic algorithms and key lengths"
#   - ref: https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final
#     description: "NIST SP 800-57 part 1: comparable strengths"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [key]
#   settings:
#     min_rsa_bits: {default: 2048, about: bits of the shortest accepted RSA modulus}
#     min_ec_bits: {default: 224, about: bits of the smallest accepted elliptic curve}
#   controls:
#     nist-800-53-r5: [SC-12, SC-13]
#     pci-dss-4.0.1: ["3.7.1"]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: replace
#   tags: [cwe-326, cwe-327]
package keyreeve.lifecycle["weak-key"]

applies if not input.resource.key.state == "pending_deletion"

deny contains {
	"message": "its RSA modulus is too short",
	"facts": {"bits": input.resource.key.bits, "min_bits": input.settings.min_rsa_bits},
} if {
	input.resource.key.algorithm == "rsa"
	input.resource.key.bits < input.settings.min_rsa_bits
}

deny contains {
	"message": "its elliptic curve is too small",
	"facts": {"bits": input.resource.key.bits, "min_bits": input.settings.min_ec_bits},
} if {
	input.resource.key.algorithm == "ec"
	input.resource.key.bits < input.settings.min_ec_bits
}

deny contains {"message": "triple DES is too weak"} if input.resource.key.algorithm == "des3"
