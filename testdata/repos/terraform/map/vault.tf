variable "ttl" {}

resource "vault_transit_secret_backend_key" "jwt" { # want: lifecycle/material-exportable fail, lifecycle/purge-unprotected pass, rotation/automatic-rotation-off pass
  backend            = "transit"
  name               = "jwt"
  type               = "ecdsa-p256"
  exportable         = true
  auto_rotate_period = 7776000
}

resource "vault_approle_auth_backend_role" "ci" { # want: workload/approle-unbounded fail
  role_name      = "ci"
  token_policies = ["ci"]
}

resource "vault_approle_auth_backend_role" "open" {
  role_name     = "open"
  secret_id_ttl = var.ttl # want: workload/approle-unbounded unknown
}

resource "vault_kubernetes_auth_backend_role" "web" {
  role_name                        = "web"
  bound_service_account_names      = ["*"] # want: workload/vault-kubernetes-role-wide fail
  bound_service_account_namespaces = ["shop"]
  audience                         = "vault"
}

resource "vault_audit" "file" {
  type    = "file"
  options = { file_path = "/vault/audit.log", log_raw = "true" } # want: audit/vault-audit-raw fail
}

resource "vault_jwt_auth_backend_role" "anybody" {
  role_name         = "anybody"
  bound_claims_type = "glob"
  bound_claims      = { project_path = "shop/*,*" } # want: workload/vault-jwt-role-wide fail
  bound_audiences   = [""]
}

resource "vault_jwt_auth_backend_role" "shop" {
  role_name         = "shop"
  bound_claims_type = "glob"
  bound_claims      = { project_path = "shop/*,pay/*" } # want: workload/vault-jwt-role-wide pass
}
