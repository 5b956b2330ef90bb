resource "azurerm_key_vault" "some" { # want: privilege/network-open unknown, privilege/rbac-not-enabled unknown, lifecycle/purge-unprotected unknown
  name                       = "shop-some"
  rbac_authorization_enabled = var.unset
  purge_protection_enabled   = var.unset
  network_acls {
    bypass         = "AzureServices"
    default_action = var.unset
  }
}

resource "azurerm_key_vault_key" "imported" {
  name         = "imported"
  key_vault_id = azurerm_key_vault.some.id
  key_type     = "RSA" # want: lifecycle/weak-key fail, rotation/automatic-rotation-off fail, rotation/expiry-missing fail
  key_size     = 1024
  key_opts     = ["sign", "verify"]
}

resource "azurerm_key_vault_secret" "far" {
  name            = "far"
  key_vault_id    = azurerm_key_vault.some.id
  value           = random_password.far.result
  expiration_date = "2027-01-01T00:00:00Z" # want: rotation/expiry-missing pass, rotation/expiry-too-far fail
}

resource "azurerm_key_vault_secret" "near" {
  name            = "near"
  key_vault_id    = azurerm_key_vault.some.id
  value           = random_password.far.result
  expiration_date = "2026-03-01T00:00:00Z" # want: rotation/expiry-missing pass, rotation/expiry-too-far pass
}

resource "azurerm_key_vault_secret" "some_day" {
  name            = "some-day"
  key_vault_id    = azurerm_key_vault.some.id
  value           = random_password.far.result
  expiration_date = var.unset # want: rotation/expiry-missing unknown, rotation/expiry-too-far unknown
}

resource "random_password" "far" {
  length = 32
}

resource "azurerm_monitor_diagnostic_setting" "metrics" { # want: audit/key-vault-diagnostics-off fail
  name               = "metrics"
  target_resource_id = azurerm_key_vault.some.id
  metric {
    category = "AllMetrics"
  }
}

resource "azurerm_monitor_diagnostic_setting" "some" { # want: audit/key-vault-diagnostics-off unknown
  name               = "some"
  target_resource_id = azurerm_key_vault.some.id
  enabled_log {
    category = var.unset
  }
}
