package azure_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

// The form in which a request arrives, and all of an answer.
func TestJSON(t *testing.T) {
	for _, c := range []struct{ name, request, want string }{
		{
			"fields as Azure Resource Manager nests them",
			`{"id":"3","system":"azure","principal":{"id":"P"},"plane":"data","action":"` + getSecret + `","scope":"` + pin + `",
			"role_definitions":[{"id":"/x/roleDefinitions/R","name":"R","type":"Microsoft.Authorization/roleDefinitions","properties":{"roleName":"App","type":"CustomRole",
				"permissions":[{"actions":[],"notActions":[],"dataActions":["Microsoft.KeyVault/vaults/secrets/getSecret/action"],"notDataActions":[]}]}}],
			"role_assignments":[{"id":"` + vault + `/providers/Microsoft.Authorization/roleAssignments/A1","properties":{"principalId":"P","roleDefinitionId":"/y/roleDefinitions/r","scope":"` + vault + `","condition":null}}],
			"deny_assignments":[{"id":"` + sub + `/providers/Microsoft.Authorization/denyAssignments/D1","properties":{"denyAssignmentName":"stack","permissions":[{"dataActions":["*"],"condition":null}],
				"principals":[{"id":"` + all + `","type":"SystemDefined"}],"excludePrincipals":[{"id":"p"}],"doNotApplyToChildScopes":false}}],
			"management_groups":{},"vault":{"access_policies":[],"rbac":true}}`,
			`{"id":"3","decision":"allowed","explicit":false,"residual":[],"because":[{"document":"role assignment A1","statement":"App at ` + vault + `"}],"error":""}`,
		},
		{
			"fields side by side, and a scope that only the ID tells",
			`{"principal":{"id":"P","groups":null},"plane":"Data","action":"` + getSecret + `","scope":"` + pin + `",
			"role_assignments":[{"id":"` + vault + `/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/A2","principalId":"P","eligible":true,"endDateTime":"2027-01-01T00:00:00Z","roleDefinitionId":"4633458B-17DE-408A-B874-0445C86B69E6"}]}`,
			`{"id":"","decision":"conditional","explicit":false,"residual":[{"class":"WHO","key":"activation","statement":"Key Vault Secrets User at ` + vault + ` until 2027-01-01T00:00:00Z"}],"because":[{"document":"role assignment A2","statement":"Key Vault Secrets User at ` + vault + ` until 2027-01-01T00:00:00Z"}],"error":""}`,
		},
		{
			"a vault of access policies",
			`{"principal":{"id":"P"},"plane":"data","action":"` + decrypt + `","scope":"` + key + `","vault":{"access_policies":[{"tenantId":"T","objectId":"P","permissions":{"keys":["decrypt"],"storage":null}}]}}`,
			`{"id":"","decision":"allowed","explicit":false,"residual":[],"because":[{"document":"access policy of P","statement":"keys/decrypt"}],"error":""}`,
		},
		{
			"a role that is nowhere is named",
			`{"principal":{"id":"P"},"plane":"data","action":"` + decrypt + `","scope":"` + key + `","role_assignments":[{"principalId":"P","scope":"/","roleDefinitionId":"Q"}]}`,
			`{"id":"","decision":"error","explicit":false,"residual":[],"because":[],"error":"role \"Q\" of role_assignments[0] is neither given nor built in: add it to role_definitions"}`,
		},
	} {
		var r azure.Request
		if err := json.Unmarshal([]byte(c.request), &r); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, err := json.Marshal(azure.New().Decide(r))
		if err != nil || string(got) != c.want {
			t.Errorf("%s:\n%s, want\n%s (%v)", c.name, got, c.want, err)
		}
	}
}

// FuzzDecide holds that every request that decodes has an answer of the promised form, the same each time.
func FuzzDecide(f *testing.F) {
	for _, c := range cases {
		b, err := json.Marshal(c.request)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"role_assignments":[{"properties":{"principalId":"P"}}],"vault":{}}`))
	e := azure.New()
	f.Fuzz(func(t *testing.T, b []byte) {
		var r azure.Request
		if json.Unmarshal(b, &r) != nil {
			return
		}
		first, err := json.Marshal(e.Decide(r))
		if err != nil {
			t.Fatal(err)
		}
		again, _ := json.Marshal(azure.New().Decide(r))
		if string(first) != string(again) {
			t.Errorf("%s, then %s", first, again)
		}
		if strings.Contains(string(first), "null") && !strings.Contains(string(b), "null") {
			t.Errorf("a list is missing: %s", first)
		}
	})
}
