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
