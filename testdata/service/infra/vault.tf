resource "vault_transit_secret_backend_key" "tokens" {
  backend            = "transit"
  name               = "${var.service}-tokens"
  type               = "ed25519"
  auto_rotate_period = 2592000
}

resource "vault_kubernetes_auth_backend_role" "service" {
  role_name                        = var.service
  bound_service_account_names      = [var.service]
  bound_service_account_namespaces = [var.namespace]
  audience                         = "vault"
  token_policies                   = [var.service]
  token_ttl                        = 900
}

resource "vault_policy" "service" {
  name   = var.service
  policy = <<-EOT
    path "transit/sign/${var.service}-tokens" {
      capabilities = ["update"]
    }
    path "secret/data/${var.service}/*" {
      capabilities = ["read"]
    }
  EOT
}
