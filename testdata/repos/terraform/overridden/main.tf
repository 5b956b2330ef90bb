locals {
  rotate = true
}

variable "window" {
  default = 30
}

resource "aws_kms_key" "k" {
  enable_key_rotation     = local.rotate # want: rotation/automatic-rotation-off fail, lifecycle/destruction-unguarded fail
  deletion_window_in_days = var.window
}

module "m" {
  source = "./m"
  rotate = true
}
