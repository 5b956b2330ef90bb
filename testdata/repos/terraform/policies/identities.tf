# Policies of identities, a statement each. Those of the same names stand in the templates of CloudFormation.

# Which actions an identity may take on everything.

resource "aws_iam_policy" "any_letter_case" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "KMS:decrypt", Resource = "*" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "star_within" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["kms:De*"], Resource = "*" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "question_mark_within" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "k?s:*", Resource = "*" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "all_but_iam" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Resource = "*", NotAction = "iam:*" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "all_but_keys_and_secrets" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Resource = "*", NotAction = ["kms:*", "SecretsManager:*"] }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "lone_statement" { # no list around it
  policy = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "*" } }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "no_power" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["kms:Encrypt", "kms:Describe*"], Resource = "*" }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "forbidden" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "kms:*", Resource = "*" }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "other_services" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "iam:*"], Resource = "*" }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "action_left_open" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = var.unset, Resource = "*" }] }) # want: privilege/wildcard-identity-grant unknown
}

# On what: one key or all of them.

resource "aws_iam_policy" "this_key" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "every_key" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = ["arn:aws:kms:*:*:key/*"] }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "all_but_a_key" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", NotResource = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "keys_by_prefix" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:*:*:key/mrk-*" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "of_some_account" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:${var.unset}*" }] }) # want: privilege/wildcard-identity-grant unknown
}

resource "aws_iam_policy" "of_some_account_all" { # whichever account it is
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:eu-west-1:${var.unset}:key/*" }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "resource_left_open" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = var.unset }] }) # want: privilege/wildcard-identity-grant unknown
}

# Conditions that pick some keys, and those that only look so.

resource "aws_iam_policy" "tagged" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/team" = "shop" } } }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "tagged_if_at_all" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringEqualsIfExists = { "aws:ResourceTag/team" = "shop" } } }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "tagged_somehow" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringLike = { "aws:ResourceTag/team" = "*" } } }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "tagged_otherwise" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringNotEquals = { "aws:ResourceTag/team" = "shop" } } }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "all_aliases" { # a key without an alias meets it
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { "ForAllValues:StringLike" = { "kms:ResourceAliases" = "alias/shop-*" } } }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "an_alias" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { "ForAnyValue:StringLike" = { "kms:ResourceAliases" = "alias/shop-*" } } }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "by_a_service" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } } }] }) # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "tagged_as_its_holder" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "aws:ResourceTag/team" = "$${aws:PrincipalTag/team}" } } }] }) # want: privilege/wildcard-identity-grant pass
}

resource "aws_iam_policy" "tagged_by_some_variable" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringLike = { "aws:ResourceTag/team" = "$${${var.unset}}" } } }] }) # want: privilege/wildcard-identity-grant unknown
}

resource "aws_iam_policy" "tag_left_open" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*", Condition = { StringLike = { "aws:ResourceTag/team" = var.unset } } }] }) # want: privilege/wildcard-identity-grant unknown
}
