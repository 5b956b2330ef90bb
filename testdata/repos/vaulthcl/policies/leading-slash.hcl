path "/*" { capabilities = ["sudo"] } # want: privilege/vault-policy-everything fail
