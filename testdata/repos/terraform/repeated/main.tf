locals {
  names = toset([for n in ["jwt", "db", "jwt"] : "key-${n}"])
  keys  = { jwt = { rotate = true }, db = { rotate = false, days = 30 } }
}

resource "aws_kms_key" "set" {
  for_each            = local.names
  enable_key_rotation = each.key != "" # want: rotation/automatic-rotation-off pass
}

resource "aws_kms_key" "filtered" {
  for_each                = { for k, v in local.keys : k => v if v.rotate }
  enable_key_rotation     = each.value.rotate # want: rotation/automatic-rotation-off pass
  deletion_window_in_days = try(each.value.days, 30)
}

resource "aws_kms_key" "none" {
  count               = 0
  enable_key_rotation = false
}

resource "aws_kms_key" "one" {
  count               = 1
  enable_key_rotation = true # want: rotation/automatic-rotation-off pass
}

resource "aws_secretsmanager_secret" "each" {
  for_each   = toset(["pay"])
  name       = each.key # want: rotation/automatic-rotation-off pass, credentials/created-in-code pass
  kms_key_id = join("", aws_kms_key.one[*].arn)
}

resource "aws_secretsmanager_secret_rotation" "each" {
  for_each  = aws_secretsmanager_secret.each
  secret_id = each.value.id
  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret_version" "each" {
  for_each      = aws_secretsmanager_secret.each
  secret_id     = each.value.id
  secret_string = random_password.each[each.key].result
}

resource "random_password" "each" {
  for_each = toset(["pay"])
  length   = 32
}

resource "aws_secretsmanager_secret" "never" {
  name = "never" # want: rotation/automatic-rotation-off fail
}

resource "aws_secretsmanager_secret_rotation" "never" {
  count     = 0
  secret_id = aws_secretsmanager_secret.never.id
  rotation_rules {
    automatically_after_days = 30
  }
}
