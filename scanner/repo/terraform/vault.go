package terraform

import "github.com/zclconf/go-cty/cty"

// vaultRows are the types of the Vault provider.
var vaultRows = map[string]row{
	"vault_transit_secret_backend_key":   {declare: transitKey},
	"vault_mount":                        {declare: vaultMount},
	"vault_kv_secret_backend_v2":         {declare: kvBackend, add: kvBackendOf},
	"vault_kv_secret_v2":                 {declare: kvSecret},
	"vault_kv_secret":                    {declare: kvSecret},
	"vault_generic_secret":               {declare: kvSecret},
	"vault_auth_backend":                 {declare: vaultAuth},
	"vault_jwt_auth_backend":             {declare: vaultAuth},
	"vault_approle_auth_backend_role":    {declare: appRole, add: tokenPolicies},
	"vault_kubernetes_auth_backend_role": {declare: kubernetesRole, add: tokenPolicies},
	"vault_jwt_auth_backend_role":        {declare: jwtRole, add: tokenPolicies},
	"vault_policy":                       {declare: vaultPolicy},
	"vault_token":                        {declare: vaultToken, add: tokenPolicies},
	"vault_audit":                        {declare: vaultAudit},
	"vault_policy_document":              {}, // a data source: its text becomes a policy
}

// vaultDefaults are what holds where an argument is not stated, from the section Argument Reference of each resource's page in the
// documentation of the Vault provider, version 5, and, where that leaves it to Vault, from the page of Vault's API.
var vaultDefaults = map[string]cty.Value{
	"vault_transit_secret_backend_key.type":                   cty.StringVal("aes256-gcm96"),
	"vault_transit_secret_backend_key.exportable":             cty.False,
	"vault_transit_secret_backend_key.allow_plaintext_backup": cty.False,
	"vault_transit_secret_backend_key.deletion_allowed":       cty.False,
	"vault_transit_secret_backend_key.derived":                cty.False,
	"vault_transit_secret_backend_key.auto_rotate_period":     cty.NumberIntVal(0),

	"vault_mount.local":     cty.False,
	"vault_mount.seal_wrap": cty.False,

	"vault_kv_secret_backend_v2.max_versions":         cty.NumberIntVal(0),
	"vault_kv_secret_v2.mount":                        cty.StringVal("secret"),
	"vault_kv_secret_v2.custom_metadata.max_versions": cty.NumberIntVal(0),

	"vault_auth_backend.local":     cty.False,
	"vault_jwt_auth_backend.type":  cty.StringVal("jwt"),
	"vault_jwt_auth_backend.path":  cty.StringVal("jwt"),
	"vault_jwt_auth_backend.local": cty.False,

	"vault_approle_auth_backend_role.backend":            cty.StringVal("approle"),
	"vault_approle_auth_backend_role.bind_secret_id":     cty.True,
	"vault_approle_auth_backend_role.secret_id_ttl":      cty.NumberIntVal(0),
	"vault_approle_auth_backend_role.secret_id_num_uses": cty.NumberIntVal(0),
	"vault_approle_auth_backend_role.token_period":       cty.NumberIntVal(0),

	"vault_kubernetes_auth_backend_role.backend":      cty.StringVal("kubernetes"),
	"vault_kubernetes_auth_backend_role.token_period": cty.NumberIntVal(0),

	"vault_jwt_auth_backend_role.backend":      cty.StringVal("jwt"),
	"vault_jwt_auth_backend_role.token_period": cty.NumberIntVal(0),

	"vault_token.renewable": cty.True,
	"vault_token.no_parent": cty.False,
	"vault_token.period":    cty.StringVal("0"),

	"vault_audit.local": cty.False,
}
