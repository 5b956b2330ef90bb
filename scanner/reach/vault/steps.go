package vault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// way is a request by which a token becomes a holder, or gets what it has. Of {p} it stands for the holder's path, {m} for the mount that
// it logs in at, {own} for each policy of whoever asks.
type way struct {
	of    []string // types of the holders that it leads to; empty: all
	wants []string // "CAPABILITY PATH", any of which will do
}

// ways are by the API documentation of the auth methods, the token store and the identity store.
var ways = []way{
	{nil, []string{"update sys/policies/acl/{own}", "update sys/policy/{own}"}},
	{[]string{"vault.token.role"}, []string{"update auth/token/create/{n}"}},
	{[]string{"vault.approle.role"}, []string{"update {p}/secret-id", "update {p}/custom-secret-id", "update {p}"}},
	{[]string{"vault.userpass.user"}, []string{"update {p}/password", "update {p}"}},
	{[]string{"vault.kubernetes.role", "vault.jwt.role"}, []string{"update {p}", "update {m}/config"}},
	{[]string{"vault.entity"}, []string{"update identity/entity-alias", "update identity/entity/merge"}},
}

// Gains is empty: whoever writes policies is among the steps.
func (e *Estate) Gains(string, inventory.ID) []string { return nil }

// StepsTo lists in which ways somebody becomes a holder, or gets what it has: by logging in, and by requests that others may make. Who
// logs in stands for what proves it: a service account, a secret-id, a password. Steps of holders that do not matter are left out.
func (e *Estate) StepsTo(principal string, matters func(from string) bool) []access.Step {
	to, err := e.holder(principal)
	if err != nil {
		return nil
	}
	out := e.loginSteps(to)
	for _, p := range e.profiles {
		prefix, ok := p.space.within(to.space)
		if !ok {
			continue
		}
		var steps []access.Step
		if step, ok := e.gains.of(p, to.space); ok {
			step.To = to.principal
			steps = append(steps, step)
		}
		for i := range ways {
			w := &ways[i]
			if len(w.of) > 0 && !slices.Contains(w.of, to.resource.Type) {
				continue
			}
			step, ok := p.take(w, to, prefix)
			if ok {
				steps = append(steps, step)
			}
		}
		for _, step := range steps {
			for _, h := range p.holders {
				if h != to && matters(h.principal) {
					step.From = h.principal
					out = append(out, step)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b access.Step) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.By, b.By)) })
	return out
}

// take is the step that holders take by one of a way's requests, the first of which it is certain.
func (p *profile) take(w *way, to *holder, prefix string) (best access.Step, ok bool) {
	for _, text := range w.wants {
		verb, path, _ := strings.Cut(text, " ")
		names := []string{""}
		if strings.Contains(path, "{own}") {
			names = p.sets[0].names
		}
		own := to.space.path(to.id)
		mount := ""
		if to.resource.Trust != nil {
			mount = to.resource.Trust.Mount
		}
		for _, name := range names {
			full := prefix + strings.NewReplacer("{p}", own, "{m}", mount, "{n}", lastPart(to.id), "{own}", name).Replace(path)
			if strings.Contains(path, "{own}") { // of the asker's own namespace
				full = strings.TrimPrefix(full, prefix)
			}
			step, found := p.request(full, capabilities[verb])
			if found && (!ok || best.Decision != access.Allowed && step.Decision == access.Allowed) {
				step.To, step.By = to.principal, verb+" "+full
				best, ok = step, true
			}
		}
	}
	return best, ok
}

// request is whether holders may make a request that needs a capability.
func (p *profile) request(path string, need acl.Capabilities) (access.Step, bool) {
	step := access.Step{Decision: access.Conditional, Residual: []access.Residual{}, Because: []access.Because{}}
	all, some := true, false
	possible := false
	for _, x := range p.sets {
		e := x.on(path)
		one := e.Sure&need != 0
		all, some = all && one, some || one
		if e.Possible&need != 0 {
			if !possible || one {
				step.Because = e.Because
			}
			possible = true
			step.Residual = append(step.Residual, e.Residual...)
		}
	}
	if all || p.choice && some {
		step.Decision, step.Residual = access.Allowed, []access.Residual{}
	}
	return step, possible
}

// loginSteps are the ways to log in as a holder.
func (e *Estate) loginSteps(to *holder) []access.Step {
	r := to.resource
	if r.Type == "vault.entity" {
		return e.entitySteps(to)
	}
	t := r.Trust
	if t == nil || logins[r.Type] == "" {
		return nil
	}
	step := access.Step{To: to.principal, By: "login by " + t.Mount, Decision: access.Allowed, Residual: []access.Residual{}, Because: []access.Because{}}
	hangs := func(class access.Class, key string) {
		step.Decision = access.Conditional
		step.Residual = append(step.Residual, access.Residual{Class: class, Key: key, Statement: to.principal})
	}
	if len(t.TokenBoundCIDRs) > 0 {
		hangs(access.Where, "token_bound_cidrs")
	}
	var from []string
	switch t.Method {
	case "kubernetes":
		if from = serviceAccounts(t); t.NamespaceSelector != "" {
			hangs(access.Who, "bound_service_account_namespace_selector")
		}
	case "jwt":
		who := "whoever has a token that " + t.Mount + " accepts"
		if t.BoundSubject != "" {
			who = "subject " + t.BoundSubject + " of " + t.Mount
		}
		from = []string{who}
		if len(t.BoundClaims) > 0 {
			hangs(access.Who, "bound_claims "+strings.Join(t.BoundClaims, ", "))
		}
	case "approle":
		from = []string{"whoever has a secret-id of " + to.principal}
		if id := t.SecretID; id != nil {
			if id.Required != nil && !*id.Required {
				from = []string{"whoever has the role-id of " + to.principal}
			}
			if len(id.BoundCIDRs) > 0 {
				hangs(access.Where, "secret_id_bound_cidrs")
			}
		}
	case "userpass":
		from = []string{"whoever has the password of " + to.principal}
	}
	var out []access.Step
	for _, who := range from {
		step.From = who
		out = append(out, step)
	}
	return out
}

// serviceAccounts are those that may log in, as Kubernetes names them. Where all of a namespace may, or all of the cluster, it is the group
// of them.
func serviceAccounts(t *inventory.Trust) (out []string) {
	namespaces := t.Namespaces
	if t.NamespaceSelector != "" {
		namespaces = append(slices.Clip(namespaces), "*")
	}
	for _, ns := range namespaces {
		for _, account := range t.ServiceAccounts {
			switch {
			case account != "*":
				out = append(out, "system:serviceaccount:"+ns+":"+account)
			case ns == "*":
				out = append(out, "system:serviceaccounts")
			default:
				out = append(out, "system:serviceaccounts:"+ns)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// entitySteps are the logins that stand for an entity, or may.
func (e *Estate) entitySteps(to *holder) (out []access.Step) {
	if to.resource.Principal == nil {
		return nil
	}
	for _, h := range e.holders {
		if h.space != to.space || logins[h.resource.Type] == "" || h.resource.Trust == nil {
			continue
		}
		for i := range to.resource.Principal.Aliases {
			a := &to.resource.Principal.Aliases[i]
			if a.Mount != h.resource.Trust.Mount {
				continue
			}
			step := access.Step{From: h.principal, To: to.principal, By: "login by " + a.Mount, Decision: access.Allowed, Residual: []access.Residual{}, Because: []access.Because{}}
			switch logsIn(h.resource, a) {
			case access.No:
				continue
			case access.Maybe:
				step.Decision = access.Conditional
				step.Residual = []access.Residual{{Class: access.Who, Key: "identity", Statement: "alias " + a.Mount}}
			}
			out = append(out, step)
		}
	}
	return out
}
