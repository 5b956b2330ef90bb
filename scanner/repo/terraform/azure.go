package terraform

import "github.com/zclconf/go-cty/cty"

// azureRows are the types of the AzureRM and AzureAD providers.
var azureRows = map[string]row{
	"azurerm_key_vault":                  {declare: keyVault},
	"azurerm_key_vault_key":              {declare: keyVaultKey, add: inVault},
	"azurerm_key_vault_secret":           {declare: keyVaultSecret, add: inVault},
	"azurerm_key_vault_certificate":      {declare: keyVaultCertificate, add: inVault},
	"azurerm_key_vault_access_policy":    {declare: accessPolicy, add: inVault},
	"azurerm_monitor_diagnostic_setting": {declare: diagnosticSetting},
	"azurerm_role_assignment":            {declare: roleAssignment},

	"azuread_application":                               {declare: applicationPasswords},
	"azuread_application_password":                      {declare: entraPassword},
	"azuread_service_principal_password":                {declare: entraPassword},
	"azuread_application_federated_identity_credential": {declare: federatedCredential},
	"azurerm_federated_identity_credential":             {declare: federatedCredential},
}

// azureDefaults are what holds where an argument is not stated, from the section Arguments Reference of each resource's page in the
// documentation of the AzureRM provider, version 4.
var azureDefaults = map[string]cty.Value{
	"azurerm_key_vault.rbac_authorization_enabled":    cty.False,
	"azurerm_key_vault.purge_protection_enabled":      cty.False,
	"azurerm_key_vault.soft_delete_retention_days":    cty.NumberIntVal(90),
	"azurerm_key_vault.public_network_access_enabled": cty.True,

	"azurerm_key_vault_key.curve": cty.StringVal("P-256"),

	"azurerm_monitor_diagnostic_setting.log.enabled": cty.True, // enabled_log, which took its place, has no such argument
}

// inVault lets what is kept in a key vault name it.
func inVault(m *mapping, b *block) {
	m.link(m.made[b.in], "names", "key_vault_id", "", "azurerm_key_vault")
}
