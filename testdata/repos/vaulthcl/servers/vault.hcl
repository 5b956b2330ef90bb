ui = true

storage "raft" {
  path = "/vault/data"
}

listener "tcp" {
  address     = "127.0.0.1:8200"
  tls_disable = 1
}

seal "awskms" {
  kms_key_id = "alias/vault"
}
