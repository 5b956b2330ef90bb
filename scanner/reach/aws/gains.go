package aws

import (
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Gains lists the actions by which whoever may do them to a key or secret gives itself the permission for another: to write its policy,
// or to create a grant where a grant can give it.
func (e *Estate) Gains(action string, key inventory.ID) []string {
	t := e.target(key)
	if t == nil {
		return nil
	}
	var out []string
	add := func(by string) {
		if by != action {
			out = append(out, by)
		}
	}
	if t.resource.Type == secretType {
		add("secretsmanager:PutResourcePolicy")
		return out
	}
	add("kms:PutKeyPolicy")
	if eval.Grantable(action) {
		add("kms:CreateGrant")
	}
	return out
}
