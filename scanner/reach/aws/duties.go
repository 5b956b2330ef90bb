package aws

import (
	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// duties are the actions on a key, or on a secret, that one principal is not to have together, and those by which it gets them.
type duties struct {
	actions    *eval.Actions
	use        eval.Set // yields plaintext, or speaks in the key's name
	administer eval.Set // decides who may do what, ends its use, or decides of what it is made
	labels     eval.Set // of these, what only counts where rights go by tags or aliases
	rule       eval.Set // sets the resource's policy
	through    eval.Set // of the actions on keys: what the use of a secret takes on its key
}

var (
	ofKeys = duties{
		actions:    eval.KeyActions,
		use:        eval.KeyActions.Giving(access.Reveal, access.Sign),
		administer: eval.KeyActions.Giving(access.Control, access.Destroy, access.Material),
		labels:     eval.KeyActions.Of("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:TagResource", "kms:UntagResource"),
		rule:       eval.KeyActions.Of("kms:PutKeyPolicy"),
	}
	ofSecrets = duties{
		actions:    eval.SecretActions,
		use:        eval.SecretActions.Giving(access.Reveal),
		administer: eval.SecretActions.Giving(access.Control, access.Destroy),
		labels:     eval.SecretActions.Of("secretsmanager:TagResource", "secretsmanager:UntagResource"),
		rule:       eval.SecretActions.Of("secretsmanager:PutResourcePolicy"),
		through:    eval.KeyActions.Of("kms:Decrypt"),
	}
)

// counting is what of the duties counts on one resource.
func (d duties) counting(labelled bool) duties {
	if !labelled {
		d.administer &^= d.labels
	}
	return d
}

// fitting is what of the duties a key allows to anybody.
func (d duties) fitting(key *inventory.Resource) duties {
	var unusable eval.Set
	for _, action := range d.actions.Names(d.use | d.administer) {
		if unfit(key, action) {
			unusable |= d.actions.Of(action)
		}
	}
	d.use &^= unusable
	d.administer &^= unusable
	return d
}

// conflict reports whether actions hold both duties.
func (d *duties) conflict(s eval.Set) bool { return s&d.use != 0 && s&d.administer != 0 }

// selfGrant returns the action by which somebody certainly gives itself the use, or "". What it already uses it need not give itself.
// Control policies and denials of its own stay, and so does its boundary if it is a role and the resource's policy is to name it. Those
// who may not use the key of a secret gain nothing by the secret's policy.
func (d *duties) selfGrant(r *eval.Rights) string {
	switch {
	case r.Certain&d.use != 0:
	case r.Certain&d.rule != 0 && r.ByPolicy&d.use != 0 && r.Through&d.through == d.through:
		return d.actions.Names(d.rule)[0]
	case r.Certain&eval.FreeGrant != 0 && r.ByGrant&d.use != 0:
		return createGrant
	}
	return ""
}

const createGrant = "kms:CreateGrant"
