variable "rotate" {
  default = true
}

resource "aws_kms_key" "k" {
  enable_key_rotation = var.rotate # want: rotation/automatic-rotation-off fail
}
