path "sys/policies/acl/*" { # want: privilege/vault-power-minting fail, privilege/vault-policy-shadowed pass
  capabilities = ["create", "update"]
}
