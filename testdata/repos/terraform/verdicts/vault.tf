resource "vault_transit_secret_backend_key" "kept" { # want: lifecycle/material-exportable pass, lifecycle/purge-unprotected pass
  backend            = "transit"
  name               = "kept"
  auto_rotate_period = 7776000
}

resource "vault_transit_secret_backend_key" "some" { # want: lifecycle/material-exportable unknown, lifecycle/purge-unprotected unknown
  backend            = "transit"
  name               = "some"
  auto_rotate_period = 7776000
  exportable         = var.unset
  deletion_allowed   = var.unset
}

resource "vault_approle_auth_backend_role" "short" {
  role_name     = "short"
  secret_id_ttl = 600 # want: workload/approle-unbounded pass
}

resource "vault_approle_auth_backend_role" "halves" { # together they are all addresses
  role_name             = "halves"
  secret_id_bound_cidrs = ["0.0.0.0/1", "128.0.0.0/1"] # want: workload/approle-unbounded fail
}

resource "vault_audit" "file" {
  type    = "file"
  options = { file_path = "/vault/audit.log" } # want: audit/vault-audit-raw pass
}

resource "vault_audit" "some" {
  type    = "socket"
  options = { address = "127.0.0.1:9090", log_raw = var.unset } # want: audit/vault-audit-raw unknown
}

resource "vault_kubernetes_auth_backend_role" "web" {
  role_name                        = "web"
  bound_service_account_names      = ["web"] # want: workload/vault-kubernetes-role-wide pass, workload/vault-kubernetes-role-no-audience fail
  bound_service_account_namespaces = ["shop"]
}

resource "vault_kubernetes_auth_backend_role" "vault" {
  role_name                        = "vault"
  bound_service_account_names      = ["web"] # want: workload/vault-kubernetes-role-wide pass, workload/vault-kubernetes-role-no-audience pass
  bound_service_account_namespaces = ["shop"]
  audience                         = "vault"
}

resource "vault_kubernetes_auth_backend_role" "some" {
  role_name                        = "some"
  bound_service_account_names      = var.unset # want: workload/vault-kubernetes-role-wide unknown, workload/vault-kubernetes-role-no-audience unknown
  bound_service_account_namespaces = ["shop"]
  audience                         = var.unset
}

resource "vault_jwt_auth_backend_role" "anybody" { # want: workload/vault-jwt-role-wide fail
  role_name  = "anybody"
  user_claim = "sub"
}

resource "vault_jwt_auth_backend_role" "one" {
  role_name       = "one"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_subject   = "repo:shop/api:ref:refs/heads/main" # want: workload/vault-jwt-role-wide pass
}

resource "vault_jwt_auth_backend_role" "some" {
  role_name     = "some"
  user_claim    = "sub"
  bound_subject = var.unset # want: workload/vault-jwt-role-wide unknown
}

resource "vault_policy" "everything" {
  name   = "everything"
  policy = "path \"*\" { capabilities = [\"create\", \"sudo\"] }" # want: privilege/vault-policy-everything fail
}

resource "vault_policy" "encrypts" {
  name   = "encrypts"
  policy = "path \"transit/encrypt/*\" { capabilities = [\"create\", \"update\"] }" # want: lifecycle/upsert-allowed fail
}

resource "vault_policy" "one" {
  name   = "one"
  policy = "path \"secret/data/app\" { capabilities = [\"read\"] }" # want: privilege/vault-policy-everything pass, lifecycle/upsert-allowed pass, privilege/vault-power-minting pass, privilege/vault-policy-shadowed pass
}

resource "vault_policy" "some" {
  name   = "some"
  policy = var.unset # want: privilege/vault-policy-everything unknown, lifecycle/upsert-allowed unknown, privilege/vault-power-minting unknown, privilege/vault-policy-shadowed unknown
}

resource "vault_policy" "mints" {
  name   = "mints"
  policy = "path \"auth/approle/role/*\" { capabilities = [\"update\"] }" # want: privilege/vault-power-minting fail
}

resource "vault_policy" "shadows" {
  name   = "shadows"
  policy = <<-EOT
    path "secret/data/*" { capabilities = ["deny"] } # want: privilege/vault-policy-shadowed fail
    path "secret/data/app" { capabilities = ["read"] }
  EOT
}

resource "vault_mount" "kv" { # want: lifecycle/versions-too-few fail
  path = "kv"
  type = "kv-v2"
}

resource "vault_kv_secret_backend_v2" "kv" {
  mount        = vault_mount.kv.path
  max_versions = 1
}

resource "vault_kv_secret_backend_v2" "deep" {
  mount        = "deep"
  max_versions = 10 # want: lifecycle/versions-too-few pass
}

resource "vault_kv_secret_backend_v2" "some" {
  mount        = "some"
  max_versions = var.unset # want: lifecycle/versions-too-few unknown
}

resource "vault_token" "root" {
  policies = ["root"]
  ttl      = "1h" # want: credentials/vault-root-token fail, credentials/created-in-code fail
}

resource "vault_token" "endless" {
  policies = ["unseal"]
  period   = "24h" # want: credentials/vault-token-without-end fail, credentials/vault-root-token pass, credentials/created-in-code fail
}

resource "vault_token" "ending" {
  policies         = ["unseal"]
  period           = "24h" # want: credentials/vault-token-without-end pass, credentials/vault-root-token pass, credentials/created-in-code fail
  explicit_max_ttl = "240h"
}

resource "vault_token" "some" {
  policies = var.unset
  period   = var.unset # want: credentials/vault-token-without-end unknown, credentials/vault-root-token unknown, credentials/created-in-code fail
}
