# Key policies, a statement each. Those of the same names stand in the templates of CloudFormation.
variable "unset" {}

resource "aws_kms_key" "shop" {
  enable_key_rotation = true
}

# Who may use a key, by the forms of a principal.

resource "aws_kms_key_policy" "star" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "star_of_aws" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "star_in_list" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = ["*"] }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "star_beside_account" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = ["111122223333", "*"] }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "all_but_one" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", NotPrincipal = { AWS = "arn:aws:iam::111122223333:root" } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "account_as_text" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "account_as_number" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = 111122223333 }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "account_in_list" { # "*" is this key
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = ["arn:aws:iam::111122223333:root"] }, Action = ["kms:*"], Resource = ["*"] }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "service" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "logs.amazonaws.com" }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "denied" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "some_principal" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = var.unset }, Action = "kms:Decrypt", Resource = "*" }] }) # want: privilege/public unknown
}

resource "aws_kms_key_policy" "one_statement" { # no list around it
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" } }) # want: privilege/public fail
}

# What they may do with it, by the forms of an action.

resource "aws_kms_key_policy" "letter_case" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "KMS:decrypt", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "stars" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = ["kms:De*"], Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "question_mark" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "k?s:*", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "any_action" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = "*" }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "all_but_some" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Resource = "*", NotAction = ["kms:Encrypt", "s3:*"] }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "all_but_kms" { # nothing is left that a key can do
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Resource = "*", NotAction = "KMS:*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "another_service" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = ["s3:GetObject"], Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "no_such_action" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decryp", Resource = "*" }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "some_action" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = var.unset, Resource = "*" }] }) # want: privilege/public unknown
}

resource "aws_kms_key_policy" "some_action_of_kms" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:${var.unset}", Resource = "*" }] }) # want: privilege/public unknown
}

# Conditions that hold everybody to somebody, and those that only look so.

resource "aws_kms_key_policy" "caller_account" { # in any letter case
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "KMS:calleraccount" = "111122223333" } } }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "organisation" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "aws:PrincipalOrgID" = ["o-a1b2c3d4e5"] } } }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "if_exists_and_there" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }, Null = { "aws:PrincipalOrgID" = "false" } } }] }) # want: privilege/public pass
}

resource "aws_kms_key_policy" "if_exists" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "like_anything" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringLike = { "aws:PrincipalOrgID" = "*" } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "for_all_values" { # an empty set meets it
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { "ForAllValues:StringEquals" = { "aws:PrincipalOrgPaths" = "o-a1b2c3d4e5/r-ab12/" } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "through_a_service" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "not_equal" { # whoever has no organisation meets it, too
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringNotEquals = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "not_address" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { NotIpAddress = { "aws:SourceIp" = "203.0.113.0/24" } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "half_of_the_internet" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { IpAddress = { "aws:SourceIp" = ["0.0.0.0/1", "128.0.0.0/1"] } } }] }) # want: privilege/public fail
}

resource "aws_kms_key_policy" "some_account" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "kms:CallerAccount" = var.unset } } }] }) # want: privilege/public unknown
}

resource "aws_kms_key_policy" "some_variable" {
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringLike = { "aws:PrincipalAccount" = "$${${var.unset}}" } } }] }) # want: privilege/public unknown
}

resource "aws_kms_key_policy" "any_account_anyway" { # the other value lets everybody in
  key_id = aws_kms_key.shop.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringLike = { "kms:CallerAccount" = [var.unset, "*"] } } }] }) # want: privilege/public fail
}
