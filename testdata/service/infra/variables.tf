variable "service" {
  type    = string
  default = "orders"
}

variable "environment" {
  type    = string
  default = "production"
}

variable "namespace" {
  type    = string
  default = "orders"
}

variable "queues" {
  type    = list(string)
  default = ["created", "paid", "shipped"]
}

variable "rotation_lambda_arn" {
  type        = string
  description = "ARN of the function that rotates the database's secret"
}

variable "oidc_provider_arn" {
  type = string
}

variable "oidc_issuer" {
  type    = string
  default = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
}
