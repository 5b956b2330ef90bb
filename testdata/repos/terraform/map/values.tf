variable "password" {}
variable "staging" {}

resource "azurerm_key_vault_secret" "branch" {
  name            = "branch"
  value           = var.staging ? "example-only" : "example-other"
  expiration_date = "2026-03-01T00:00:00Z" # want: credentials/created-in-code fail
}

resource "azurerm_key_vault_secret" "fallback" {
  name            = "fallback"
  value           = coalesce(var.password, "example-only")
  expiration_date = "2026-03-01T00:00:00Z" # want: credentials/created-in-code unknown
}

resource "azurerm_key_vault_secret" "given" {
  name            = "given"
  value           = var.password
  expiration_date = "2026-03-01T00:00:00Z" # want: credentials/created-in-code pass
}

resource "vault_kv_secret_v2" "empty" {
  name      = "empty"
  data_json = jsonencode({}) # want: credentials/created-in-code pass
}
