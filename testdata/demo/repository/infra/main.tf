resource "aws_kms_key" "payloads" {
  description             = "payloads at rest"
  enable_key_rotation     = true
  rotation_period_in_days = 365
}
