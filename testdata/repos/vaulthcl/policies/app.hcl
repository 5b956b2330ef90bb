name = "app"

path "secret/data/{{identity.entity.name}}/*" { # want: privilege/vault-policy-everything pass, lifecycle/upsert-allowed pass, privilege/vault-power-minting pass, privilege/vault-policy-shadowed pass
  capabilities       = ["create", "update", "read"]
  required_parameters = ["data"]
}

path "transit/sign/app" {
  capabilities = ["update"]
}
