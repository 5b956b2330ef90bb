// Package terraform reads what Terraform and OpenTofu declare: configuration in HCL or JSON, and plans as "terraform show -json"
// prints them.
//
// Configuration is evaluated as Terraform would, without state, providers or modules from elsewhere: what depends on those is unknown
// and says why. Whether what is declared is good is left to the rules.
//
//	files -> tree (parsed, load.go) -> scopes (evaluated, eval.go) -> instances (instance.go) -> resources (map.go)
package terraform

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// Dialect reads configuration and plans of Terraform.
var Dialect = declare.Dialect{Name: name, Types: types, Wants: wants, Read: func(ctx context.Context, t *declare.Tree) declare.Declared {
	list, notes := instancesOf(ctx, t, func(typ string) bool { _, ok := rows[typ]; return ok })
	resources := mapInstances(notes, list)
	return declare.Declared{Resources: resources, Gaps: notes.gaps(), Moved: movedFrom(t, notes.moves, resources)}
}}

const name = "terraform"

// types are what the tables of mapping make.
var types = []string{
	"aws.cloudtrail.trail", "aws.ecs.task", "aws.eks.pod_identity", "aws.iam.access_key", "aws.iam.oidc_provider", "aws.iam.policy", "aws.iam.role", "aws.iam.user",
	"aws.kms.grant", "aws.kms.key", "aws.kms.policy", "aws.lambda.function", "aws.secretsmanager.policy", "aws.secretsmanager.secret",
	"azure.diagnostic_setting", "azure.keyvault.access_policy", "azure.keyvault.certificate", "azure.keyvault.key", "azure.keyvault.secret",
	"azure.keyvault.vault", "azure.role_assignment", "entra.federated_credential", "entra.password",
	"vault.approle.role", "vault.audit.device", "vault.jwt.role", "vault.kubernetes.role", "vault.kv.secret", "vault.mount", "vault.policy",
	"vault.token", "vault.transit.key",
}

// instancesOf returns the instances of all root modules, in the order of root and block, and notes of what could not be read.
func instancesOf(ctx context.Context, t *declare.Tree, wanted func(typ string) bool) ([]Instance, *notes) {
	all := load(ctx, t)
	plans := all.readPlans()
	var out []Instance
	total := 0
	for _, root := range all.roots(plans) {
		if ctx.Err() != nil {
			break
		}
		list := all.evaluate(ctx, root, wanted, &total)
		if of := plans[root]; of != nil {
			list = mergeAll(of, list)
			all.notes.counted(root, of)
			delete(plans, root)
		}
		out = append(out, list...)
	}
	for _, root := range sorted(plans) {
		out = append(out, mergeAll(plans[root], nil)...)
	}
	return out, all.notes
}

// readPlans reads the plans by folder, which is one root module.
func (t *tree) readPlans() map[string][]*plan {
	out := map[string][]*plan{}
	for _, f := range t.plans {
		p, err := readPlan(f)
		if err != nil {
			t.notes.unread(f.Path, 0, err.Error())
			continue
		}
		root := folder(f.Path)
		out[root] = append(out[root], p)
	}
	return out
}

// evaluate returns the instances that a root module and all that it calls declare.
func (t *tree) evaluate(ctx context.Context, root string, wanted func(typ string) bool, total *int) []Instance {
	names, foreign, broken := t.surveyed(root)
	r := &run{tree: t, ctx: ctx, root: root, functions: t.functionsOf(root, foreign), names: names, handed: map[string]string{}}
	r.collect(r.scope(t.modules[root], ""), wanted, total)
	for i := range r.out {
		in := &r.out[i]
		if in.Missing = r.handed[withoutKeys(in.Address)]; broken != "" {
			in.Missing = broken + " could not be read"
		}
	}
	return r.out
}

// surveyed gathers what the expressions of a module, and of all that it calls, name, and a file of these that could not be read.
func (t *tree) surveyed(root string) (list []string, foreign map[string]bool, broken string) {
	names, seen := map[string]bool{}, map[string]bool{}
	foreign = map[string]bool{}
	var visit func(dir string)
	visit = func(dir string) {
		m := t.modules[dir]
		if m == nil || seen[dir] {
			return
		}
		seen[dir] = true
		broken = cmp.Or(broken, m.broken)
		for name := range m.names {
			names[name] = true
		}
		for name := range m.foreign {
			foreign[name] = true
		}
		for _, call := range m.calls {
			if to, ok := m.source(call); ok {
				visit(to)
			}
		}
	}
	visit(root)
	return sorted(names), foreign, broken
}

// collect finishes the instances of one module and of those that it calls.
func (r *run) collect(s *scope, wanted func(typ string) bool, total *int) {
	r.moves(s)
	for _, label := range sorted(s.mod.resources) {
		b := s.mod.resources[label]
		if !wanted(b.Labels[0]) {
			continue
		}
		for _, i := range s.family(label).members {
			if *total >= maxTotal || r.ctx.Err() != nil {
				r.tooMany(b.DefRange(), i.address)
				return
			}
			*total++
			r.out = append(r.out, i.finish())
		}
	}
	for _, name := range sorted(s.mod.calls) {
		for _, child := range s.instances(name).members {
			if *total++; *total >= maxTotal {
				r.tooMany(s.mod.calls[name].DefRange(), strings.TrimSuffix(child.path, "."))
				return
			}
			r.collect(child, wanted, total)
		}
	}
}

func (r *run) tooMany(at hcl.Range, address string) {
	r.notes.unresolved(noteSize, at, fmt.Sprintf("there are more than %d resources and modules, of which %q and those after it are not judged", maxTotal, address))
}
