variable "acls" {}

resource "azurerm_key_vault" "open" { # want: privilege/network-open fail, privilege/rbac-not-enabled fail, lifecycle/purge-unprotected fail
  name = "shop-open"
}

resource "azurerm_key_vault" "closed" { # want: privilege/network-open pass, privilege/rbac-not-enabled pass, lifecycle/purge-unprotected pass
  name                       = "shop-closed"
  rbac_authorization_enabled = true
  purge_protection_enabled   = true
  network_acls {
    bypass         = "AzureServices"
    default_action = "Deny"
  }
}

resource "azurerm_key_vault_key" "wrap" {
  name         = "wrap"
  key_vault_id = azurerm_key_vault.closed.id
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["wrapKey", "unwrapKey"]
  rotation_policy { # want: rotation/automatic-rotation-off pass, lifecycle/weak-key pass
    automatic {
      time_after_creation = "P180D"
    }
  }
}

resource "azurerm_key_vault_secret" "api" {
  name         = "api"
  value        = random_password.api.result # want: rotation/expiry-missing fail, credentials/created-in-code pass
  key_vault_id = azurerm_key_vault.closed.id
}

resource "random_password" "api" {
  length = 32
}

resource "azurerm_monitor_diagnostic_setting" "closed" { # want: audit/key-vault-diagnostics-off pass
  name               = "audit"
  target_resource_id = azurerm_key_vault.closed.id
  enabled_log {
    category_group = "audit"
  }
}

resource "azuread_application_password" "ci" { # want: credentials/created-in-code fail, rotation/expiry-missing pass, rotation/expiry-too-far fail
  application_id = "/applications/00000000-0000-0000-0000-000000000000"
}
