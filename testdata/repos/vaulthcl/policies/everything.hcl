path "*" { # want: privilege/vault-policy-everything fail
  capabilities = ["create", "read", "update", "delete", "list", "sudo"]
}
