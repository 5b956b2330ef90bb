package vaultserver

// Estate is the past of a small company's Vault, with good and bad of everything that a scan judges. Ages are whole days. The
// initial root token was never revoked, so it is part of it.
//
// The tokens have names for IDs so that the table can say them; every server that holds them is on loopback and ends with the demo.
var Estate = []Stage{
	{800, []Write{
		{"sys/mounts/prod/transit", Data{"type": "transit"}},
		{"sys/mounts/prod/kv", Data{"type": "kv", "options": Data{"version": "2"}}},
		{"sys/auth/approle", Data{"type": "approle"}},
		{"sys/auth/kubernetes", Data{"type": "kubernetes"}},
		{"sys/audit/file", Data{"type": "file", "options": Data{"file_path": DataDir + "/audit.log", "log_raw": "true"}}},

		{"prod/transit/keys/jwt-signing", Data{"type": "ed25519"}},
		{"prod/transit/keys/payload-encryption", Data{"type": "aes256-gcm96"}},
		{"prod/transit/keys/archive-encryption", Data{"type": "aes256-gcm96"}},
		{"prod/transit/keys/card-encryption", Data{"type": "aes256-gcm96"}},
		{"prod/kv/data/feature-flags", Data{"data": Data{"checkout": "new"}}},
		{"prod/kv/metadata/feature-flags", Data{"custom_metadata": Data{"owner": "storefront", "purpose": "config"}}},
	}},
	{400, []Write{
		{"sys/mounts/staging/transit", Data{"type": "transit"}},
		{"sys/mounts/staging/kv", Data{"type": "kv", "options": Data{"version": "2"}}},

		{"prod/transit/keys/jwt-signing/rotate", nil},
		{"prod/transit/keys/card-encryption/rotate", nil},
		{"prod/transit/keys/webhook-signing", Data{"type": "ecdsa-p256"}},
		{"prod/transit/keys/session-signing", Data{"type": "ecdsa-p384"}},
		{"prod/transit/keys/backup-encryption", Data{"type": "aes256-gcm96"}},
		{"prod/transit/keys/release-signing", Data{"type": "rsa-4096"}},
		{"staging/transit/keys/jwt-signing", Data{"type": "ed25519"}},
		{"prod/kv/data/payments/card-processor", Data{"data": Data{"api_key": "made up"}}},
		{"prod/kv/metadata/payments/card-processor", Data{"custom_metadata": Data{"owner": "payments", "purpose": "api_key"}}},

		// A periodic token lives as long as somebody renews it in time.
		{"sys/auth/token/tune", Data{"max_lease_ttl": "17520h"}},
		{"auth/token/create-orphan", periodic("old-batch-job", "17520h")},
		{"auth/approle/role/nightly-export", Data{"token_policies": "payments-read", "secret_id_ttl": "0", "token_ttl": "1h"}},
		{"auth/approle/role/nightly-export/secret-id", nil},
		{"sys/policies/acl/payments-read", policy(`path "prod/kv/data/payments/*" { capabilities = ["read"] }`)},
		{"sys/policies/acl/everything", policy(`path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }`)},
	}},
	{100, []Write{
		{"prod/transit/keys/jwt-signing/rotate", nil},
		{"prod/transit/keys/payload-encryption/rotate", nil},
		{"prod/transit/keys/partner-exchange", Data{"type": "aes256-gcm96", "exportable": true, "allow_plaintext_backup": true}},
		{"prod/transit/keys/scratch", Data{"type": "chacha20-poly1305"}},
		{"prod/transit/keys/scratch/config", Data{"deletion_allowed": true}},
		{"prod/kv/data/shipping/carrier", Data{"data": Data{"api_key": "made up"}}},
		{"prod/kv/metadata/shipping/carrier", Data{"custom_metadata": Data{"owner": "logistics", "purpose": "api_key"}}},

		{"auth/token/create-orphan", periodic("ci-runner", "4320h")},
		{"auth/token/roles/edge", Data{"allowed_policies": "payments-read", "orphan": true, "token_period": "4320h", "token_bound_cidrs": "10.20.0.0/16"}},
		{"auth/token/create/edge", Data{"id": "edge-unseal", "display_name": "edge-unseal", "policies": []string{"payments-read"}}},
		{"auth/kubernetes/config", Data{"kubernetes_host": "https://127.0.0.1:6443", "disable_local_ca_jwt": true, "kubernetes_ca_cert": ""}},
		{"auth/kubernetes/role/anyone", Data{"bound_service_account_names": "*", "bound_service_account_namespaces": "*", "token_policies": "payments-read", "token_ttl": "1h"}},
		{"auth/kubernetes/role/payments", Data{
			"bound_service_account_names": "payments", "bound_service_account_namespaces": "payments",
			"audience": "vault", "token_policies": "payments-read", "token_ttl": "1h",
		}},
	}},
	{20, []Write{
		{"prod/transit/keys/session-signing/rotate", nil},
		{"prod/transit/keys/card-encryption/rotate", nil},
		{"prod/transit/keys/card-encryption/config", Data{"auto_rotate_period": "2160h", "min_decryption_version": 3}},
		{"prod/transit/keys/request-mac", Data{"type": "hmac", "key_size": 32, "auto_rotate_period": "1440h"}},
		{"staging/transit/keys/jwt-signing/rotate", nil},
		{"prod/kv/data/payments/database", Data{"data": Data{"password": "made up"}}},
		{"prod/kv/metadata/payments/database", Data{"custom_metadata": Data{"owner": "payments", "purpose": "connection"}}},
		{"staging/kv/data/payments/card-processor", Data{"data": Data{"api_key": "made up"}}},
		{"staging/kv/metadata/payments/card-processor", Data{"custom_metadata": Data{"owner": "payments", "purpose": "api_key"}}},
		{"auth/approle/role/deploy", Data{"token_policies": "payments-read", "secret_id_ttl": "24h", "token_ttl": "15m", "token_bound_cidrs": "10.20.0.0/16"}},
	}},
	{0, []Write{
		{"auth/token/create", Data{"id": "on-call", "policies": []string{"payments-read"}, "ttl": "8h", "display_name": "on-call"}},
	}},
}

// periodic describes a token that lives as long as it is renewed and works from everywhere: only a token role can bind one to addresses.
func periodic(name, period string) Data {
	return Data{"id": name, "display_name": name, "period": period, "policies": []string{"payments-read"}, "no_default_policy": true}
}

func policy(hcl string) Data { return Data{"policy": hcl} }
