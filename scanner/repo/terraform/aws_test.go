package terraform

import "testing"

func TestAWSKeys(t *testing.T) {
	for _, c := range []mapCase{
		{"defaults", `resource "aws_kms_key" "k" {}`, "aws.kms.key", map[string]string{
			"name": "aws_kms_key.k", "tags": "{}", "key.spec": "SYMMETRIC_DEFAULT", "key.algorithm": "aes", "key.bits": "256", "key.usages": `["decrypt","encrypt"]`, "key.manager": "customer",
			"key.origin": "generated", "key.state": "enabled", "key.multi_region": "single", "key.deletion_window_days": "30",
			"key.rotation.supported": "true", "key.rotation.automatic": "false", "key.rotation.keeps_old_forever": "true", "key.rotation.period_days": "",
		}},
		{"rotation on", `resource "aws_kms_key" "k" {
			enable_key_rotation = true
			multi_region        = true
			tags                = { Environment = "prod" }
		}`, "aws.kms.key", map[string]string{
			"key.rotation.automatic": "true", "key.rotation.period_days": "365", "key.multi_region": "primary", "tags.Environment": "prod",
		}},
		{"stated", `resource "aws_kms_key" "k" {
			enable_key_rotation     = "true"
			rotation_period_in_days = 90
			deletion_window_in_days = 7
			is_enabled              = false
		}`, "aws.kms.key", map[string]string{"key.rotation.period_days": "90", "key.deletion_window_days": "7", "key.state": "disabled"}},
		{"not known", `resource "aws_kms_key" "k" {
			enable_key_rotation = var.rotate
			tags                = { Name = var.name, team = "pay" }
		}`, "aws.kms.key", map[string]string{
			"key.rotation.automatic": "?", "key.rotation.period_days": "365", "key.rotation.supported": "true", "tags.Name": "?", "tags.team": "pay",
		}},
		{"a tag that labels hang on is not known", `resource "aws_kms_key" "k" { tags = { ENV = var.env, team = "pay" } }`, "aws.kms.key", map[string]string{"tags": "?"}},
		{"a kind that is not known may rotate", `resource "aws_kms_key" "k" { customer_master_key_spec = var.spec }`, "aws.kms.key", map[string]string{
			"key.spec": "?", "key.algorithm": "?", "key.bits": "?", "key.rotation.supported": "?", "key.rotation.automatic": "false",
		}},
		{"a signing key does not rotate", `resource "aws_kms_key" "k" {
			customer_master_key_spec = "ECC_NIST_P384"
			key_usage                = "SIGN_VERIFY"
		}`, "aws.kms.key", map[string]string{
			"key.algorithm": "ec", "key.bits": "384", "key.usages": `["sign","verify"]`, "key.rotation.supported": "false", "key.rotation.automatic": "false",
		}},
		{"whose usage is not known", `resource "aws_kms_key" "k" {
			customer_master_key_spec = "RSA_2048"
			key_usage                = var.usage
		}`, "aws.kms.key", map[string]string{"key.bits": "2048", "key.usages": "?", "key.rotation.supported": "false"}},
		{"in a custom store", `resource "aws_kms_key" "k" { custom_key_store_id = "cks-1" }`, "aws.kms.key", map[string]string{ // gitleaks:allow
			"key.origin": "custom_store", "key.rotation.supported": "false", "key.rotation.automatic": "false",
		}},
		{"perhaps in a custom store", `resource "aws_kms_key" "k" {
			custom_key_store_id = var.store
			enable_key_rotation = true
		}`, "aws.kms.key", map[string]string{"key.origin": "?", "key.rotation.supported": "?", "key.rotation.automatic": "true"}},
		{"external without material", `resource "aws_kms_external_key" "k" {}`, "aws.kms.key", map[string]string{
			"key.origin": "imported", "key.state": "pending_import", "key.rotation.supported": "false", "key.rotation.automatic": "false", "key.expires_at": "",
		}},
		{"external with material", `resource "aws_kms_external_key" "k" {
			key_material_base64 = var.material
			valid_to            = "2027-01-02T00:00:00Z"
		}`, "aws.kms.key", map[string]string{"key.state": "enabled", "key.expires_at": "2027-01-02T00:00:00Z"}},
		{"replica of a primary that is not declared", `resource "aws_kms_replica_key" "k" { primary_key_arn = var.arn }`, "aws.kms.key", map[string]string{
			"key.multi_region": "replica", "key.spec": "?", "key.rotation": "?", "key.state": "enabled",
		}},
	} {
		c.run(t)
	}
}

func TestAWSKeysNameEachOther(t *testing.T) {
	for _, c := range []mapCase{
		{"alias", `
			resource "aws_kms_key" "k" {}
			resource "aws_kms_alias" "b" {
				name          = "alias/b"
				target_key_id = aws_kms_key.k.key_id
			}
			resource "aws_kms_alias" "a" {
				name          = "alias/a"
				target_key_id = aws_kms_key.k.arn
			}`, "aws.kms.key", map[string]string{
			"name": "alias/a", "refs alias alias/a": "terraform:shop#aws_kms_alias.a", "refs alias alias/b": "terraform:shop#aws_kms_alias.b", "refs": "",
		}},
		{"alias whose name is not known", `
			resource "aws_kms_key" "k" {}
			resource "aws_kms_alias" "a" {
				name          = "alias/${var.env}"
				target_key_id = aws_kms_key.k.id
			}`, "aws.kms.key", map[string]string{"refs": "?"}},
		{"alias of another key", `
			resource "aws_kms_key" "k" {}
			resource "aws_kms_alias" "a" {
				name          = "alias/a"
				target_key_id = var.other
			}`, "aws.kms.key", map[string]string{"name": "aws_kms_key.k", "refs": ""}},
		{"replica", `
			resource "aws_kms_replica_key" "r" {
				primary_key_arn = aws_kms_key.k.arn
				enabled         = false
			}
			resource "aws_kms_key" "k" {
				enable_key_rotation      = var.rotate
				customer_master_key_spec = "SYMMETRIC_DEFAULT"
			}`, "aws.kms.key #aws_kms_replica_key.r", map[string]string{
			"key.multi_region": "replica", "key.spec": "SYMMETRIC_DEFAULT", "key.state": "disabled", "key.rotation.supported": "true", "key.rotation.automatic": "?", "key.rotation.period_days": "365",
			"refs names aws_kms_key.k": "terraform:shop#aws_kms_key.k",
		}},
	} {
		c.run(t)
	}
}

func TestAWSSecrets(t *testing.T) {
	const secret = `resource "aws_secretsmanager_secret" "s" { name = "app/db" }
	`
	rotation := func(rules string) string {
		return secret + `resource "aws_secretsmanager_secret_rotation" "r" {
			secret_id = aws_secretsmanager_secret.s.id
			rotation_rules { ` + rules + ` }
		}`
	}
	version := func(value string) string {
		return secret + `resource "aws_secretsmanager_secret_version" "v" {
			secret_id     = aws_secretsmanager_secret.s.id
			secret_string = ` + value + `
		}`
	}
	for _, c := range []mapCase{
		{"defaults", secret, "", map[string]string{
			"name": "app/db", "secret.rotation.supported": "true", "secret.rotation.automatic": "false", "secret.recovery_days": "30", "secret.service_managed": "false", "secret.replica": "false",
			"secret.value_in_code": "false",
		}},
		{"deleted at once", `resource "aws_secretsmanager_secret" "s" { recovery_window_in_days = 0 }`, "", map[string]string{"secret.recovery_days": "0"}},
		{"open", `resource "aws_secretsmanager_secret" "s" {
			name                    = var.name
			recovery_window_in_days = var.days
		}`, "", map[string]string{"secret.recovery_days": "?", "name": "?"}},
		{"rotates", rotation("automatically_after_days = 30"), "", map[string]string{"secret.rotation.automatic": "true", "secret.rotation.period_days": "30"}},
		{"rotates at a rate", rotation(`schedule_expression = "rate(36 hours)"`), "", map[string]string{"secret.rotation.period_days": "2"}},
		{"rotates each month", rotation(`schedule_expression = "cron(0 8 1 * ? *)"`), "", map[string]string{"secret.rotation.period_days": "31"}},
		{"rotates now and then", rotation(`schedule_expression = "cron(0 8 1,9 * ? *)"`), "", map[string]string{"secret.rotation.automatic": "true", "secret.rotation.period_days": "?"}},
		{"rotates, who knows how often", rotation(`automatically_after_days = var.days`), "", map[string]string{"secret.rotation.automatic": "true", "secret.rotation.period_days": "?"}},
		{"another rotates", secret + `resource "aws_secretsmanager_secret_rotation" "r" {
			secret_id = var.other
			rotation_rules { automatically_after_days = 30 }
		}`, "", map[string]string{"secret.rotation.automatic": "false"}},
		{"named by its name", secret + `resource "aws_secretsmanager_secret_rotation" "r" {
			secret_id = "app/db"
			rotation_rules { automatically_after_days = 30 }
		}`, "", map[string]string{"secret.rotation.automatic": "true"}},
		{"value in code", version(`"example-only"`), "", map[string]string{"secret.value_in_code": "true"}},
		{"value in code as JSON", version(`jsonencode({ user = "example-only" })`), "", map[string]string{"secret.value_in_code": "true"}},
		{"value from a variable", version(`var.value`), "", map[string]string{"secret.value_in_code": "false"}},
		{"value from a resource", version(`random_password.p.result`), "", map[string]string{"secret.value_in_code": "false"}},
		{"value in part", version(`jsonencode({ token = "example-only", password = random_password.p.result })`), "", map[string]string{"secret.value_in_code": "?"}},
		{"name in code, password not", version(`jsonencode({ username = "shop", password = random_password.p.result })`), "", map[string]string{"secret.value_in_code": "false"}},
		{"password in code, host not", version(`jsonencode({ host = aws_db_instance.d.address, password = "example-only" })`), "", map[string]string{"secret.value_in_code": "true"}},
		{"text in part", version(`"example-only-${random_password.p.result}"`), "", map[string]string{"secret.value_in_code": "?"}},
		{"encrypted with a key", `
			resource "aws_kms_key" "k" {}
			resource "aws_secretsmanager_secret" "s" { kms_key_id = aws_kms_key.k.arn }`, "", map[string]string{"refs uses aws_kms_key.k": "terraform:shop#aws_kms_key.k"}},
	} {
		c.typ = "aws.secretsmanager.secret"
		c.run(t)
	}
}

func TestAWSPolicies(t *testing.T) {
	for _, c := range []mapCase{
		{"inline policy of a key", `resource "aws_kms_key" "k" {
			policy = jsonencode({ Statement = [{ Sid = "Root", Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:*", Resource = "*" }] })
		}`, "aws.kms.policy", map[string]string{
			"name": "aws_kms_key.k.policy", "policy.guards": "aws.kms.key", "refs names ": "terraform:shop#aws_kms_key.k",
			"policy.statements": `[{"actions":["administer","decrypt","delete","encrypt","grant","mac","read","sign"],"all_resources":false,"at":"Root","effect":"allow","everyone":true,"restricted":false}]`,
		}},
		{"a principal that an apply tells is not everybody", `resource "aws_kms_key_policy" "p" {
			key_id = aws_kms_key.k.id
			policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = aws_iam_role.r.arn }, Action = "kms:Decrypt", Resource = "*" } })
		}
		resource "aws_kms_key" "k" {}`, "aws.kms.policy", map[string]string{
			"policy.statements":        `[{"actions":["decrypt"],"all_resources":false,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
			"refs names aws_kms_key.k": "terraform:shop#aws_kms_key.k",
		}},
		{"a principal that is known in part is not everybody", `resource "aws_kms_key_policy" "p" {
			policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:Decrypt", Resource = "*" } })
		}`, "aws.kms.policy", map[string]string{
			"policy.statements": `[{"actions":["decrypt"],"all_resources":false,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"a principal that is not known may be everybody", `resource "aws_kms_key_policy" "p" {
			policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = var.who }, Action = "kms:Decrypt", Resource = "*" } })
		}`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"a condition decides which principal it is", `resource "aws_kms_key_policy" "p" {
			policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = aws_x.y.enabled ? "*" : aws_iam_role.r.arn }, Action = "kms:Decrypt", Resource = "*" } })
		}`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"what a function makes of an ARN may be everybody", `resource "aws_kms_key_policy" "p" {
			policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = coalesce(var.who, aws_iam_role.r.arn) }, Action = "kms:Decrypt", Resource = "*" } })
		}`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"what a variable gives after an ARN may be everybody", `
			locals { who = [aws_iam_role.r.arn, var.who] }
			resource "aws_kms_key_policy" "p" {
				policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = toset(local.who) }, Action = "kms:Decrypt", Resource = "*" } })
			}`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"a list of which a function chooses may hold everybody", `
			locals { who = [aws_iam_role.r.arn, "*"] }
			resource "aws_kms_key_policy" "p" {
				policy = jsonencode({ Statement = { Effect = "Allow", Principal = { AWS = local.who[var.n] }, Action = "kms:Decrypt", Resource = "*" } })
			}`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"a condition decides which policy it is", `resource "aws_kms_key_policy" "p" {
			policy = aws_x.y.enabled ? jsonencode({ Statement = [aws_x.y.z] }) : "{}"
		}`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"everybody whatever else", `resource "aws_kms_key_policy" "p" {
			policy = jsonencode({ Statement = [
				{ Effect = "Allow", Principal = { AWS = var.who }, Action = "kms:Decrypt", Resource = "*" },
				{ Effect = "Allow", Principal = "*", Action = "kms:Sign", Resource = "*" },
			] })
		}`, "aws.kms.policy", map[string]string{
			"policy.statements": `[{"actions":["sign"],"all_resources":false,"at":"#2","effect":"allow","everyone":true,"restricted":false}]`,
		}},
		{"not a policy", `resource "aws_kms_key_policy" "p" { policy = "{" }`, "aws.kms.policy", map[string]string{"policy.statements": "?"}},
		{"policy of a secret", `resource "aws_secretsmanager_secret_policy" "p" {
			policy = jsonencode({ Statement = { Effect = "Allow", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = "*" } })
		}`, "aws.secretsmanager.policy", map[string]string{
			"policy.statements": `[{"actions":["read_secret"],"all_resources":false,"at":"#1","effect":"allow","everyone":true,"restricted":false}]`,
		}},
		{"policy of an identity", `resource "aws_iam_policy" "p" {
			name   = "all-keys"
			policy = jsonencode({ Statement = { Effect = "Allow", Action = "kms:Decrypt", Resource = "*" } })
		}`, "aws.iam.policy", map[string]string{
			"name": "all-keys", "policy.statements": `[{"actions":["decrypt"],"all_resources":true,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"policy on one key that an apply tells", `resource "aws_iam_role_policy" "p" {
			policy = jsonencode({ Statement = { Effect = "Allow", Action = "kms:Decrypt", Resource = [aws_kms_key.k.arn] } })
		}`, "aws.iam.policy", map[string]string{
			"policy.statements": `[{"actions":["decrypt"],"all_resources":false,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"policy in a role", `resource "aws_iam_role" "r" {
			assume_role_policy = "{}"
			inline_policy {
				name   = "keys"
				policy = var.policy
			}
		}`, "aws.iam.policy", map[string]string{"name": "keys", "policy.statements": "?"}},
		{"grant", `resource "aws_kms_grant" "g" {
			name              = "batch"
			key_id            = aws_kms_key.k.id
			grantee_principal = aws_iam_role.r.arn
			operations        = ["Decrypt", "CreateGrant"]
		}`, "aws.kms.grant", map[string]string{
			"name": "batch", "policy.guards": "aws.kms.key",
			"policy.statements": `[{"actions":["decrypt","grant"],"all_resources":false,"at":"#1","effect":"allow","everyone":false,"restricted":false}]`,
		}},
		{"grant of operations that are not known", `resource "aws_kms_grant" "g" {
			grantee_principal = aws_iam_role.r.arn
			operations        = ["Decrypt", var.more]
		}`, "aws.kms.grant", map[string]string{"policy.statements": "?"}},
	} {
		c.run(t)
	}
}

func TestAWSIdentities(t *testing.T) {
	for _, c := range []mapCase{
		{"access key", `
			resource "aws_iam_access_key" "a" { user = aws_iam_user.u.name }
			resource "aws_iam_user" "u" { name = "ci" }`, "aws.iam.access_key", map[string]string{
			"credential.class": "access_key", "refs names ci": "terraform:shop#aws_iam_user.u",
		}},
		{"user", `
			resource "aws_iam_user" "u" { name = "ci" }
			resource "aws_iam_user_policy_attachment" "a" {
				user       = "ci"
				policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
			}`, "aws.iam.user", map[string]string{
			"name": "ci", "tags": "{}", "refs grants arn:aws:iam::aws:policy/AdministratorAccess": "arn:aws:iam::aws:policy/AdministratorAccess",
		}},
		{"role", `
			resource "aws_iam_role" "r" {
				name               = "app"
				assume_role_policy = jsonencode({ Statement = { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" } })
			}
			resource "aws_iam_policy" "p" { policy = "{}" }
			resource "aws_iam_role_policy_attachment" "a" {
				role       = aws_iam_role.r.name
				policy_arn = aws_iam_policy.p.arn
			}`, "aws.iam.role", map[string]string{
			"name": "app", "trust.method": "iam_role", "refs grants aws_iam_policy.p": "terraform:shop#aws_iam_policy.p",
			"trust.statements": `[{"at":"#1","audiences":[],"restricted":false,"subjects":[],"who":"service"}]`,
		}},
		{"role that the account may assume", `resource "aws_iam_role" "r" {
			assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "sts:AssumeRole" }] })
		}`, "aws.iam.role", map[string]string{"trust.statements": `[{"at":"#1","audiences":[],"restricted":false,"subjects":[],"who":"account"}]`}},
		{"role of a service account", `
			resource "aws_iam_openid_connect_provider" "eks" { url = aws_eks_cluster.c.identity[0].oidc[0].issuer }
			locals { issuer = replace(aws_iam_openid_connect_provider.eks.url, "https://", "") }
			resource "aws_iam_role" "r" {
				assume_role_policy = jsonencode({ Statement = [{
					Effect    = "Allow"
					Action    = "sts:AssumeRoleWithWebIdentity"
					Principal = { Federated = aws_iam_openid_connect_provider.eks.arn }
					Condition = { StringEquals = { "${local.issuer}:sub" = "system:serviceaccount:shop:web", "${local.issuer}:aud" = "sts.amazonaws.com" } }
				}] })
			}`, "aws.iam.role", map[string]string{
			"trust.statements": `[{"at":"#1","audiences":["sts.amazonaws.com"],"restricted":false,"subjects":["system:serviceaccount:shop:web"],"who":"oidc"}]`,
		}},
		{"role of any service account, by a data source", `
			data "aws_iam_policy_document" "d" {
				statement {
					actions = ["sts:AssumeRoleWithWebIdentity"]
					principals {
						type        = "Federated"
						identifiers = ["arn:aws:iam::${data.aws_caller_identity.me.account_id}:oidc-provider/${aws_eks_cluster.c.issuer}"]
					}
					condition {
						test     = "StringLike"
						variable = "${aws_eks_cluster.c.issuer}:sub"
						values   = ["system:serviceaccount:*:*"]
					}
				}
			}
			resource "aws_iam_role" "r" { assume_role_policy = data.aws_iam_policy_document.d.json }`, "aws.iam.role", map[string]string{
			"trust.statements": `[{"at":"#1","audiences":[],"restricted":false,"subjects":["system:serviceaccount:*:*"],"who":"oidc"}]`,
		}},
		{"role of a service account, in a heredoc", "resource \"aws_iam_role\" \"r\" {\n  assume_role_policy = <<-E\n" + `
			{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "${aws_iam_openid_connect_provider.eks.arn}"},
			 "Condition": {"StringEquals": {"${aws_eks_cluster.c.issuer}:sub": "system:serviceaccount:shop:web"}}}}
			E
		}`, "aws.iam.role", map[string]string{
			"trust.statements": `[{"at":"#1","audiences":[],"restricted":false,"subjects":["system:serviceaccount:shop:web"],"who":"oidc"}]`,
		}},
		{"role that a variable lets assume", `resource "aws_iam_role" "r" { assume_role_policy = var.trust }`, "aws.iam.role", map[string]string{"trust.statements": "?"}},
		{"OIDC provider", `resource "aws_iam_openid_connect_provider" "p" {
			url            = "https://token.actions.githubusercontent.com"
			client_id_list = ["sts.amazonaws.com"]
		}`, "aws.iam.oidc_provider", map[string]string{
			"name": "token.actions.githubusercontent.com", "trust.method": "oidc_provider", "trust.issuer": "https://token.actions.githubusercontent.com",
			"trust.bound_audiences": `["sts.amazonaws.com"]`,
		}},
		{"OIDC provider of a cluster", `resource "aws_iam_openid_connect_provider" "p" {
			url            = aws_eks_cluster.c.issuer
			client_id_list = ["sts.amazonaws.com", var.more]
		}`, "aws.iam.oidc_provider", map[string]string{"trust.issuer": "?", "trust.bound_audiences": "?"}},
		{"pod identity", `resource "aws_eks_pod_identity_association" "a" {
			namespace       = "shop"
			service_account = var.sa
			role_arn        = aws_iam_role.r.arn
		}
		resource "aws_iam_role" "r" { assume_role_policy = "{}" }`, "aws.eks.pod_identity", map[string]string{
			"trust.method": "pod_identity", "trust.namespaces": `["shop"]`, "trust.service_accounts": "?", "refs names aws_iam_role.r": "terraform:shop#aws_iam_role.r",
		}},
	} {
		c.run(t)
	}
}

func TestTrails(t *testing.T) {
	trail := func(body string) string { return "resource \"aws_cloudtrail\" \"t\" {\n" + body + "\n}" }
	advanced := func(fields string) string { return trail("advanced_event_selector {\n" + fields + "\n}") }
	const management = "field_selector {\nfield = \"eventCategory\"\nequals = [\"Management\"]\n}\n"
	for _, c := range []mapCase{
		{"defaults", trail(`name = "t"`), "", map[string]string{
			"name": "t", "audit.device": "cloudtrail", "audit.logging": "true", "audit.multi_region": "false", "audit.management_events": "true", "audit.kms_events": "true",
			"audit.log_validation": "false", "audit.customer_key": "false",
		}},
		{"stated", trail("enable_logging = false\nis_multi_region_trail = true\nenable_log_file_validation = true\nkms_key_id = aws_kms_key.k.arn"), "", map[string]string{
			"audit.logging": "false", "audit.multi_region": "true", "audit.log_validation": "true", "audit.customer_key": "true",
		}},
		{"not known", trail("enable_logging = var.x\nis_multi_region_trail = var.x\nkms_key_id = var.x"), "", map[string]string{
			"audit.logging": "?", "audit.multi_region": "?", "audit.customer_key": "?", "audit.management_events": "true",
		}},
		{"data events only", trail("event_selector {\ninclude_management_events = false\n}"), "", map[string]string{"audit.management_events": "false", "audit.kms_events": "false"}},
		{"reads only", trail("event_selector {\nread_write_type = \"ReadOnly\"\n}"), "", map[string]string{"audit.management_events": "false", "audit.kms_events": "false"}},
		{"reads and writes apart", trail("event_selector {\nread_write_type = \"ReadOnly\"\n}\nevent_selector {\nread_write_type = \"WriteOnly\"\n}"), "", map[string]string{
			"audit.management_events": "true", "audit.kms_events": "true",
		}},
		{"KMS left out", trail("event_selector {\nexclude_management_event_sources = [\"kms.amazonaws.com\"]\n}"), "", map[string]string{"audit.management_events": "true", "audit.kms_events": "false"}},
		{"selector not known", trail("event_selector {\ninclude_management_events = var.x\n}"), "", map[string]string{"audit.management_events": "?", "audit.kms_events": "?"}},
		{"advanced", advanced(management), "", map[string]string{"audit.management_events": "true", "audit.kms_events": "true"}},
		{"advanced, writes only", advanced(management + "field_selector {\nfield = \"readOnly\"\nequals = [\"false\"]\n}"), "", map[string]string{"audit.management_events": "false", "audit.kms_events": "false"}},
		{"advanced, KMS left out", advanced(management + "field_selector {\nfield = \"eventSource\"\nnot_equals = [\"kms.amazonaws.com\"]\n}"), "", map[string]string{
			"audit.management_events": "true", "audit.kms_events": "false",
		}},
		{"advanced, data only", advanced("field_selector {\nfield = \"resources.type\"\nequals = [\"AWS::S3::Object\"]\n}\nfield_selector {\nfield = \"eventCategory\"\nequals = [\"Data\"]\n}"), "", map[string]string{
			"audit.management_events": "false", "audit.kms_events": "false",
		}},
		{"advanced, a field that is not understood", advanced(management + "field_selector {\nfield = \"eventName\"\nnot_equals = [\"Decrypt\"]\n}"), "", map[string]string{
			"audit.management_events": "?", "audit.kms_events": "?",
		}},
	} {
		c.typ = "aws.cloudtrail.trail"
		c.run(t)
	}
}
