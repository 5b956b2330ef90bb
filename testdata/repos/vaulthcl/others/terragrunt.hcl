include "root" {
  path = find_in_parent_folders()
}

inputs = {
  policy = <<EOF
path "*" {
  capabilities = ["sudo"]
}
EOF
}
