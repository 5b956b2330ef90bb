package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// readPolicies lists the ACL policies and adds the reading of each to the work.
func (r *run) readPolicies(ctx context.Context) {
	names, err := r.client.list(ctx, listPolicies, place{})
	if err != nil {
		r.gap(ctx, "list of policies", listPolicies, place{}, err)
		return
	}
	for _, name := range names {
		r.crew.add(func() { r.readPolicy(ctx, name) })
	}
}

// readPolicy yields a policy with what its rules say. The policy root has no text: Vault itself knows what it allows.
func (r *run) readPolicy(ctx context.Context, name string) {
	res := r.resource("vault.policy", name, "")
	res.ID = r.policyID(name)
	res.Policy = &inventory.Policy{Builtin: ref(name == "default" || name == "root")}
	if name == "root" {
		r.yield(ctx, res)
		return
	}
	at := place{name: name}
	fields, err := r.client.read(ctx, readPolicy, at)
	var refused *refusal
	switch {
	case err == nil:
		r.statePolicy(&answer{Resource: &res, call: readPolicy, fields: fields})
	case errors.As(err, &refused) && refused.gone:
		return // deleted since it was listed
	case errors.As(err, &refused):
		r.unread(&res, readPolicy, at, refused)
	default:
		return // the context ended
	}
	r.yield(ctx, res)
}

// statePolicy keeps the text of a policy and turns it into statements.
func (r *run) statePolicy(a *answer) {
	text, ok := get[string](a, "policy.statements", "policy")
	if !ok {
		get[string](a, "policy.document", "policy")
		return
	}
	a.Policy.Document, a.Document = r.server.documents.Keep(text)
	statements, err := vaultpolicy.Statements(text)
	if err != nil {
		a.unknown("policy.statements", inventory.Unreadable, fmt.Sprintf("write the policy anew: %v", err))
		return
	}
	a.Policy.Statements = statements
}

func (r *run) policyID(name string) inventory.ID {
	return inventory.VaultID(r.server.config.Name, r.namespace, "sys/policies/acl", name)
}
