storage "raft" {
  path = "/openbao/data"
}

listener "tcp" {
  address       = "0.0.0.0:8200"
  tls_cert_file = "/openbao/tls/tls.crt"
  tls_key_file  = "/openbao/tls/tls.key"
}

audit "file" "to-stdout" {
  options {
    file_path = "/dev/stdout"
    log_raw   = "true" # want: audit/vault-audit-raw fail
  }
}

audit "file" "hashed" {
  options {
    file_path = "/openbao/audit.log" # want: audit/vault-audit-raw pass
  }
}

audit "socket" "collector" {
  options {
    log_raw = "${raw}" # want: audit/vault-audit-raw unknown
  }
}
