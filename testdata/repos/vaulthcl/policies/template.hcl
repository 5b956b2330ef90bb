path "${mount}*" { # want: privilege/vault-policy-everything unknown, privilege/vault-power-minting unknown, privilege/vault-policy-shadowed unknown
  capabilities = ["read"]
}
