package terraform

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// role begins a role of an auth method: whose token terms all methods state alike, some under names that are no longer used.
func (m *mapping) role(b *block, typ, method, deciding string) *draft {
	d := m.declare(b, typ, deciding)
	d.pathed("/role/", "backend", "role_name")
	t := &inventory.Trust{Method: method}
	d.r.Trust = t
	if mount, ok := d.text("backend"); ok {
		t.Mount = "auth/" + mount
	} else {
		d.open("trust.mount", d.unresolved("backend", d.raw("backend")))
	}
	t.Policies = d.words("trust.policies", d.first("token_policies", "policies"))
	t.TokenTTLSeconds = d.number("trust.token_ttl_seconds", d.first("token_ttl", "ttl"))
	t.TokenMaxTTLSeconds = d.number("trust.token_max_ttl_seconds", d.first("token_max_ttl", "max_ttl"))
	t.TokenPeriodSeconds = d.number("trust.token_period_seconds", d.first("token_period", "period"))
	t.TokenBoundCIDRs = d.words("trust.token_bound_cidrs", d.first("token_bound_cidrs", "bound_cidrs"))
	return d
}

func appRole(m *mapping, b *block) {
	d := m.role(b, "vault.approle.role", "approle", "secret_id_ttl")
	d.r.Trust.SecretID = &inventory.SecretIDTerms{
		Required:   d.flag("trust.secret_id.required", "bind_secret_id"),
		TTLSeconds: d.number("trust.secret_id.ttl_seconds", "secret_id_ttl"),
		Uses:       d.number("trust.secret_id.uses", "secret_id_num_uses"),
		BoundCIDRs: d.words("trust.secret_id.bound_cidrs", d.first("secret_id_bound_cidrs", "bound_cidr_list")),
	}
}

func kubernetesRole(m *mapping, b *block) {
	d := m.role(b, "vault.kubernetes.role", "kubernetes", "bound_service_account_names")
	t := d.r.Trust
	t.ServiceAccounts = d.listOr("*", "trust.service_accounts", "bound_service_account_names")
	t.Namespaces = d.listOr("*", "trust.namespaces", "bound_service_account_namespaces")
	t.Audience = d.word("trust.audience", "audience")
	t.NamespaceSelector = d.word("trust.namespace_selector", "bound_service_account_namespace_selector")
}

// listOr is a list that is known, even in part, once a value is in it that nothing else in the list can make good.
func (d *draft) listOr(decisive, fact, arg string) []string {
	list := d.words(fact, arg)
	if slices.Contains(list, decisive) {
		d.close(fact)
	}
	return list
}

// vaultToken reads a token that Terraform makes. Vault's documentation: without policies it has those of the token that makes it.
func vaultToken(m *mapping, b *block) {
	d := m.declare(b, "vault.token", b.first("period", "explicit_max_ttl", "ttl"))
	if name, ok := d.text("display_name"); ok {
		d.r.Name = name
	}
	c := &inventory.Credential{Class: "token", TokenType: "service", BoundCIDRs: []string{}}
	d.r.Credential = c
	if is, _ := d.stated("policies"); is {
		c.Policies = d.words("credential.policies", "policies")
	} else {
		d.open("credential.policies", "it has the policies of whoever makes it")
	}
	c.PeriodSeconds = d.duration("credential.period_seconds", "period")
	c.Orphan = d.flag("credential.orphan", "no_parent")
	c.Renewable = d.flag("credential.renewable", "renewable")
	d.validity(c)
	if is, _ := d.stated("role_name"); is {
		for _, fact := range []string{"credential.token_type", "credential.policies", "credential.period_seconds", "credential.bound_cidrs", "credential.orphan", "credential.renewable", "credential.valid_days"} {
			d.open(fact, "its token role decides it")
		}
	}
}

// validity tells how long a token lives at most: to its explicit end, or if it cannot be renewed, as long as it is issued for.
func (d *draft) validity(c *inventory.Credential) {
	end := d.duration("credential.valid_days", "explicit_max_ttl")
	if end == nil && c.Renewable != nil && !*c.Renewable {
		end = d.duration("credential.valid_days", "ttl")
	}
	if end != nil && *end > 0 {
		c.ValidDays = ref(days(*end))
	} else if c.PeriodSeconds == nil || *c.PeriodSeconds == 0 {
		d.open("credential.valid_days", "Vault's own limits decide it")
	}
}

// duration is an argument in seconds or with a unit.
func (d *draft) duration(fact, arg string) *int {
	text := d.word(fact, arg)
	if text == "" {
		return nil
	}
	n, ok := seconds(text)
	if !ok {
		d.open(fact, d.path+arg+" is not a duration")
		return nil
	}
	return &n
}

// tokenPolicies lets a role or token name the policies that it grants, where they are declared.
func tokenPolicies(m *mapping, b *block) {
	d := m.made[b.in]
	var names []string
	if d.r.Trust != nil {
		names = d.r.Trust.Policies
	} else {
		names = d.r.Credential.Policies
	}
	for _, in := range m.ofType[place{b.in.Root, "vault_policy"}] {
		if p := m.made[in]; slices.Contains(names, p.r.Name) {
			d.refer("grants", p, p.r.Name)
		}
	}
}
