output "role_arn" {
  value = aws_iam_role.service.arn
}

output "key_arn" {
  value = aws_kms_key.data.arn
}
