package terraform

import "testing"

func TestKeyVaults(t *testing.T) {
	for _, c := range []mapCase{
		{"defaults", `resource "azurerm_key_vault" "v" {}`, "azure.keyvault.vault", map[string]string{
			"tags": "{}", "store.rbac": "false", "store.purge_protection": "false", "store.soft_delete_days": "90", "store.public_network": "true", "store.firewall": "allow",
		}},
		{"stated", `resource "azurerm_key_vault" "v" {
			name                          = "shop-prod"
			rbac_authorization_enabled    = true
			purge_protection_enabled      = true
			soft_delete_retention_days    = 7
			public_network_access_enabled = false
			network_acls {
				bypass         = "AzureServices"
				default_action = "Deny"
			}
		}`, "azure.keyvault.vault", map[string]string{
			"name": "shop-prod", "store.rbac": "true", "store.purge_protection": "true", "store.soft_delete_days": "7", "store.public_network": "false", "store.firewall": "deny",
		}},
		{"by the older name", `resource "azurerm_key_vault" "v" { enable_rbac_authorization = true }`, "azure.keyvault.vault", map[string]string{"store.rbac": "true"}},
		{"not known", `resource "azurerm_key_vault" "v" {
			enable_rbac_authorization     = var.x
			purge_protection_enabled      = var.x
			public_network_access_enabled = var.x
			network_acls { default_action = var.x }
		}`, "azure.keyvault.vault", map[string]string{"store.rbac": "?", "store.purge_protection": "?", "store.public_network": "?", "store.firewall": "?"}},
		{"blocks not known", `resource "azurerm_key_vault" "v" { network_acls = var.acls }`, "azure.keyvault.vault", map[string]string{"store.firewall": "?"}},
		{"access policy in the vault", `resource "azurerm_key_vault" "v" {
			name = "shop"
			access_policy { secret_permissions = ["Get", "List"] }
			access_policy { key_permissions = ["All"] }
		}`, "azure.keyvault.access_policy", map[string]string{
			"name": "azurerm_key_vault.v.access_policy[0]", "policy.guards": "azure.keyvault.vault", "refs names shop": "terraform:shop#azurerm_key_vault.v",
			"policy.statements": `[{"actions":["read","read_secret"],"all_resources":false,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"access policy", `resource "azurerm_key_vault_access_policy" "p" {
			key_vault_id       = azurerm_key_vault.v.id
			key_permissions    = ["Decrypt", "Purge", "WrapKey"]
			secret_permissions = ["Set"]
		}
		resource "azurerm_key_vault" "v" {}`, "azure.keyvault.access_policy", map[string]string{
			"policy.statements":              `[{"actions":["decrypt","delete","encrypt","write_secret"],"all_resources":false,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
			"refs names azurerm_key_vault.v": "terraform:shop#azurerm_key_vault.v",
		}},
		{"access policy of permissions that are not known", `resource "azurerm_key_vault_access_policy" "p" { key_permissions = var.x }`, "azure.keyvault.access_policy", map[string]string{"policy.statements": "?"}},
	} {
		c.run(t)
	}
}

func TestKeyVaultKeys(t *testing.T) {
	key := func(more string) string {
		return "resource \"azurerm_key_vault_key\" \"k\" {\nname = \"sign\"\nkey_type = \"RSA-HSM\"\nkey_size = 3072\nkey_opts = [\"sign\", \"verify\", \"wrapKey\", \"unwrapKey\"]\n" + more + "\n}"
	}
	for _, c := range []mapCase{
		{"defaults", key(""), "", map[string]string{
			"name": "sign", "key.spec": "RSA-HSM 3072", "key.algorithm": "rsa", "key.bits": "3072", "key.usages": `["sign","verify","wrap"]`, "key.manager": "customer", "key.origin": "generated",
			"key.state": "enabled", "key.exportable": "false", "key.expires_at": "", "key.rotation.supported": "true", "key.rotation.automatic": "false", "key.rotation.keeps_old_forever": "false",
		}},
		{"curve", `resource "azurerm_key_vault_key" "k" {
			key_type = "EC"
			key_opts = ["sign"]
		}`, "", map[string]string{"key.spec": "EC P-256", "key.algorithm": "ec", "key.bits": "256"}},
		{"not known", `resource "azurerm_key_vault_key" "k" {
			key_type        = var.x
			key_opts        = var.x
			expiration_date = var.x
			rotation_policy {
				automatic { time_after_creation = var.x }
			}
		}`, "", map[string]string{
			"key.spec": "?", "key.algorithm": "?", "key.bits": "?", "key.usages": "?", "key.expires_at": "?", "key.rotation.automatic": "true", "key.rotation.period_days": "?",
		}},
		{"size not known", `resource "azurerm_key_vault_key" "k" {
			key_type = "RSA"
			key_size = var.x
			key_opts = []
		}`, "", map[string]string{"key.algorithm": "rsa", "key.bits": "?"}},
		{"expires", key(`expiration_date = "2027-01-02T03:04:05Z"`), "", map[string]string{"key.expires_at": "2027-01-02T03:04:05Z"}},
		{"rotates after creation", key("rotation_policy {\nautomatic {\ntime_after_creation = \"P90D\"\n}\n}"), "", map[string]string{"key.rotation.automatic": "true", "key.rotation.period_days": "90"}},
		{"rotates before it expires", key("rotation_policy {\nexpire_after = \"P1Y\"\nautomatic {\ntime_before_expiry = \"P30D\"\n}\n}"), "", map[string]string{
			"key.rotation.automatic": "true", "key.rotation.period_days": "335",
		}},
		{"only tells somebody", key("rotation_policy {\nexpire_after = \"P1Y\"\nnotify_before_expiry = \"P29D\"\n}"), "", map[string]string{"key.rotation.automatic": "false"}},
		{"policy not known", key(`rotation_policy = var.policy`), "", map[string]string{"key.rotation.automatic": "?", "key.rotation.period_days": "?"}},
	} {
		c.typ = "azure.keyvault.key"
		c.run(t)
	}
}

func TestISODays(t *testing.T) {
	for text, want := range map[string]int{"P90D": 90, "P1Y": 365, "P3M": 92, "P12M": 365, "P2W": 14, "P1Y6M": 548, "P1DT1H": 2, "PT1H": 1} {
		if got, ok := isoDays(text); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "P", "90D", "P90", "P-1D", "p90d"} {
		if got, ok := isoDays(text); ok {
			t.Errorf("%q: %d, want none", text, got)
		}
	}
}

func TestKeyVaultSecretsAndCertificates(t *testing.T) {
	for _, c := range []mapCase{
		{"secret", `resource "azurerm_key_vault_secret" "s" {
			name            = "db"
			value           = "example-only"
			key_vault_id    = azurerm_key_vault.v.id
			expiration_date = "2027-01-02T03:04:05Z"
		}
		resource "azurerm_key_vault" "v" {}`, "azure.keyvault.secret", map[string]string{
			"name": "db", "secret.value_in_code": "true", "secret.expires_at": "2027-01-02T03:04:05Z", "secret.rotation.supported": "false", "secret.rotation.automatic": "false",
			"refs names azurerm_key_vault.v": "terraform:shop#azurerm_key_vault.v",
		}},
		{"secret without end", `resource "azurerm_key_vault_secret" "s" { value = random_password.p.result }`, "azure.keyvault.secret", map[string]string{
			"secret.value_in_code": "false", "secret.expires_at": "",
		}},
		{"secret whose end is not known", `resource "azurerm_key_vault_secret" "s" { expiration_date = var.end }`, "azure.keyvault.secret", map[string]string{"secret.expires_at": "?"}},
		{"certificate", `resource "azurerm_key_vault_certificate" "c" {
			name = "web"
			certificate_policy {
				key_properties {
					exportable = true
					key_type   = "RSA"
					key_size   = 2048
				}
				lifetime_action {
					action { action_type = "AutoRenew" }
					trigger { days_before_expiry = 30 }
				}
				x509_certificate_properties { validity_in_months = 12 }
			}
		}`, "azure.keyvault.certificate", map[string]string{
			"name": "web", "certificate.exportable": "true", "certificate.spec": "RSA 2048", "certificate.bits": "2048", "certificate.auto_renew": "true", "certificate.valid_days": "365",
		}},
		{"certificate that tells somebody", `resource "azurerm_key_vault_certificate" "c" {
			certificate_policy {
				key_properties {
					exportable = var.x
					key_type   = "EC"
					curve      = "P-384"
				}
				lifetime_action {
					action { action_type = "EmailContacts" }
				}
			}
		}`, "azure.keyvault.certificate", map[string]string{"certificate.exportable": "?", "certificate.spec": "EC P-384", "certificate.auto_renew": "false"}},
		{"certificate that is imported", `resource "azurerm_key_vault_certificate" "c" {}`, "azure.keyvault.certificate", map[string]string{
			"certificate.exportable": "?", "certificate.spec": "?", "certificate.auto_renew": "?",
		}},
	} {
		c.run(t)
	}
}

func TestDiagnosticSettings(t *testing.T) {
	setting := func(body string) string {
		return "resource \"azurerm_key_vault\" \"v\" {}\nresource \"azurerm_monitor_diagnostic_setting\" \"d\" {\nname = \"audit\"\n" + body + "\n}"
	}
	const target = "target_resource_id = azurerm_key_vault.v.id\n"
	for _, c := range []mapCase{
		{"nothing", setting(target), "", map[string]string{
			"name": "audit", "audit.device": "diagnostic_setting", "audit.records": "azure.keyvault.vault", "audit.audit_events": "false", "refs names azurerm_key_vault.v": "terraform:shop#azurerm_key_vault.v",
		}},
		{"category", setting(target + "enabled_log {\ncategory = \"AuditEvent\"\n}"), "", map[string]string{"audit.audit_events": "true"}},
		{"all logs", setting(target + "enabled_log {\ncategory_group = \"allLogs\"\n}"), "", map[string]string{"audit.audit_events": "true"}},
		{"another category", setting(target + "enabled_log {\ncategory = \"AzurePolicyEvaluationDetails\"\n}"), "", map[string]string{"audit.audit_events": "false"}},
		{"older block", setting(target + "log {\ncategory = \"AuditEvent\"\n}"), "", map[string]string{"audit.audit_events": "true"}},
		{"older block, off", setting(target + "log {\ncategory = \"AuditEvent\"\nenabled = false\n}"), "", map[string]string{"audit.audit_events": "false"}},
		{"not known", setting(target + "enabled_log {\ncategory = var.x\n}"), "", map[string]string{"audit.audit_events": "?"}},
		{"one of them known", setting(target + "enabled_log {\ncategory = var.x\n}\nenabled_log {\ncategory_group = \"audit\"\n}"), "", map[string]string{"audit.audit_events": "true"}},
		{"target not known", setting("target_resource_id = var.x"), "", map[string]string{"audit.records": "?"}},
		{"target by its ID", setting(`target_resource_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"`), "", map[string]string{"audit.records": "azure.keyvault.vault"}},
	} {
		c.typ = "azure.diagnostic_setting"
		c.run(t)
	}
	for _, other := range []string{"azurerm_storage_account.a.id", `"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"`} {
		for _, r := range mapped(t, setting("target_resource_id = "+other)) {
			if r.Type == "azure.diagnostic_setting" {
				t.Errorf("a setting of %s is not about a key vault", other)
			}
		}
	}
}

func TestAzureIdentities(t *testing.T) {
	for _, c := range []mapCase{
		{"role on a vault", `resource "azurerm_role_assignment" "a" {
			scope                = azurerm_key_vault.v.id
			role_definition_name = "Key Vault Secrets User"
		}`, "azure.role_assignment", map[string]string{
			"policy.statements": `[{"actions":["read","read_secret"],"all_resources":false,"at":"Key Vault Secrets User","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"role on a subscription", `resource "azurerm_role_assignment" "a" {
			scope              = data.azurerm_subscription.s.id
			role_definition_id = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635"
		}`, "azure.role_assignment", map[string]string{
			"policy.statements": `[{"actions":["administer","delete","grant","read"],"all_resources":true,"at":"Owner","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"role on a subscription by its ID", `resource "azurerm_role_assignment" "a" {
			scope                = "/subscriptions/00000000-0000-0000-0000-000000000000"
			role_definition_name = "Key Vault Reader"
		}`, "azure.role_assignment", map[string]string{
			"policy.statements": `[{"actions":["read"],"all_resources":true,"at":"Key Vault Reader","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"role on a resource group", `resource "azurerm_role_assignment" "a" {
			scope                = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g"
			role_definition_name = "Key Vault Reader"
		}`, "azure.role_assignment", map[string]string{
			"policy.statements": `[{"actions":["read"],"all_resources":false,"at":"Key Vault Reader","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"role that keyreeve does not know", `resource "azurerm_role_assignment" "a" {
			scope                = azurerm_key_vault.v.id
			role_definition_name = "Shop Operator"
		}`, "azure.role_assignment", map[string]string{"policy.statements": "?"}},
		{"role with a condition", `resource "azurerm_role_assignment" "a" {
			scope                = azurerm_key_vault.v.id
			role_definition_name = "Key Vault Secrets User"
			condition            = "@Resource[x] StringEquals 'y'"
		}`, "azure.role_assignment", map[string]string{"policy.statements": "?"}},
		{"scope that is not known", `resource "azurerm_role_assignment" "a" {
			scope                = var.scope
			role_definition_name = "Key Vault Secrets User"
		}`, "azure.role_assignment", map[string]string{"policy.statements": "?"}},
		{"password", `resource "azuread_application_password" "p" {
			display_name      = "ci"
			end_date_relative = "2160h"
		}`, "entra.password", map[string]string{"name": "ci", "credential.class": "password", "credential.valid_days": "90", "credential.expires_at": "?"}},
		{"password without end", `resource "azuread_service_principal_password" "p" {}`, "entra.password", map[string]string{"credential.valid_days": "730"}},
		{"password with an end", `resource "azuread_application_password" "p" {
			start_date = "2026-01-01T00:00:00Z"
			end_date   = "2026-07-01T00:00:00Z"
		}`, "entra.password", map[string]string{"credential.valid_days": "181", "credential.expires_at": "2026-07-01T00:00:00Z"}},
		{"password with nothing but an end", `resource "azuread_application_password" "p" { end_date = "2099-01-01T00:00:00Z" }`, "entra.password", map[string]string{
			"credential.expires_at": "2099-01-01T00:00:00Z", "credential.valid_days": "",
		}},
		{"password with an end that is not known", `resource "azuread_application_password" "p" { end_date = var.end }`, "entra.password", map[string]string{
			"credential.valid_days": "?", "credential.expires_at": "?",
		}},
		{"password in an application", `resource "azuread_application" "a" {
			password { display_name = "ci" }
		}`, "entra.password", map[string]string{"name": "ci", "credential.valid_days": "730"}},
		{"federated credential of an identity", `resource "azurerm_federated_identity_credential" "f" {
			name     = "shop"
			issuer   = azurerm_kubernetes_cluster.c.oidc_issuer_url
			subject  = "system:serviceaccount:shop:web"
			audience = ["api://AzureADTokenExchange"]
		}`, "entra.federated_credential", map[string]string{
			"name": "shop", "trust.method": "federated_credential", "trust.issuer": "?", "trust.bound_subject": "system:serviceaccount:shop:web", "trust.bound_audiences": `["api://AzureADTokenExchange"]`,
		}},
		{"federated credential of an application", `resource "azuread_application_federated_identity_credential" "f" {
			display_name = "deploy"
			issuer       = "https://token.actions.githubusercontent.com"
			subject      = var.subject
			audiences    = ["api://AzureADTokenExchange"]
		}`, "entra.federated_credential", map[string]string{
			"name": "deploy", "trust.issuer": "https://token.actions.githubusercontent.com", "trust.bound_subject": "?", "trust.bound_audiences": `["api://AzureADTokenExchange"]`,
		}},
	} {
		c.run(t)
	}
}
