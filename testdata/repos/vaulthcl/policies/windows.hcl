path "*" {
  capabilities = ["read"] # want: privilege/vault-policy-everything fail
}
