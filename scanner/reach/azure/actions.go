package azure

import (
	"fmt"
	"slices"
	"strings"

	rbac "github.com/keyreeve/keyreeve/scanner/access/azure"
)

const (
	vaultActions = "Microsoft.KeyVault/vaults/"
	assignRoles  = "Microsoft.Authorization/roleAssignments/write"
	writeRoles   = "Microsoft.Authorization/roleDefinitions/write"
	writePolicy  = vaultActions + "accessPolicies/write"
	writeVault   = vaultActions + "write"
)

// operations are those that bear on a key or secret: its own of the data plane first, then those of the control plane on it, its vault and
// its assignments.
func (t *target) operations() (out []rbac.Operation) {
	other := map[string]string{"keys": "secrets/", "secrets": "keys/"}[t.kind]
	for _, o := range rbac.Operations() {
		rest, ofVaults := strings.CutPrefix(o.Action, vaultActions)
		switch {
		case o.Plane == rbac.Data && ofVaults && (strings.HasPrefix(rest, t.kind+"/") || t.kind == "keys" && strings.HasPrefix(rest, "keyrotationpolicies/")),
			o.Plane == rbac.Control && (ofVaults && !strings.HasPrefix(rest, other) || strings.HasPrefix(o.Action, "Microsoft.Authorization/role")):
			out = append(out, o)
		}
	}
	return out
}

// question reads an action: as Azure spells it, in any letter case, or of the data plane what is left without "/action" and what all have in
// common: "decrypt", "getSecret".
func (t *target) question(text string) (question, error) {
	var short []string
	for _, o := range t.operations() {
		spellings := []string{o.Action}
		if rest, ok := strings.CutPrefix(o.Action, vaultActions); ok && o.Plane == rbac.Data {
			own := strings.TrimSuffix(strings.TrimPrefix(rest, t.kind+"/"), "/action")
			short = append(short, own)
			spellings = append(spellings, rest, strings.TrimSuffix(rest, "/action"), own)
		}
		if slices.ContainsFunc(spellings, func(s string) bool { return strings.EqualFold(s, text) }) {
			return t.about(o), nil
		}
	}
	slices.Sort(short)
	return question{}, fmt.Errorf("%q is no action on %s; it is one of %s, or one of the control plane as Azure spells it, such as %s",
		text, t.resource.Type, strings.Join(short, ", "), assignRoles)
}

// about is an operation on the key or secret, or on the vault where it is about that.
func (t *target) about(o rbac.Operation) question {
	id := t.vault.id + "/" + t.kind + "/" + lastPart(strings.ToLower(string(t.resource.ID)))
	if o.Plane == rbac.Data {
		return question{action: o, scope: id, vault: t.vault}
	}
	if rest, ok := strings.CutPrefix(o.Action, vaultActions); ok && !strings.HasPrefix(rest, t.kind+"/") {
		id = t.vault.id
	}
	return question{action: o, scope: id}
}

// gains are the actions by which one gives itself another: whoever assigns roles takes one, whoever writes custom roles, which but for those
// who assign roles as well is had by a custom role, adds to that one, and whoever writes a vault that goes by access
// policies, or these, is given all of its keys and secrets. To have a vault go by policies that goes by roles takes the power to assign
// roles (https://learn.microsoft.com/azure/key-vault/general/rbac-guide).
func (t *target) gains(q question) []string {
	var out []string
	if q.vault != nil && (q.vault.rbac == nil || !*q.vault.rbac) {
		out = append(out, writePolicy, writeVault)
	}
	return slices.DeleteFunc(append(out, assignRoles, writeRoles), func(action string) bool { return action == q.action.Action })
}
