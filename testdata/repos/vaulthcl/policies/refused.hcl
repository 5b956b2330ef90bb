# Vault knows no capability "write", so it takes none of this.
path "*" { # want: privilege/vault-policy-everything unknown
  capabilities = ["write"]
}
