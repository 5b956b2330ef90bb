# What a key policy gives by itself to those whom it names. Those of the same names stand in the templates of CloudFormation.
data "aws_caller_identity" "here" {}

resource "aws_iam_role" "ops" {
  name               = "ops"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_kms_key" "orders" {
  enable_key_rotation = true
}

resource "aws_kms_key_policy" "account" {
  key_id = aws_kms_key.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:root" }, Action = "kms:*", Resource = "*" }] }) # want: duties/use-and-administer pass, privilege/external pass, privilege/unlimited-create-grant pass
}

resource "aws_kms_key_policy" "both" {
  key_id = aws_kms_key.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }, { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/ops" }, Action = "kms:*", Resource = "*" }] }) # want: duties/use-and-administer fail, privilege/external pass, privilege/unlimited-create-grant pass
}

resource "aws_kms_key_policy" "role_of_this_code" {
  key_id = aws_kms_key.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }, { Effect = "Allow", Principal = { AWS = aws_iam_role.ops.arn }, Action = ["kms:Decrypt", "kms:DisableKey", "kms:CreateGrant"], Resource = "*" }] }) # want: duties/use-and-administer unknown, privilege/external unknown, privilege/unlimited-create-grant unknown
}

resource "aws_kms_key_policy" "grants" {
  key_id = aws_kms_key.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }, { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = ["kms:Encrypt", "kms:CreateGrant"], Resource = "*" }] }) # want: duties/use-and-administer pass, privilege/unlimited-create-grant fail
}

resource "aws_kms_key_policy" "grants_for_services" {
  key_id = aws_kms_key.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }, { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = ["kms:Encrypt", "kms:CreateGrant"], Resource = "*", Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } }] }) # want: privilege/unlimited-create-grant pass
}

resource "aws_kms_key_policy" "vendor" {
  key_id = aws_kms_key.orders.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }, { Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/external fail
}

resource "aws_secretsmanager_secret_policy" "own" {
  secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:own-AbCdEf"
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:role/app" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }] }) # want: privilege/external pass
}

resource "aws_secretsmanager_secret_policy" "some_account" { # which may be that of the secret
  secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shared-AbCdEf"
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }] }) # want: privilege/external unknown
}

resource "aws_secretsmanager_secret_policy" "described" {
  secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:seen-AbCdEf"
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "secretsmanager:DescribeSecret", Resource = "*" }] }) # want: privilege/external pass
}
