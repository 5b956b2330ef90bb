# Lists that are known in part, in the data source and in JSON alike: what is in them for certain decides where it is the worst.

variable "more" { type = list(string) }

locals {
  everything = concat(["*"], var.more)
}

data "aws_iam_policy_document" "concat" {
  statement {
    actions   = ["kms:*"]
    resources = concat(["*"], var.more)
  }
}

resource "aws_iam_policy" "concat" {
  policy = data.aws_iam_policy_document.concat.json # want: privilege/wildcard-identity-grant fail
}

data "aws_iam_policy_document" "local" {
  statement {
    actions   = concat(["*"], var.more)
    resources = local.everything
  }
}

resource "aws_iam_policy" "local" {
  policy = data.aws_iam_policy_document.local.json # want: privilege/wildcard-identity-grant fail
}

data "aws_iam_policy_document" "forms" {
  statement {
    actions   = distinct(flatten([["*"], var.more]))
    resources = toset(compact(concat(var.more, ["*"])))
  }
}

resource "aws_iam_policy" "forms" {
  policy = data.aws_iam_policy_document.forms.json # want: privilege/wildcard-identity-grant fail
}

data "aws_iam_policy_document" "one_key" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = concat(["arn:aws:kms:eu-west-1:123456789012:key/1"], var.more)
  }
}

resource "aws_iam_policy" "one_key_and_more" {
  policy = data.aws_iam_policy_document.one_key.json # want: privilege/wildcard-identity-grant unknown
}

data "aws_iam_policy_document" "restricted" {
  statement {
    actions   = ["kms:*"]
    resources = concat(["*"], var.more)
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = concat(["o-example"], var.more)
    }
  }
}

resource "aws_iam_policy" "perhaps_restricted" {
  policy = data.aws_iam_policy_document.restricted.json # want: privilege/wildcard-identity-grant fail
}

resource "aws_iam_policy" "json" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["kms:*"], Resource = local.everything }] }) # want: privilege/wildcard-identity-grant fail
}
