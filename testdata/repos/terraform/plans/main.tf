# Of each environment a plan lies beside the code. What they do not say alike is no pass.

variable "rotate" {}
variable "rotation_lambda" {}
variable "account" {}

resource "aws_kms_key" "agreed" {
  enable_key_rotation = true # want: rotation/automatic-rotation-off pass
}

resource "aws_kms_key" "disputed" {
  enable_key_rotation = var.rotate # want: rotation/automatic-rotation-off unknown
  tags                = { team = "pay" }
}

resource "aws_kms_key" "only_one_environment" {
  count               = 1
  enable_key_rotation = false # want: rotation/automatic-rotation-off fail
}

resource "aws_secretsmanager_secret" "disputed" { # want: rotation/automatic-rotation-off unknown
  name                = "s"
  rotation_lambda_arn = var.rotation_lambda
}

resource "aws_kms_key_policy" "of_two_accounts" {
  key_id = aws_kms_key.agreed.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*", Principal = var.account }] }) # want: privilege/public unknown
}

resource "aws_kms_key_policy" "public_in_both" {
  key_id = aws_kms_key.disputed.id
  policy = jsonencode({ Statement = [{ Sid = var.account, Effect = "Allow", Action = "kms:*", Resource = "*", Principal = "*" }] }) # want: privilege/public fail
}
