package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	putKeyPolicy = "kms:PutKeyPolicy"
	putPolicy    = "secretsmanager:PutResourcePolicy"
	replicateKey = "kms:ReplicateKey"
)

// Gains lists the actions by which whoever may do them to a key or secret gives itself the permission for another: to write its policy,
// to create a grant where a grant can give it, to make a replica of the key where that does the same, or to set a tag or alias that a statement
// goes by.
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
	labels := eval.Relabelers(t.resource.Type == secretType)
	if t.resource.Type == secretType {
		add(putPolicy)
		for _, by := range labels {
			add(by)
		}
		return out
	}
	add(putKeyPolicy)
	if eval.Grantable(action) {
		add(createGrant)
		if (t.MultiRegion == "PRIMARY" || t.MultiRegion == "") && slices.Contains([]access.Power{access.Reveal, access.Sign, access.Blind}, eval.PowerOf(action)) {
			add(replicateKey)
		}
	}
	for _, by := range labels {
		add(by)
	}
	return out
}

// Gained is what a principal may do after it has given itself the permission by one of Gains: with a policy that lets everybody in, by a grant
// to itself of nothing else, by a replica with such a policy, or with the tag or alias that a statement wants. Denials and limits on its own side
// stay. What it may do now was not asked, only whether the request fits that gives it that permission.
func (e *Estate) Gained(principal, by, action string, key inventory.ID) (access.Answer, error) {
	t := e.target(key)
	if slices.Contains(eval.Relabelers(t.resource.Type == secretType), by) {
		got, err := e.index.Relabeled(principal, by, action, t.ARN)
		return unreadNamed(got), err
	}
	if by != createGrant {
		got, err := e.index.Suppose(principal, action, t.ARN, eval.Supposed{Opened: true})
		if err != nil || got.Decision == access.Denied {
			return unreadNamed(got), err
		}
		may, err := e.index.Explain(principal, by, t.ARN) // of which only the statements matter here
		if err != nil {
			return got, err
		}
		got.Because = slices.Concat(may.Because, got.Because)
		if by != replicateKey {
			return unreadNamed(got), nil
		}
		v := e.becoming().replicates(principal)
		if t.MultiRegion == "" {
			v = v.hangs(access.What, "whether the key is a multi-Region primary key", "not read")
		}
		v = v.also(verdict{got.Decision, unreadNamed(got).Residual, got.Because})
		return access.Answer{Decision: v.decision, Residual: v.residual, Because: v.because}, nil
	}
	operation := strings.TrimPrefix(action, "kms:")
	// A grant lets its grantee pass on what it holds, and no more.
	may, err := e.index.Suppose(principal, createGrant, t.ARN, eval.Supposed{Grants: []eval.Grant{}, Context: map[string]eval.Values{
		"kms:grantoperations": {operation}, "kms:granteeprincipal": {principal}, "kms:grantisforawsresource": {"false"}, "kms:grantconstrainttype": {}, "kms:retiringprincipal": {},
	}})
	if err != nil || may.Decision == access.Denied {
		return may, err
	}
	got, err := e.index.Suppose(principal, action, t.ARN, eval.Supposed{Grants: append(slices.Clone(t.Grants), eval.Grant{Grantee: principal, Operations: eval.Values{operation}})})
	may, got = unreadNamed(may), unreadNamed(got)
	v := verdict{may.Decision, may.Residual, may.Because}.also(verdict{got.Decision, got.Residual, got.Because})
	return access.Answer{Decision: v.decision, Residual: v.residual, Because: v.because}, err
}

// replicates says whether a principal may make the key that a replica is.
func (b *becoming) replicates(principal string) verdict {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.byARN[principal]
	if id == nil {
		return verdict{decision: access.Allowed}.hangs(access.Who, "policies of "+principal, "not read")
	}
	c := b.plain(id)
	return b.may(&c, "kms:CreateKey", object{}, nil)
}

// unreadNamed puts documents that were not read as steps do: what it is, and why.
func unreadNamed(a access.Answer) access.Answer {
	a.Residual = slices.Clone(a.Residual)
	for i := range a.Residual {
		r := &a.Residual[i]
		if name, why, is := strings.Cut(r.Key, " (not read: "); is {
			r.Key, r.Statement = name, "not read: "+strings.TrimSuffix(why, ")")
		}
	}
	return a
}
