package terraform

import "testing"

func TestVaultKeys(t *testing.T) {
	for _, c := range []mapCase{
		{"defaults", `resource "vault_transit_secret_backend_key" "k" {
			backend = "transit"
			name    = "jwt"
		}`, "", map[string]string{
			"name": "transit/keys/jwt", "key.spec": "aes256-gcm96", "key.algorithm": "aes", "key.bits": "256", "key.usages": `["decrypt","encrypt"]`, "key.manager": "customer", "key.origin": "generated",
			"key.state": "enabled", "key.exportable": "false", "key.plaintext_backup": "false", "key.deletion_allowed": "false", "key.rotation.supported": "true", "key.rotation.automatic": "false",
			"key.rotation.keeps_old_forever": "false", "key.rotation.period_days": "",
		}},
		{"stated", `resource "vault_transit_secret_backend_key" "k" {
			backend                = vault_mount.t.path
			name                   = "jwt"
			type                   = "rsa-2048"
			exportable             = true
			allow_plaintext_backup = true
			deletion_allowed       = true
			auto_rotate_period     = 7776000
		}`, "", map[string]string{
			"name": "jwt", "key.algorithm": "rsa", "key.bits": "2048", "key.usages": `["decrypt","encrypt","sign","verify"]`, "key.exportable": "true", "key.plaintext_backup": "true",
			"key.deletion_allowed": "true", "key.rotation.automatic": "true", "key.rotation.period_days": "90",
		}},
		{"hours", `resource "vault_transit_secret_backend_key" "k" { auto_rotate_interval = 25 }`, "", map[string]string{"key.rotation.automatic": "true", "key.rotation.period_days": "2"}},
		{"hmac", `resource "vault_transit_secret_backend_key" "k" {
			type     = "hmac"
			key_size = 32
		}`, "", map[string]string{"key.algorithm": "hmac", "key.bits": "256", "key.usages": `["mac"]`}},
		{"not known", `resource "vault_transit_secret_backend_key" "k" {
			name               = var.x
			type               = var.x
			exportable         = var.x
			deletion_allowed   = var.x
			auto_rotate_period = var.x
		}`, "", map[string]string{
			"name": "?", "key.spec": "?", "key.algorithm": "?", "key.bits": "?", "key.usages": "?", "key.exportable": "?", "key.deletion_allowed": "?", "key.plaintext_backup": "false",
			"key.rotation.automatic": "?", "key.rotation.period_days": "?",
		}},
		{"a type that keyreeve does not know", `resource "vault_transit_secret_backend_key" "k" { type = "kyber" }`, "", map[string]string{"key.spec": "kyber", "key.algorithm": "?", "key.usages": "?"}},
	} {
		c.typ = "vault.transit.key"
		c.run(t)
	}
}

func TestVaultMounts(t *testing.T) {
	for _, c := range []mapCase{
		{"transit", `resource "vault_mount" "m" {
			path = "transit"
			type = "transit"
		}`, "vault.mount", map[string]string{"name": "transit", "store.engine": "transit", "store.auth": "false", "store.version": "", "store.max_versions": ""}},
		{"kv", `resource "vault_mount" "m" {
			path    = "secret"
			type    = "kv"
			options = { version = "2" }
		}
		resource "vault_kv_secret_backend_v2" "b" {
			mount        = "secret"
			max_versions = 2
		}`, "vault.mount", map[string]string{"store.engine": "kv", "store.version": "2", "store.max_versions": "2"}},
		{"kv by its other name", `resource "vault_mount" "m" {
			path = "secret"
			type = "kv-v2"
		}`, "vault.mount", map[string]string{"store.engine": "kv", "store.version": "2"}},
		{"kv whose version is not known", `resource "vault_mount" "m" {
			path    = var.path
			type    = "kv"
			options = var.options
		}`, "vault.mount", map[string]string{"name": "?", "store.version": "?"}},
		{"kv that is configured only", `resource "vault_kv_secret_backend_v2" "b" {
			mount        = "apps"
			max_versions = var.n
		}`, "vault.mount", map[string]string{"name": "apps", "store.engine": "kv", "store.auth": "false", "store.max_versions": "?"}},
		{"auth", `resource "vault_auth_backend" "a" { type = "kubernetes" }`, "vault.mount", map[string]string{"name": "auth/kubernetes", "store.engine": "kubernetes", "store.auth": "true"}},
		{"auth at a path", `resource "vault_auth_backend" "a" {
			type = "approle"
			path = "machines"
		}`, "vault.mount", map[string]string{"name": "auth/machines", "store.engine": "approle"}},
		{"jwt", `resource "vault_jwt_auth_backend" "a" {}`, "vault.mount", map[string]string{"name": "auth/jwt", "store.engine": "jwt", "store.auth": "true"}},
		{"secret", `resource "vault_kv_secret_v2" "s" {
			mount     = "secret"
			name      = "app/db"
			data_json = jsonencode({ password = "example-only" })
			custom_metadata {
				max_versions = 5
				data         = { team = "pay" }
			}
		}`, "vault.kv.secret", map[string]string{
			"name": "secret/app/db", "tags.team": "pay", "secret.value_in_code": "true", "secret.max_versions": "5", "secret.rotation.supported": "false", "secret.rotation.automatic": "false",
		}},
		{"secret from a variable", `resource "vault_kv_secret_v2" "s" { data_json = var.data }`, "vault.kv.secret", map[string]string{"secret.value_in_code": "false"}},
		{"secret of version 1", `resource "vault_kv_secret" "s" {
			path      = "kv/app/db"
			data_json = jsonencode({ password = "example-only" })
		}`, "vault.kv.secret", map[string]string{"name": "kv/app/db", "secret.value_in_code": "true"}},
		{"secret of whichever version", `resource "vault_generic_secret" "s" {
			path      = "secret/app/db"
			data_json = "{}"
		}`, "vault.kv.secret", map[string]string{"name": "secret/app/db", "secret.value_in_code": "false"}},
		{"audit", `resource "vault_audit" "a" {
			type    = "file"
			options = { file_path = "/var/log/vault.log", log_raw = "true" }
		}`, "vault.audit.device", map[string]string{"name": "file", "audit.device": "file", "audit.raw": "true", "audit.local": "false"}},
		{"audit that keeps values apart", `resource "vault_audit" "a" {
			type    = "file"
			path    = "main"
			options = { file_path = "/var/log/vault.log" }
		}`, "vault.audit.device", map[string]string{"name": "main", "audit.raw": "false"}},
		{"audit whose options are not known", `resource "vault_audit" "a" {
			type    = "file"
			options = var.options
		}`, "vault.audit.device", map[string]string{"audit.raw": "?"}},
	} {
		c.run(t)
	}
}

func TestVaultRoles(t *testing.T) {
	for _, c := range []mapCase{
		{"approle", `
			resource "vault_approle_auth_backend_role" "r" {
				role_name      = "ci"
				token_policies = ["ci"]
			}
			resource "vault_policy" "p" {
				name   = "ci"
				policy = ""
			}`, "vault.approle.role", map[string]string{
			"name": "approle/role/ci", "trust.method": "approle", "trust.mount": "auth/approle", "trust.policies": `["ci"]`, "trust.secret_id.required": "true", "trust.secret_id.ttl_seconds": "0",
			"trust.secret_id.uses": "0", "trust.secret_id.bound_cidrs": "[]", "trust.token_bound_cidrs": "[]", "trust.token_period_seconds": "0", "refs grants ci": "terraform:shop#vault_policy.p",
		}},
		{"approle with limits", `resource "vault_approle_auth_backend_role" "r" {
			backend               = "machines"
			role_name             = "ci"
			bind_secret_id        = false
			secret_id_ttl         = 600
			secret_id_num_uses    = 1
			secret_id_bound_cidrs = ["10.0.0.0/8"]
			token_period          = 3600
			token_bound_cidrs     = ["10.1.0.0/16"]
		}`, "vault.approle.role", map[string]string{
			"name": "machines/role/ci", "trust.secret_id.required": "false", "trust.secret_id.ttl_seconds": "600", "trust.secret_id.uses": "1", "trust.secret_id.bound_cidrs": `["10.0.0.0/8"]`,
			"trust.token_period_seconds": "3600", "trust.token_bound_cidrs": `["10.1.0.0/16"]`,
		}},
		{"approle by older names", `resource "vault_approle_auth_backend_role" "r" {
			policies        = ["a"]
			period          = 60
			bound_cidr_list = ["10.0.0.0/8"]
		}`, "vault.approle.role", map[string]string{"trust.policies": `["a"]`, "trust.token_period_seconds": "60", "trust.secret_id.bound_cidrs": `["10.0.0.0/8"]`}},
		{"approle not known", `resource "vault_approle_auth_backend_role" "r" {
			bind_secret_id        = var.x
			secret_id_ttl         = var.x
			secret_id_bound_cidrs = [var.x]
			token_policies        = ["a", var.x]
		}`, "vault.approle.role", map[string]string{"trust.secret_id.required": "?", "trust.secret_id.ttl_seconds": "?", "trust.secret_id.bound_cidrs": "?", "trust.policies": "?"}},
		{"kubernetes", `resource "vault_kubernetes_auth_backend_role" "r" {
			role_name                        = "web"
			bound_service_account_names      = ["web"]
			bound_service_account_namespaces = ["shop"]
			audience                         = "vault"
		}`, "vault.kubernetes.role", map[string]string{
			"name": "kubernetes/role/web", "trust.method": "kubernetes", "trust.service_accounts": `["web"]`, "trust.namespaces": `["shop"]`, "trust.audience": "vault", "trust.policies": "[]",
		}},
		{"kubernetes, everybody whatever else", `resource "vault_kubernetes_auth_backend_role" "r" {
			bound_service_account_names      = ["*", var.x]
			bound_service_account_namespaces = [var.x]
			audience                         = var.x
		}`, "vault.kubernetes.role", map[string]string{"trust.service_accounts": `["*"]`, "trust.namespaces": "?", "trust.audience": "?"}},
		{"jwt", `resource "vault_jwt_auth_backend_role" "r" {
			role_name       = "deploy"
			bound_audiences = ["https://vault"]
			bound_claims    = { repository = "org/shop", ref = var.ref }
		}`, "vault.jwt.role", map[string]string{
			"name": "jwt/role/deploy", "trust.method": "jwt", "trust.bound_audiences": `["https://vault"]`, "trust.bound_claims": `["repository"]`, "trust.bound_subject": "",
		}},
		{"jwt bound to nothing", `resource "vault_jwt_auth_backend_role" "r" {
			bound_claims_type = "glob"
			bound_claims      = { repository = "*" }
		}`, "vault.jwt.role", map[string]string{"trust.bound_claims": "[]", "trust.bound_audiences": "[]"}},
		{"jwt not known", `resource "vault_jwt_auth_backend_role" "r" {
			bound_subject   = var.x
			bound_audiences = var.x
			bound_claims    = var.x
		}`, "vault.jwt.role", map[string]string{"trust.bound_subject": "?", "trust.bound_audiences": "?", "trust.bound_claims": "?"}},
		{"jwt with one of several patterns", jwtClaims("glob", `{ a = "main, **", b = "org/*", c = "org/*,*" }`, ""), "vault.jwt.role", map[string]string{"trust.bound_claims": `["b"]`}},
		{"jwt with all patterns", jwtClaims("glob", `{ a = "*", b = "x,*,y" }`, ""), "vault.jwt.role", map[string]string{"trust.bound_claims": "[]"}},
		{"jwt that is no pattern", jwtClaims("string", `{ a = "*", b = "x,*,y" }`, ""), "vault.jwt.role", map[string]string{"trust.bound_claims": `["a","b"]`}},
		{"jwt whose patterns are not split", jwtClaims("glob", `{ a = "x,*" }`, "disable_bound_claims_parsing = true"), "vault.jwt.role", map[string]string{"trust.bound_claims": `["a"]`}},
		{"jwt whose patterns may be split", jwtClaims("glob", `{ a = "x,*" }`, "disable_bound_claims_parsing = var.x"), "vault.jwt.role", map[string]string{"trust.bound_claims": "?"}},
		{"jwt of a pattern that is not known", jwtClaims("glob", `{ a = "${var.x}*" }`, ""), "vault.jwt.role", map[string]string{"trust.bound_claims": "?"}},
		{"jwt of a claim that may be null", jwtClaims("string", `{ a = var.x }`, ""), "vault.jwt.role", map[string]string{"trust.bound_claims": "?"}},
		{"jwt of a claim that is known in part", jwtClaims("string", `{ a = "org/${var.x}" }`, ""), "vault.jwt.role", map[string]string{"trust.bound_claims": `["a"]`}},
		{"jwt that may be a pattern", `resource "vault_jwt_auth_backend_role" "r" {
			bound_claims_type = var.x
			bound_claims      = { a = "*" }
		}`, "vault.jwt.role", map[string]string{"trust.bound_claims": "?"}},
		{"jwt of an empty audience", `resource "vault_jwt_auth_backend_role" "r" { bound_audiences = [""] }`, "vault.jwt.role", map[string]string{"trust.bound_audiences": "[]"}},
	} {
		c.run(t)
	}
}

func TestVaultTokensAndPolicies(t *testing.T) {
	for _, c := range []mapCase{
		{"token", `resource "vault_token" "t" {
			policies = ["deploy"]
			ttl      = "24h"
		}`, "vault.token", map[string]string{
			"credential.class": "token", "credential.token_type": "service", "credential.policies": `["deploy"]`, "credential.period_seconds": "0", "credential.bound_cidrs": "[]",
			"credential.orphan": "false", "credential.renewable": "true", "credential.valid_days": "?",
		}},
		{"token that ends", `resource "vault_token" "t" {
			policies  = ["deploy"]
			renewable = false
			ttl       = "36h"
		}`, "vault.token", map[string]string{"credential.valid_days": "2"}},
		{"token that ends after all", `resource "vault_token" "t" {
			explicit_max_ttl = "30d"
			no_parent        = true
		}`, "vault.token", map[string]string{"credential.valid_days": "30", "credential.orphan": "true", "credential.policies": "?"}},
		{"periodic token", `resource "vault_token" "t" {
			policies = ["root"]
			period   = "768h"
		}`, "vault.token", map[string]string{"credential.period_seconds": "2764800", "credential.valid_days": ""}},
		{"token of a role", `resource "vault_token" "t" {
			role_name = "ci"
			policies  = ["deploy"]
		}`, "vault.token", map[string]string{"credential.policies": "?", "credential.period_seconds": "?", "credential.orphan": "?"}},
		{"token not known", `resource "vault_token" "t" {
			policies = var.x
			period   = var.x
		}`, "vault.token", map[string]string{"credential.policies": "?", "credential.period_seconds": "?"}},
		{"policy", `resource "vault_policy" "p" {
			name   = "app"
			policy = "path \"secret/data/app/*\" { capabilities = [\"read\"] }"
		}`, "vault.policy", map[string]string{
			"name": "app", "policy.builtin": "false", "policy.statements": `[{"at":"secret/data/app/*","capabilities":["read"],"effect":"allow","path":"secret/data/app/*"}]`,
		}},
		{"policy that a variable gives", `resource "vault_policy" "p" {
			name   = "app"
			policy = var.policy
		}`, "vault.policy", map[string]string{"policy.statements": "?"}},
		{"policy that Vault refuses", `resource "vault_policy" "p" {
			name   = "app"
			policy = "path \"a\" { capabilities = [\"fly\"] }"
		}`, "vault.policy", map[string]string{"policy.statements": "?"}},
		{"policy of a data source", `
			data "vault_policy_document" "d" {
				rule {
					path         = "secret/*"
					capabilities = ["read", "list"]
				}
				rule {
					path         = "sys/*"
					capabilities = ["deny"]
				}
			}
			resource "vault_policy" "p" {
				name   = "default"
				policy = data.vault_policy_document.d.hcl
			}`, "vault.policy", map[string]string{
			"policy.builtin":    "true",
			"policy.statements": `[{"at":"secret/*","capabilities":["list","read"],"effect":"allow","path":"secret/*"},{"at":"sys/*","capabilities":["deny"],"effect":"deny","path":"sys/*"}]`,
		}},
		{"policy of a data source in part", `
			data "vault_policy_document" "d" {
				rule {
					path         = var.path
					capabilities = ["read"]
				}
			}
			resource "vault_policy" "p" { policy = data.vault_policy_document.d.hcl }`, "vault.policy", map[string]string{"policy.statements": "?"}},
	} {
		c.run(t)
	}
}

func TestSeconds(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "3600": 3600, "1h": 3600, "90m": 5400, "30d": 30 * 24 * 3600} {
		if got, ok := seconds(text); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "d", "1w", "soon", "1.5d"} {
		if got, ok := seconds(text); ok {
			t.Errorf("%q: %d, want none", text, got)
		}
	}
}

func jwtClaims(kind, claims, more string) string {
	return `resource "vault_jwt_auth_backend_role" "r" {
  bound_claims_type = "` + kind + `"
  bound_claims      = ` + claims + `
  ` + more + `
}
`
}
