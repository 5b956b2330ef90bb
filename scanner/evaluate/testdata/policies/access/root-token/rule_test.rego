package keyreeve.access["root-token_test"]

import data.keyreeve.access["root-token"] as rule

test_denies if count(rule.deny) == 1 with input as {"resource": {"credential": {"policies": ["default", "root"]}}}
