variable "unset" {}

resource "aws_kms_key" "guarded" {
  enable_key_rotation = true # want: lifecycle/destruction-unguarded pass
}

resource "aws_kms_key" "hasty" {
  enable_key_rotation     = true # want: lifecycle/destruction-unguarded fail
  deletion_window_in_days = 7
}

resource "aws_kms_key" "perhaps" {
  enable_key_rotation     = true # want: lifecycle/destruction-unguarded unknown
  deletion_window_in_days = var.unset
}

resource "aws_kms_key" "rarely" {
  enable_key_rotation     = true # want: rotation/rotation-period-too-long fail
  rotation_period_in_days = 1825
}

resource "aws_kms_key" "sometimes" {
  enable_key_rotation     = true # want: rotation/rotation-period-too-long unknown
  rotation_period_in_days = var.unset
}

resource "aws_kms_key" "some_kind" {
  customer_master_key_spec = var.unset
  enable_key_rotation      = true # want: lifecycle/weak-key unknown
}

resource "aws_secretsmanager_secret" "written" {
  name = "shop/written" # want: credentials/created-in-code unknown, rotation/automatic-rotation-off fail
}

resource "aws_secretsmanager_secret_version" "written" {
  secret_id     = aws_secretsmanager_secret.written.id
  secret_string = "user:${var.unset}"
}

resource "aws_cloudtrail" "local" { # want: audit/cloudtrail-incomplete fail, audit/cloudtrail-unencrypted fail
  name           = "local"
  s3_bucket_name = "trails"
}

resource "aws_cloudtrail" "some" { # want: audit/cloudtrail-incomplete unknown, audit/cloudtrail-unencrypted unknown
  name                       = "some"
  s3_bucket_name             = "trails"
  is_multi_region_trail      = true
  enable_log_file_validation = var.unset
  kms_key_id                 = var.unset
}

resource "aws_iam_role" "some_pod" {
  assume_role_policy = jsonencode({ Statement = [{ # want: workload/irsa-open unknown
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE" }
    Condition = { StringLike = {
      "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:sub" = "system:serviceaccount:${var.unset}:web"
      "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE:aud" = "sts.amazonaws.com"
    } }
  }] })
}

resource "aws_iam_role" "any_repository" {
  assume_role_policy = jsonencode({ Statement = [{ # want: workload/federation-too-wide fail
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
    Condition = { StringLike = {
      "token.actions.githubusercontent.com:sub" = "repo:shop/*"
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
    } }
  }] })
}

resource "aws_iam_role" "any_repository_but_denied" {
  assume_role_policy = jsonencode({ Statement = [{ # want: workload/federation-too-wide pass
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
    Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:shop/*" } }
    }, {
    Effect    = "Deny"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = "*"
    Condition = { StringNotEquals = { "token.actions.githubusercontent.com:sub" = "repo:shop/api:ref:refs/heads/main" } }
  }] })
}

resource "aws_iam_role" "some_repository" {
  assume_role_policy = jsonencode({ Statement = [{ # want: workload/federation-too-wide unknown
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
    Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = var.unset } }
  }] })
}

resource "aws_kms_key_policy" "denied_again" {
  key_id = "1"
  policy = jsonencode({ Statement = [ # want: privilege/public pass
    { Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" },
    { Effect = "Deny", Principal = "*", Action = "kms:*", Resource = "*", Condition = { StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } } },
  ] })
}

resource "aws_kms_key_policy" "of_somebody_deleted" {
  key_id = "2"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "AROAEXAMPLEEXAMPLEXX" }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/dangling-principal fail
}

resource "aws_kms_key_policy" "of_a_role" {
  key_id = "3"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/dangling-principal not_applicable
}

resource "aws_kms_key_policy" "left_open" {
  key_id = "4"
  policy = var.unset # want: privilege/dangling-principal unknown
}
