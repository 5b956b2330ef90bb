package terraform

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func keyVault(m *mapping, b *block) {
	d := m.declare(b, "azure.keyvault.vault", "")
	d.named("", "name")
	d.tags("tags")
	s := &inventory.Store{Engine: "keyvault"}
	d.r.Store = s
	s.RBAC = d.flag("store.rbac", d.first("rbac_authorization_enabled", "enable_rbac_authorization"))
	s.PurgeProtection = d.flag("store.purge_protection", "purge_protection_enabled")
	s.SoftDeleteDays = d.number("store.soft_delete_days", "soft_delete_retention_days")
	s.PublicNetwork = d.flag("store.public_network", "public_network_access_enabled")
	switch acls, why := d.blockOf("network_acls"); {
	case why != "":
		d.open("store.firewall", why)
	case acls == nil:
		s.Firewall = "allow"
	default:
		s.Firewall = strings.ToLower(acls.word("store.firewall", "default_action"))
	}
	policies, why := m.parts(b, "access_policy", "azure.keyvault.access_policy")
	d.open("refs", why)
	for i, inline := range policies {
		p := m.part(inline, "azure.keyvault.access_policy", fmt.Sprintf(".access_policy[%d]", i), "")
		p.permissions()
		p.refer("names", d, d.r.Name)
	}
}

func accessPolicy(m *mapping, b *block) {
	m.declare(b, "azure.keyvault.access_policy", "").permissions()
}

// vaultPermissions are the classes of what an access policy lets its holder do, by argument and permission in lower case, from the
// page "Assign a Key Vault access policy" of Azure's documentation. Of certificates, get also lets its holder read the public part only.
var vaultPermissions = map[string]map[string]string{
	"key_permissions": {
		"get": "read", "list": "read", "create": "administer", "import": "administer", "update": "administer", "delete": "delete", "recover": "administer",
		"backup": "read", "restore": "administer", "purge": "delete", "encrypt": "encrypt", "decrypt": "decrypt", "wrapkey": "encrypt", "unwrapkey": "decrypt",
		"sign": "sign", "verify": "read", "release": "decrypt", "rotate": "administer", "getrotationpolicy": "read", "setrotationpolicy": "administer",
	},
	"secret_permissions": {
		"get": "read_secret", "list": "read", "set": "write_secret", "delete": "delete", "recover": "administer", "backup": "read", "restore": "write_secret", "purge": "delete",
	},
	"certificate_permissions": {
		"get": "read", "list": "read", "create": "administer", "import": "administer", "update": "administer", "delete": "delete", "recover": "administer", "backup": "read",
		"restore": "administer", "purge": "delete", "managecontacts": "administer", "manageissuers": "administer", "getissuers": "read", "listissuers": "read",
		"setissuers": "administer", "deleteissuers": "administer",
	},
}

// permissions reads an access policy. It names one principal and stands on one vault, so it is neither for everybody nor for every key.
func (d *draft) permissions() {
	guards := "azure.keyvault.vault"
	found := map[string]bool{}
	for arg, classes := range vaultPermissions {
		for _, p := range d.words("policy.statements", arg) {
			p = strings.ToLower(p)
			if p == "all" {
				for _, class := range classes {
					found[class] = true
				}
			} else if class := classes[p]; class != "" {
				found[class] = true
			} else {
				d.open("policy.statements", "keyreeve does not know what "+p+" of "+arg+" permits")
			}
		}
	}
	s := inventory.Statement{At: "#1", Effect: "allow", Actions: sortedKeys(found), Everyone: ref(false), Restricted: ref(false), AllResources: ref(false)}
	d.r.Policy = &inventory.Policy{Guards: guards, Statements: []inventory.Statement{s}}
	if len(found) == 0 {
		d.r.Policy.Statements = []inventory.Statement{}
	}
}

// diagnosticSetting reads whether a setting records accesses to a key vault. Those of other resources are left out.
func diagnosticSetting(m *mapping, b *block) {
	const vaults = "/providers/microsoft.keyvault/vaults/"
	target := b.raw("target_resource_id")
	id, known := b.text("target_resource_id")
	refs := references(target)
	ofVault := known && strings.Contains(strings.ToLower(id), vaults)
	for _, r := range refs {
		ofVault = ofVault || strings.Contains("."+string(r), ".azurerm_key_vault.")
	}
	if !ofVault && (known || len(refs) > 0) {
		return
	}
	d := m.declare(b, "azure.diagnostic_setting", "")
	d.named("", "name")
	a := &inventory.Audit{Device: "diagnostic_setting", Records: "azure.keyvault.vault"}
	d.r.Audit = a
	if !ofVault || len(refs) > 1 {
		d.open("audit.records", d.unresolved("target_resource_id", target))
	}
	is := false
	for _, name := range []string{"enabled_log", "log"} {
		logs, why := d.blocks(name)
		d.open("audit.audit_events", why)
		for _, l := range logs {
			is = d.recordsAudit(l) || is
		}
	}
	if a.AuditEvents = &is; is {
		d.close("audit.audit_events")
	}
	m.link(d, "names", "target_resource_id", "", "azurerm_key_vault")
}

// recordsAudit reports whether a block of a setting certainly records accesses: by the category or one of the groups that hold it.
func (d *draft) recordsAudit(b *block) bool {
	category, why := b.read("category", cty.String)
	group, why2 := b.read("category_group", cty.String)
	enabled, why3 := b.read("enabled", cty.Bool)
	is := func(v cty.Value, names ...string) bool {
		for _, name := range names {
			if v != cty.NilVal && strings.EqualFold(v.AsString(), name) {
				return true
			}
		}
		return false
	}
	switch {
	case enabled != cty.NilVal && enabled.False():
		return false
	case why3 == "" && (is(category, "AuditEvent") || is(group, "audit", "allLogs")):
		return true
	case why != "" || why2 != "" || why3 != "":
		d.open("audit.audit_events", why+why2+why3)
	}
	return false
}
