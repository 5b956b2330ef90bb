package terraform

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func sortedKeys[V any](m map[string]V) []string {
	return append([]string{}, slices.Sorted(maps.Keys(m))...)
}

// builtinRoles are the built-in roles of Azure that people give on key vaults: what each lets its holder do to keys and secrets, by
// class, from the page "Azure built-in roles" of Azure's documentation (read in August 2026).
//
//   - Contributors cannot read a value by themselves, but can switch a vault to access policies and write one: that is administer.
//   - The roles of those who assign roles hand on what they lack: grant.
var builtinRoles = map[string]struct {
	id      string
	actions []string
}{
	"Key Vault Administrator":                  {"00482a5a-887f-4fb3-b363-3b7fe8e74483", []string{"administer", "decrypt", "delete", "encrypt", "read", "read_secret", "sign", "write_secret"}},
	"Key Vault Certificate User":               {"db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", []string{"read", "read_secret"}},
	"Key Vault Certificates Officer":           {"a4417e6f-fecd-4de8-b567-7b0420556985", []string{"administer", "delete", "read"}},
	"Key Vault Contributor":                    {"f25e0fa2-a7c8-4377-a976-54943a77a395", []string{"administer", "delete", "read"}},
	"Key Vault Crypto Officer":                 {"14b46e9e-c2b7-41b4-b07b-48a6ebf60603", []string{"administer", "decrypt", "delete", "encrypt", "read", "sign"}},
	"Key Vault Crypto Service Encryption User": {"e147488a-f6f5-4113-8e2d-b22465e65bf6", []string{"decrypt", "encrypt", "read"}},
	"Key Vault Crypto Service Release User":    {"08bbd89e-9f13-488c-ac41-acfcb10c90ab", []string{"decrypt"}},
	"Key Vault Crypto User":                    {"12338af0-0e69-4776-bea7-57ae8d297424", []string{"administer", "decrypt", "encrypt", "read", "sign"}},
	"Key Vault Data Access Administrator":      {"8b54135c-b56d-4d72-a534-26097cfdc8d8", []string{"grant", "read"}},
	"Key Vault Purge Operator":                 {"a68e7c17-0ab2-4c09-9a58-125dae29748c", []string{"delete", "read"}},
	"Key Vault Reader":                         {"21090545-7ca7-4776-b22c-e363652d74d2", []string{"read"}},
	"Key Vault Secrets Officer":                {"b86a8fe4-44ce-4948-aee5-eccb2c155cd7", []string{"administer", "delete", "read", "read_secret", "write_secret"}},
	"Key Vault Secrets User":                   {"4633458b-17de-408a-b874-0445c86b69e6", []string{"read", "read_secret"}},
	"Contributor":                              {"b24988ac-6180-42a0-ab88-20f7382dd24c", []string{"administer", "delete", "read"}},
	"Owner":                                    {"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", []string{"administer", "delete", "grant", "read"}},
	"Reader":                                   {"acdd72a7-3385-48ef-bd42-f606fba81ae7", []string{"read"}},
	"Role Based Access Control Administrator":  {"f58310d9-a9f6-439a-9e8d-f62e7b41a168", []string{"grant"}},
	"User Access Administrator":                {"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", []string{"grant"}},
}

// roleAssignment reads what a role lets its holder do, and whether it is given for a whole subscription or more.
func roleAssignment(m *mapping, b *block) {
	d := m.declare(b, "azure.role_assignment", "scope")
	const fact = "policy.statements"
	s := inventory.Statement{At: "#1", Effect: "allow", Everyone: ref(false), Restricted: ref(false)}
	d.r.Policy = &inventory.Policy{Statements: []inventory.Statement{}}
	name, actions, why := d.role()
	if name != "" {
		s.At = name
	}
	d.open(fact, why)
	if is, _ := d.stated("condition"); is {
		d.open(fact, "keyreeve does not read its condition")
	}
	all, why := d.wide()
	d.open(fact, why)
	if s.Actions, s.AllResources = actions, &all; len(actions) > 0 {
		d.r.Policy.Statements = append(d.r.Policy.Statements, s)
	}
}

// role is the role that is assigned, by its name or the ID of its definition.
func (d *draft) role() (name string, actions []string, why string) {
	if is, _ := d.stated("role_definition_name"); is {
		v, why := d.read("role_definition_name", cty.String)
		if why != "" {
			return "", nil, why
		}
		r, known := builtinRoles[v.AsString()]
		if !known {
			return v.AsString(), nil, "keyreeve does not know what the role " + v.AsString() + " permits"
		}
		return v.AsString(), r.actions, ""
	}
	v, why := d.read("role_definition_id", cty.String)
	if why != "" || v == cty.NilVal {
		return "", nil, why
	}
	for name, r := range builtinRoles {
		if strings.HasSuffix(strings.ToLower(v.AsString()), "/"+r.id) {
			return name, r.actions, ""
		}
	}
	return "", nil, "keyreeve does not know what the role of role_definition_id permits"
}

// broad are the IDs of scopes that hold every key vault of a subscription, or of several.
var broad = regexp.MustCompile(`(?i)^(/|/subscriptions/[^/]+/?|/providers/microsoft\.management/managementgroups/[^/]+/?)$`)

// wide reports whether the scope holds all that a subscription has. A scope that another resource of a known type gives is told by
// that type.
func (d *draft) wide() (is bool, why string) {
	v := d.raw("scope")
	if scope, ok := d.text("scope"); ok {
		return broad.MatchString(scope), ""
	}
	if v == cty.NilVal {
		return false, "scope is not stated"
	}
	bare, _ := v.Unmark()
	refs := references(v)
	if len(refs) != 1 || bare.Type() == cty.String && bare.Range().StringPrefix() != "" {
		return false, d.unresolved("scope", v)
	}
	address := "." + string(refs[0])
	for _, typ := range []string{"subscription", "management_group"} {
		if strings.Contains(address, ".azurerm_"+typ+".") {
			return true, ""
		}
	}
	if strings.Contains(address, ".azurerm_") && !strings.Contains(address, "client_config.") {
		return false, ""
	}
	return false, d.unresolved("scope", v)
}
