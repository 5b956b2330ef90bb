# The older way to write capabilities.
path "+/*" {
  policy = "write" # want: privilege/vault-policy-everything fail
}
