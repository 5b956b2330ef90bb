path "transit/encrypt/*" { # want: lifecycle/upsert-allowed fail
  capabilities = ["create", "update"]
}
