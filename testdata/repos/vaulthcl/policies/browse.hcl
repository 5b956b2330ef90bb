path "*" { # want: privilege/vault-policy-everything pass
  capabilities = ["list"]
}

path "sys/*" {
  capabilities = ["deny", "sudo"] # deny stands alone
}
