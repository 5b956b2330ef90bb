package keyreeve.privilege["rbac-not-enabled_test"]

import data.keyreeve.privilege["rbac-not-enabled"] as rule

test_denies_access_policies if count(rule.deny) == 1 with input.resource.store.rbac as false

test_accepts_roles if count(rule.deny) == 0 with input.resource.store.rbac as true
