locals {
  rotate = false
}

variable "window" {
  default = 7
}

module "m" {
  rotate = false
}
