variable "rotate" {}
variable "who" {}

data "aws_caller_identity" "me" {}

resource "aws_kms_key" "plain" {
  description = "payloads" # want: rotation/automatic-rotation-off fail
}

resource "aws_kms_key" "rotated" {
  enable_key_rotation     = true # want: rotation/automatic-rotation-off pass, rotation/rotation-period-too-long pass
  rotation_period_in_days = 180
}

resource "aws_kms_key" "open" {
  enable_key_rotation = var.rotate # want: rotation/automatic-rotation-off unknown
}

resource "aws_kms_key" "signing" { # want: rotation/automatic-rotation-off not_applicable, lifecycle/weak-key pass
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_key_policy" "account" {
  key_id = aws_kms_key.rotated.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }, Action = "kms:*", Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "public" {
  key_id = aws_kms_key.signing.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Sign", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "somebody" {
  key_id = aws_kms_key.open.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public unknown
}

resource "aws_secretsmanager_secret" "db" {
  name = "shop/db" # want: rotation/automatic-rotation-off pass, credentials/created-in-code pass
}

resource "aws_secretsmanager_secret_rotation" "db" {
  secret_id = aws_secretsmanager_secret.db.id
  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ username = "shop", password = random_password.db.result })
}

resource "random_password" "db" {
  length = 32
}

resource "aws_iam_openid_connect_provider" "eks" {
  url            = aws_eks_cluster.shop.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "any" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.eks.arn]
    }
  }
}

resource "aws_iam_role" "any" {
  assume_role_policy = data.aws_iam_policy_document.any.json # want: workload/irsa-open fail
}

resource "aws_iam_role" "web" {
  assume_role_policy = jsonencode({ Statement = [{ # want: workload/irsa-open pass
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = aws_iam_openid_connect_provider.eks.arn }
    Condition = { StringEquals = {
      "${replace(aws_iam_openid_connect_provider.eks.url, "https://", "")}:sub" = "system:serviceaccount:shop:web"
      "${replace(aws_iam_openid_connect_provider.eks.url, "https://", "")}:aud" = "sts.amazonaws.com"
    } }
  }] })
}

resource "aws_iam_access_key" "ci" { # want: credentials/created-in-code fail
  user = "ci"
}

resource "aws_cloudtrail" "main" { # want: audit/cloudtrail-incomplete pass, audit/cloudtrail-unencrypted pass
  name                       = "main"
  s3_bucket_name             = "trails"
  is_multi_region_trail      = true
  enable_log_file_validation = true
  kms_key_id                 = aws_kms_key.rotated.arn
}

variable "statements" { type = list(any) }

resource "aws_kms_key" "more" {
  enable_key_rotation = true
  policy              = jsonencode({ Statement = concat([{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" }], var.statements) }) # want: privilege/public fail
}

resource "aws_kms_key" "more_perhaps" {
  enable_key_rotation = true
  policy              = jsonencode({ Statement = concat([{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:Decrypt", Resource = "*" }], var.statements) }) # want: privilege/public unknown
}

resource "aws_kms_key" "others" {
  enable_key_rotation = true
  policy              = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = concat(["arn:aws:iam::111122223333:root"], var.who) }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public unknown
}
