package terraform

import (
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// service is a folder as teams write them: a root module that calls a module of the repository, with keys, a policy document, roles.
func service(n int) []string {
	dir := fmt.Sprintf("services/s%d/", n)
	return []string{
		dir + "main.tf", `
locals {
  tags = merge({ team = var.team }, var.tags)
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "jwt" {
  description             = "signs tokens of ${var.team}"
  deletion_window_in_days = 30
  enable_key_rotation     = var.rotate
  policy                  = data.aws_iam_policy_document.jwt.json
  tags                    = local.tags
}

resource "aws_kms_alias" "jwt" {
  name          = "alias/${var.team}-jwt"
  target_key_id = aws_kms_key.jwt.key_id
}

module "store" {
  source = "../../modules/store"
  name   = var.team
  key    = aws_kms_key.jwt.arn
}
`,
		dir + "policy.tf", `
data "aws_iam_policy_document" "jwt" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
  dynamic "statement" {
    for_each = var.readers
    content {
      actions   = ["kms:Decrypt", "kms:DescribeKey"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}
`,
		dir + "variables.tf", `
variable "team" {
  type    = string
  default = "payments"
}
variable "rotate" {
  type = bool
}
variable "tags" {
  type    = map(string)
  default = {}
}
variable "readers" {
  type    = list(string)
  default = ["arn:aws:iam::111122223333:role/reader"]
}
`,
		dir + "terraform.tfvars", "rotate = true\n",
	}
}

const store = `
variable "name" { type = string }
variable "key" { type = string }
resource "aws_secretsmanager_secret" "this" {
  for_each                = toset(["db", "api"])
  name                    = "${var.name}/${each.key}"
  kms_key_id              = var.key
  recovery_window_in_days = 7
}
output "arn" { value = { for k, s in aws_secretsmanager_secret.this : k => s.arn } }
`

func repository(services int) *declare.Tree {
	pairs := []string{"modules/store/main.tf", store}
	for n := range services {
		pairs = append(pairs, service(n)...)
	}
	return files(pairs...)
}

func BenchmarkFiles(b *testing.B) {
	for _, services := range []int{25, 1250} {
		tree := repository(services)
		b.Run(fmt.Sprint(len(tree.Files)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := Dialect.Read(b.Context(), tree); len(got.Resources) < 4*services || len(got.Gaps) > 0 {
					b.Fatalf("%d resources and gaps %v", len(got.Resources), got.Gaps)
				}
			}
		})
	}
}
