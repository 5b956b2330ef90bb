# Whom a role of JWT lets in where its issuer stands beside it.

resource "vault_jwt_auth_backend" "github" {
  path               = "github"
  oidc_discovery_url = "https://token.actions.githubusercontent.com"
  bound_issuer       = "https://token.actions.githubusercontent.com"
}

resource "vault_jwt_auth_backend_role" "audience" {
  backend         = vault_jwt_auth_backend.github.path
  role_name       = "audience"
  user_claim      = "repository"
  bound_audiences = ["https://vault.example.com"] # want: workload/vault-jwt-role-wide fail
}

resource "vault_jwt_auth_backend_role" "any_repository" {
  backend           = "github"
  role_name         = "any"
  bound_audiences   = ["https://vault.example.com"]
  bound_claims_type = "glob"
  bound_claims      = { repository = "*/*" } # want: workload/vault-jwt-role-wide fail
}

resource "vault_jwt_auth_backend_role" "any_subject" {
  backend           = "github"
  role_name         = "subject"
  bound_audiences   = ["https://vault.example.com"]
  bound_claims_type = "glob"
  bound_claims      = { sub = "repo:*" } # want: workload/vault-jwt-role-wide fail
}

resource "vault_jwt_auth_backend_role" "literal_star" { # no pattern
  backend         = "github"
  role_name       = "literal"
  bound_audiences = ["https://vault.example.com"]
  bound_claims    = { repository = "*/*" } # want: workload/vault-jwt-role-wide pass
}

resource "vault_jwt_auth_backend_role" "one_owner" {
  backend           = "github"
  role_name         = "owner"
  bound_audiences   = ["https://vault.example.com"]
  bound_claims_type = "glob"
  bound_claims      = { repository = "example/*" } # want: workload/vault-jwt-role-wide pass
}

resource "vault_jwt_auth_backend" "keys" { # at the path jwt
  jwks_url = "https://gitlab.com/-/jwks"
}

resource "vault_jwt_auth_backend_role" "default_path" {
  role_name       = "default"
  bound_audiences = ["https://vault.example.com"] # want: workload/vault-jwt-role-wide fail
}

resource "vault_jwt_auth_backend" "own" {
  path               = "own"
  oidc_discovery_url = "https://gitlab.example.com"
}

resource "vault_jwt_auth_backend_role" "own" {
  backend         = vault_jwt_auth_backend.own.path
  role_name       = "own"
  bound_audiences = ["https://vault.example.com"] # want: workload/vault-jwt-role-wide pass
}

resource "vault_jwt_auth_backend" "unset" {
  path               = "unset"
  oidc_discovery_url = var.unset
}

resource "vault_jwt_auth_backend_role" "unset" {
  backend         = vault_jwt_auth_backend.unset.path
  role_name       = "unset"
  bound_audiences = ["https://vault.example.com"] # want: workload/vault-jwt-role-wide unknown
}
