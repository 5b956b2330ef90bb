package aws

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// The types of resource that have a say.
const (
	keyType          = "aws.kms.key"
	grantType        = "aws.kms.grant"
	aliasType        = "aws.kms.alias"
	secretType       = "aws.secretsmanager.secret"
	userType         = "aws.iam.user"
	groupType        = "aws.iam.group"
	roleType         = "aws.iam.role"
	policyType       = "aws.iam.policy"
	oidcType         = "aws.iam.oidc_provider"
	samlType         = "aws.iam.saml_provider"
	memberType       = "aws.organizations.account"
	controlType      = "aws.organizations.policy"
	policySuffix     = "#policy" // of the ID of the policy of a key or secret
	organizationPart = "organization"
)

// world is what a snapshot holds of AWS, in the evaluator's terms and with the resources it was made of. Each list is sorted by ID.
type world struct {
	byID       map[inventory.ID]*inventory.Resource // live resources of AWS
	accounts   []eval.Account
	identities []identity
	trusts     []trust
	providers  []*inventory.Resource // OpenID Connect and SAML
	targets    []target

	snapshot *inventory.Snapshot
	texts    map[string]json.RawMessage // documents by their text, so that each is there once
}

// identity is a user or role.
type identity struct {
	resource *inventory.Resource
	eval.Identity
}

// trust is a role and the document that says who may assume it.
type trust struct {
	role     *inventory.Resource
	document eval.Document
}

// target is a key or secret.
type target struct {
	resource *inventory.Resource
	eval.Target
}

// worldOf gathers what a snapshot holds. What it lacks stands in the world as unread.
func worldOf(snap *inventory.Snapshot) *world {
	w := &world{byID: map[inventory.ID]*inventory.Resource{}, snapshot: snap, texts: map[string]json.RawMessage{}}
	var all []*inventory.Resource
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if r.Origin == inventory.Live && r.Scope.Backend() == "aws" {
			w.byID[r.ID] = r
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *inventory.Resource) int { return cmp.Compare(a.ID, b.ID) })
	w.addAccounts(all)
	t := w.tracing(all)
	for _, r := range all {
		switch r.Type {
		case userType:
			w.identities = append(w.identities, identity{r, w.user(r)})
		case roleType:
			d := w.document(r, "trust policy", "trust.statements")
			w.trusts = append(w.trusts, trust{r, d})
			w.identities = append(w.identities, identity{r, w.role(r, d)})
		case oidcType, samlType:
			w.providers = append(w.providers, r)
		case keyType:
			w.targets = append(w.targets, target{r, w.key(r, t)})
		case secretType:
			w.targets = append(w.targets, target{r, w.secret(r, t)})
		}
	}
	return w
}

// estate is the world as the index wants it.
func (w *world) estate() eval.Estate {
	return eval.Estate{Accounts: w.accounts, Principals: each(w.identities, func(i *identity) eval.Identity { return i.Identity }), Resources: each(w.targets, func(t *target) eval.Target { return t.Target })}
}

func each[T, U any](list []T, of func(*T) U) iter.Seq[U] {
	return func(yield func(U) bool) {
		for i := range list {
			if !yield(of(&list[i])) {
				return
			}
		}
	}
}

// document is the policy document of a resource, by what people call it. The fact is the one that it is read into.
func (w *world) document(r *inventory.Resource, name, fact string) eval.Document {
	if r.Document == "" {
		return eval.Unread(name, why(r, fact))
	}
	text, there := w.texts[r.Document]
	if !there {
		text = json.RawMessage(r.Document)
		w.texts[r.Document] = text
	}
	return eval.Document{Name: name, Text: text}
}

// why says why a fact of a resource, or the document that states it, was not read.
func why(r *inventory.Resource, facts ...string) string {
	for _, f := range append(facts, "policy.document") {
		if u := r.Unread(f); u != nil {
			return reason(u.Why, u.Call, u.Hint)
		}
	}
	return "the snapshot does not hold it"
}

func reason(why inventory.Reason, call, hint string) string {
	s := strings.ReplaceAll(string(why), "_", " ")
	if call != "" {
		s += " (" + call + ")"
	}
	if hint != "" {
		s += ": " + hint
	}
	return s
}

func gapReason(g *inventory.Gap) string {
	return "could not read " + g.What + ": " + reason(g.Why, g.Call, g.Hint)
}

// accountIn is the account of an ARN; empty where it has none.
func accountIn[T ~string](arn T) string {
	parts := strings.SplitN(string(arn), ":", 6)
	if len(parts) < 6 || len(parts[4]) != 12 || strings.Trim(parts[4], "0123456789") != "" {
		return ""
	}
	return parts[4]
}
