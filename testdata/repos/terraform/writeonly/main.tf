ephemeral "random_password" "p" {
  length = 32
}

variable "token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "db" {
  type = object({ password = optional(string, "example-only"), host = string })
}

resource "vault_kv_secret_v2" "generated" {
  name         = "generated"
  data_json_wo = jsonencode({ password = ephemeral.random_password.p.result }) # want: credentials/created-in-code pass
}

resource "vault_kv_secret_v2" "given" {
  name         = "given"
  data_json_wo = jsonencode({ token = var.token }) # want: credentials/created-in-code pass
}

resource "vault_kv_secret_v2" "written" {
  name         = "written"
  data_json_wo = sensitive(jsonencode({ token = "example-only" })) # want: credentials/created-in-code fail
}

resource "vault_kv_secret_v2" "fallback" {
  name         = "fallback"
  data_json_wo = jsonencode({ password = var.db.password }) # want: credentials/created-in-code unknown
}

removed {
  from = vault_kv_secret_v2.old
  lifecycle {
    destroy = false
  }
}

import {
  to = vault_kv_secret_v2.given
  id = "secret/data/given"
}
