# What the administrator of keys does and no more: no policy, no login, no token.
path "transit/keys/+" { # want: privilege/vault-power-minting pass
  capabilities = ["create", "read", "update"]
}

path "auth/token/create" { # its tokens have no policies that its own has not
  capabilities = ["update"]
}
