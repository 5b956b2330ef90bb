package azure

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// embedded reads the roles as the file has them.
func embedded(t testing.TB) map[string][]Permission {
	var file struct {
		Roles []struct {
			ID, Name    string
			Permissions []Permission
		}
	}
	if err := json.Unmarshal(rolesJSON, &file); err != nil {
		t.Fatal(err)
	}
	roles := map[string][]Permission{}
	for _, r := range file.Roles {
		roles[r.Name] = r.Permissions
	}
	for _, r := range hsmRoles {
		roles[r.name] = []Permission{{DataActions: r.dataActions()}}
	}
	return roles
}

// How many built-in roles hold what matters most, counted in Azure's own list of 928 roles.
func TestHolders(t *testing.T) {
	for _, c := range []struct {
		plane              Plane
		action             string
		roles, conditional int
	}{
		{Data, "Microsoft.KeyVault/vaults/secrets/getSecret/action", 4, 0},
		{Data, "Microsoft.KeyVault/vaults/keys/decrypt/action", 3, 0},
		{Data, "Microsoft.KeyVault/vaults/keys/backup/action", 3, 0},
		{Data, "Microsoft.KeyVault/vaults/keys/purge/action", 2, 0},
		{Control, "Microsoft.KeyVault/vaults/write", 7, 0},
		{Control, "Microsoft.Authorization/roleAssignments/write", 28, 25},
		{Control, "Microsoft.KeyVault/locations/deletedVaults/purge/action", 4, 0},
		{Control, "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", 5, 0},
		{Data, "Microsoft.KeyVault/managedHsm/keys/decrypt/action", 1, 0},
		{Data, "Microsoft.KeyVault/managedHsm/roleAssignments/write/action", 3, 0},
	} {
		var holders []string
		conditional := 0
		for _, r := range builtIn() {
			for _, b := range r.blocks {
				if b.grants(c.plane, strings.ToLower(c.action)) {
					holders = append(holders, r.name)
					if b.condition != nil {
						conditional++
					}
					break
				}
			}
		}
		if len(holders) != c.roles || conditional != c.conditional {
			t.Errorf("%s: %d roles, %d conditional, want %d and %d: %q", c.action, len(holders), conditional, c.roles, c.conditional, holders)
		}
	}
}

// Every Key Vault action that a built-in role names, or stands for by a wildcard, gives a power.
func TestOperationsClassified(t *testing.T) {
	for name, permissions := range embedded(t) {
		for _, p := range permissions {
			for plane, lists := range map[Plane][][]string{Control: {p.Actions, p.NotActions}, Data: {p.DataActions, p.NotDataActions}} {
				for _, list := range lists {
					for _, action := range list {
						if strings.Contains(strings.ToLower(action), "microsoft.keyvault/") && !classified(plane, action) {
							t.Errorf("role %s: %s action %q gives no power: add it to the table of operations", name, plane, action)
						}
					}
				}
			}
		}
	}
}

func classified(plane Plane, action string) bool {
	p := compilePattern(action)
	for _, o := range Operations() {
		if o.Plane == plane && p.match(strings.ToLower(o.Action)) {
			return true
		}
	}
	return false
}

func TestOperations(t *testing.T) {
	powers := []access.Power{access.Reveal, access.Sign, access.Blind, access.Control, access.Destroy, access.Material, access.View, access.Write}
	seen := map[Operation]bool{}
	for _, o := range Operations() {
		key := Operation{Action: strings.ToLower(o.Action), Plane: o.Plane}
		if !slices.Contains(powers, o.Power) || o.Plane != Control && o.Plane != Data || seen[key] {
			t.Errorf("%+v gives no known power, is of no known plane, or occurs twice", o)
		}
		seen[key] = true
	}
	for action := range policyNeeds() { // what access policies give is a data action of the same vault
		if !seen[Operation{Action: action, Plane: Data}] {
			t.Errorf("permission for %s, which is no operation", action)
		}
	}
	for key := range seen {
		if _, ok := policyNeeds()[key.Action]; !ok && key.Plane == Data && strings.HasPrefix(key.Action, vaultActions) {
			t.Errorf("no permission of access policies for %s", key.Action)
		}
	}
	if classified(Data, "Microsoft.KeyVault/vaults/keys/levitate/action") {
		t.Error("an action that does not exist gives a power")
	}
}

// The conditions inside built-in roles can all be read.
func TestBuiltInConditions(t *testing.T) {
	for name, permissions := range embedded(t) {
		for _, p := range permissions {
			if p.Condition == "" {
				continue
			}
			if c := compileCondition(p.Condition, p.Version); c.op == opaque {
				_, err := parseCondition(p.Condition)
				t.Errorf("role %s: %v", name, err)
				continue
			}
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	e := New()
	for i := range 2*cacheLimit + 1 {
		e.blocks([]Permission{{Actions: []string{strings.Repeat("x", i%97), string(rune('a' + i%26)), string(rune(i))}}})
		e.condition(string(rune(i))+"x", "")
	}
	if n, m := len(e.roles.m), len(e.conditions.m); n > cacheLimit || m > cacheLimit || n == 0 || m == 0 {
		t.Errorf("the caches hold %d and %d, want at most %d", n, m, cacheLimit)
	}
}

// What a caller changes after a request is seen in the next.
func TestCacheKeepsItsOwn(t *testing.T) {
	e := New()
	actions := []string{"*"}
	p := []Permission{{Actions: actions}}
	before := e.blocks(p)[0].grants(Control, "x")
	actions[0] = "y"
	if after := e.blocks(p)[0].grants(Control, "x"); !before || after {
		t.Errorf("granted %t before and %t after the change, want true and false", before, after)
	}
}
