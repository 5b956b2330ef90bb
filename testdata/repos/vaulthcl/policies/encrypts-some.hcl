path "${mount}/encrypt/*" { # want: lifecycle/upsert-allowed unknown
  capabilities = ["create", "update"]
}
