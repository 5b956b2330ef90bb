path "${mount}*" { # want: privilege/vault-policy-everything unknown
  capabilities = ["read"]
}
