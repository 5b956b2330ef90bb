# What functions and tasks are handed.

variable "token" {}
variable "more" { type = map(string) }

resource "aws_lambda_function" "token" {
  function_name = "token"
  environment {
    variables = { VAULT_TOKEN = var.token, LOG_LEVEL = "info" } # want: workload/static-credential-in-workload fail
  }
}

resource "aws_lambda_function" "key_of_a_user" {
  function_name = "key"
  environment {
    variables = { AWS_SECRET_ACCESS_KEY = aws_iam_access_key.elsewhere.secret } # want: workload/static-credential-in-workload fail
  }
}

resource "aws_lambda_function" "for_an_emulator" {
  function_name = "local"
  environment {
    variables = { AWS_SECRET_ACCESS_KEY = "test", AZURE_CLIENT_ID = "an-id" } # want: workload/static-credential-in-workload pass
  }
}

resource "aws_lambda_function" "plain" { # want: workload/static-credential-in-workload pass
  function_name = "plain"
}

resource "aws_lambda_function" "perhaps" {
  function_name = "perhaps"
  environment {
    variables = merge({ LOG_LEVEL = "info" }, var.more) # want: workload/static-credential-in-workload unknown
  }
}

resource "aws_lambda_function" "perhaps_a_token" {
  function_name = "perhaps-a-token"
  environment {
    variables = { VAULT_TOKEN = var.token == "x" ? "" : "example-only" } # want: workload/static-credential-in-workload unknown
  }
}

resource "aws_ecs_task_definition" "secret" {
  family = "secret"
  container_definitions = jsonencode([{ # want: workload/static-credential-in-workload fail
    name        = "app"
    environment = [{ name = "LOG_LEVEL", value = "info" }]
    secrets     = [{ name = "AWS_SECRET_ACCESS_KEY", valueFrom = aws_secretsmanager_secret.elsewhere.arn }]
  }])
}

resource "aws_ecs_task_definition" "literal" {
  family                = "literal"
  container_definitions = "[{\"name\": \"app\", \"environment\": [{\"name\": \"VAULT_TOKEN\", \"value\": \"example-only\"}]}]" # want: workload/static-credential-in-workload fail
}

resource "aws_ecs_task_definition" "role_alone" {
  family                = "role"
  container_definitions = jsonencode([{ name = "app", image = var.token, environment = [{ name = "AWS_REGION", value = "eu-west-1" }] }]) # want: workload/static-credential-in-workload pass
}

resource "aws_ecs_task_definition" "files" {
  family                = "files"
  container_definitions = jsonencode([{ name = "app", environmentFiles = [{ type = "s3", value = "arn:aws:s3:::example/app.env" }] }]) # want: workload/static-credential-in-workload unknown
}

resource "aws_ecs_task_definition" "unset" {
  family                = "unset"
  container_definitions = var.token # want: workload/static-credential-in-workload unknown
}
