vault {
  address = "https://vault.example:8200"
}

auto_auth {
  method "kubernetes" {
    config = { role = "app" }
  }
}

listener "tcp" {
  address     = "127.0.0.1:8100"
  tls_disable = true
}
