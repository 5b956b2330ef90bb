package aws

import (
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// founding are the actions that make an identity provider.
var founding = []string{"iam:CreateSAMLProvider", "iam:CreateOpenIDConnectProvider"}

// provided says whether an identity provider exists, or that it certainly does not.
func (b *becoming) provided(provider, typ, called string) (exists verdict, missing bool) {
	exists = verdict{decision: access.Allowed}
	account := accountIn(provider)
	switch {
	case b.world.byID[inventory.ID(provider)] != nil:
	case b.world.lists(account, typ):
		return verdict{decision: access.Denied}, true
	default:
		exists = exists.hangs(access.Who, called+" of "+account, "not read")
	}
	return exists, false
}

// founders are those who make the identity provider for which a role's trust policy waits, and speak for it then. It is one of the role's
// account, as others do not count. Admits is what the trust policy says of who comes from the provider.
func (b *becoming) founders(provider, create, by string, admits verdict, to object, matters func(string) bool) (out []access.Step) {
	account := accountIn(provider)
	if admits.decision == access.Denied || account != accountIn(to.arn) {
		return nil
	}
	for _, f := range b.formsOf(account) {
		if f.holds.one(create) && matters(f.from) {
			v := f.verdict.also(admits).also(b.may(&f.caller, create, object{arn: provider}, nil))
			out = append(out, v.step(f.from, to.arn, f.by+create+" and "+by))
		}
	}
	return best(out)
}
