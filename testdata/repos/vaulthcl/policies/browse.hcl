path "*" { # want: privilege/vault-policy-everything pass, privilege/vault-policy-shadowed fail
  capabilities = ["list"]
}

path "sys/*" {
  capabilities = ["deny", "sudo"] # deny stands alone, and LIST of sys/ is decided by the rule for "sys"
}
