# What is said here of secrets and keys that another state made.

data "aws_secretsmanager_secret" "db" { name = "prod/db" }

resource "aws_secretsmanager_secret_version" "data_source" {
  secret_id     = data.aws_secretsmanager_secret.db.id
  secret_string = "example-only-not-a-password" # want: credentials/created-in-code fail, rotation/rotation-period-too-long unknown
}

resource "aws_secretsmanager_secret_version" "arn" {
  secret_id     = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/mail-AbCdEf"
  secret_string = "example-only-not-a-password" # want: credentials/created-in-code fail
}

resource "aws_secretsmanager_secret_version" "variable" {
  secret_id     = var.unset
  secret_string = jsonencode({ user = "app", pin = "0000" }) # want: credentials/created-in-code fail
}

resource "aws_secretsmanager_secret_version" "known_in_part" {
  secret_id     = data.aws_secretsmanager_secret.db.id
  secret_string = "prefix-${var.unset}" # want: credentials/created-in-code unknown
}

resource "aws_secretsmanager_secret_version" "generated" { # states nothing of the secret
  secret_id     = data.aws_secretsmanager_secret.db.id
  secret_string = random_password.db.result
}

resource "aws_secretsmanager_secret_rotation" "slow" {
  secret_id           = data.aws_secretsmanager_secret.db.id
  rotation_lambda_arn = var.lambda
  rotation_rules {
    automatically_after_days = 400 # want: rotation/rotation-period-too-long fail, credentials/created-in-code unknown
  }
}

resource "aws_secretsmanager_secret_rotation" "quick" {
  secret_id           = var.unset
  rotation_lambda_arn = var.lambda
  rotation_rules {
    automatically_after_days = 30 # want: rotation/rotation-period-too-long pass
  }
}

resource "aws_kms_key_policy" "open" {
  key_id = data.aws_kms_key.shared.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] }) # want: privilege/public fail
}
