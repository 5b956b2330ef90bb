package vault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// way is how a token becomes a holder by requests all of which are made, joined by " then ". {p} stands for the holder's path, {m} for the
// mount that it logs in at, {n} for its name.
type way struct {
	of       []string // types of the holders that it leads to
	requests string
	hangs    string // what else whoever takes it must have or know, as a condition about who it is; see way.open
	anywhere bool   // the networks that the holder is held to are of no matter, or set by the request
}

// Conditions of ways.
const (
	knowsRoleID  = "role_id"                    // it is no secret, and not for everybody to read
	idSuffices   = "bind_secret_id"             // must be off
	hasLogin     = "a login of its own"         // whose alias then is another's
	provesItself = "a proof that MOUNT accepts" // a token of the issuer, of anybody
)

// ways are by the API documentation of the auth methods, the token store and the identity store.
var ways = []way{
	{[]string{"vault.token.role"}, "update auth/token/create/{n}", "", false},
	{[]string{"vault.approle.role"}, "read {p}/role-id then update {p}/secret-id", "", false},
	{[]string{"vault.approle.role"}, "update {p}/role-id then update {p}/secret-id", "", false},
	{[]string{"vault.approle.role"}, "read {p}/role-id then update {p}/custom-secret-id", "", false},
	{[]string{"vault.approle.role"}, "update {p}/role-id then update {p}/custom-secret-id", "", false},
	{[]string{"vault.approle.role"}, "update {p}/secret-id", knowsRoleID, false},
	{[]string{"vault.approle.role"}, "update {p}/custom-secret-id", knowsRoleID, false},
	{[]string{"vault.approle.role"}, "read {p}/role-id", idSuffices, false},
	{[]string{"vault.approle.role"}, "update {p}/role-id", idSuffices, false},
	{[]string{"vault.approle.role"}, "update {p}", "", true},
	{[]string{"vault.userpass.user"}, "update {p}/password", "", false},
	{[]string{"vault.userpass.user"}, "update {p}", "", true},
	{[]string{"vault.kubernetes.role", "vault.jwt.role"}, "update {p}", provesItself, true},
	{[]string{"vault.kubernetes.role", "vault.jwt.role"}, "update {m}/config", "", false},
	{[]string{"vault.entity"}, "update identity/entity-alias", hasLogin, true},
	{[]string{"vault.entity"}, "update identity/entity-alias/id/+", hasLogin, true},
	{[]string{"vault.entity"}, "update identity/entity/merge", hasLogin, true},
}

// open is whether what a way hangs on is so, for those of a profile and the holder that it leads to; Maybe is a condition.
func (w *way) open(p *profile, to *holder) access.Truth {
	switch t := to.resource.Trust; w.hangs {
	case "":
		return access.Yes
	case idSuffices:
		if t.SecretID == nil || t.SecretID.Required == nil {
			return access.Maybe
		}
		return access.Known(!*t.SecretID.Required)
	case hasLogin:
		return access.Known(p.mount != "").Or(access.Maybe)
	case provesItself:
		return access.Known(p.mount == t.Mount && p.space == to.space).Or(access.Maybe)
	}
	return access.Maybe
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
	ways := to.ways()
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
		if step, ok := p.take(ways, to, prefix); ok {
			steps = append(steps, step)
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

// request is what a way asks for.
type request struct{ verb, path string }

// toward is a way to one holder.
type toward struct {
	*way
	requests []request // of the holder's namespace
	where    []access.Residual
}

// ways are those that lead to a holder.
func (h *holder) ways() (out []toward) {
	mount := ""
	if h.resource.Trust != nil {
		mount = h.resource.Trust.Mount
	}
	names := strings.NewReplacer("{p}", h.space.path(h.id), "{m}", mount, "{n}", lastPart(h.id))
	for i := range ways {
		w := toward{way: &ways[i]}
		if !slices.Contains(w.of, h.resource.Type) {
			continue
		}
		for text := range strings.SplitSeq(names.Replace(w.way.requests), " then ") {
			verb, path, _ := strings.Cut(text, " ")
			w.requests = append(w.requests, request{verb, path})
		}
		if !w.anywhere {
			w.where, _ = h.where()
		}
		out = append(out, w)
	}
	return out
}

// take is the step that holders take by the best of some ways to another.
func (p *profile) take(ways []toward, to *holder, prefix string) (best access.Step, ok bool) {
	for i := range ways {
		if step, found := p.step(&ways[i], to, prefix); found && (!ok || best.Decision != access.Allowed && step.Decision == access.Allowed) {
			best, ok = step, true
		}
	}
	return best, ok
}

func (p *profile) step(w *toward, to *holder, prefix string) (step access.Step, ok bool) {
	open := w.open(p, to)
	if open == access.No {
		return step, false
	}
	step = access.Step{To: to.principal, Decision: access.Allowed, Residual: []access.Residual{}, Because: []access.Because{}}
	by := make([]string, 0, len(w.requests))
	for _, r := range w.requests {
		one, found := p.request(prefix+r.path, capabilities[r.verb])
		if !found {
			return step, false
		}
		join(&step, one)
		by = append(by, r.verb+" "+prefix+r.path)
	}
	step.By = strings.Join(by, " then ")
	if open == access.Maybe {
		key := w.hangs
		if to.resource.Trust != nil {
			key = strings.ReplaceAll(key, "MOUNT", to.resource.Trust.Mount)
		}
		hang(&step, access.Residual{Class: access.Who, Key: key, Statement: to.principal})
	}
	hang(&step, w.where...)
	return step, true
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

// join makes a step hang on another as well.
func join(s *access.Step, one access.Step) {
	if one.Decision != access.Allowed {
		s.Decision = access.Conditional
	}
	s.Residual = append(s.Residual, one.Residual...)
	s.Because = append(s.Because, one.Because...)
}

// hang makes a step hang on conditions.
func hang(s *access.Step, conditions ...access.Residual) {
	if len(conditions) > 0 {
		s.Decision = access.Conditional
		s.Residual = append(s.Residual, conditions...)
	}
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
		hang(&step, access.Residual{Class: class, Key: key, Statement: to.principal})
	}
	where, _ := to.where()
	hang(&step, where...)
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
