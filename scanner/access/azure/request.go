package azure

import "encoding/json"

// Plane says which of Azure's two interfaces a request uses. Permissions of one never count in the other.
type Plane string

const (
	Control Plane = "control" // Azure Resource Manager: actions and notActions
	Data    Plane = "data"    // the vault itself: dataActions and notDataActions
)

// Request asks whether a principal may do one action at one scope, and holds every document that the answer rests on.
//
// Lists carry the names Azure Resource Manager gives their fields; what it nests in "properties" is read from there too. What is
// absent is known to be absent, with two exceptions: a plane that is left out is taken from the action where only one plane has it,
// and a subscription that ManagementGroups does not name stands under groups that are not known, never under none.
type Request struct {
	ID               string              `json:"id"`
	System           string              `json:"system"` // "azure"
	Principal        Principal           `json:"principal"`
	Plane            Plane               `json:"plane"`
	Action           string              `json:"action"` // one operation, without wildcards
	Scope            string              `json:"scope"`  // a resource ID; a Managed HSM's own scopes are "/", "/keys" and "/keys/NAME"
	RoleDefinitions  []RoleDefinition    `json:"role_definitions"`
	RoleAssignments  []RoleAssignment    `json:"role_assignments"`
	DenyAssignments  []DenyAssignment    `json:"deny_assignments"`
	ManagementGroups map[string][]string `json:"management_groups"` // "/subscriptions/S": its management groups, the nearest first
	Vault            *Vault              `json:"vault"`             // nil: a vault that uses RBAC, or no vault

	// Attributes are those of the request that conditions may ask about and that are known, by the names that conditions have for them:
	// "Microsoft.Authorization/roleAssignments:RoleDefinitionId". Any other may have any value or none.
	Attributes map[string]Values `json:"request_attributes"`
}

// Values are the values of an attribute. In JSON one may stand for a list of one.
type Values []string

// Principal is who asks, with all groups it belongs to, directly or through other groups, as its token names them.
type Principal struct {
	ID     string   `json:"id"`
	Groups []string `json:"groups"`
}

// Permission is one block of a role or of a deny assignment. What it excludes is taken from what this block includes, and from
// nothing else.
type Permission struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
	Condition      string   `json:"condition"`
	Version        string   `json:"conditionVersion"`
}

// RoleDefinition is a role. One that a request does not hold is looked for among the built-in roles by the GUID that ends its ID.
type RoleDefinition struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"` // the GUID, when there is no ID
	RoleName    string       `json:"roleName"`
	Permissions []Permission `json:"permissions"`
}

// RoleAssignment gives a role to a principal at a scope and everything beneath it.
type RoleAssignment struct {
	ID               string `json:"id"`
	PrincipalID      string `json:"principalId"`
	PrincipalType    string `json:"principalType"` // "User", "Group", "ServicePrincipal", ...; it decides nothing
	RoleDefinitionID string `json:"roleDefinitionId"`
	Scope            string `json:"scope"` // when absent, what the ID stands under
	Condition        string `json:"condition"`
	Version          string `json:"conditionVersion"`
	Eligible         bool   `json:"eligible"`      // a schedule of Privileged Identity Management that must be activated first
	EndDateTime      string `json:"endDateTime"`   // until when an active schedule lasts; it is not compared with any clock
	ExpirationUTC    string `json:"expirationUtc"` // the same, as lists of requests name it
}

// DenyAssignment takes actions from principals at a scope, whatever roles they hold.
type DenyAssignment struct {
	ID                string          `json:"id"`
	Name              string          `json:"denyAssignmentName"`
	Permissions       []Permission    `json:"permissions"`
	Scope             string          `json:"scope"` // when absent, what the ID stands under
	ChildrenExempt    bool            `json:"doNotApplyToChildScopes"`
	Principals        []DenyPrincipal `json:"principals"`
	ExcludePrincipals []DenyPrincipal `json:"excludePrincipals"`
	Condition         string          `json:"condition"`
	Version           string          `json:"conditionVersion"`
}

// DenyPrincipal is a principal a deny assignment names. The zero GUID, or type SystemDefined without an ID, is everyone.
type DenyPrincipal struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// Vault says how a vault authorizes its data plane. RBAC is the vault's enableRbacAuthorization: false, as when it is absent, the
// access policies alone decide; true, they are ignored.
type Vault struct {
	AccessPolicies []AccessPolicy `json:"access_policies"`
	RBAC           bool           `json:"rbac"`
}

// AccessPolicy gives a principal permissions on everything of a kind in one vault.
type AccessPolicy struct {
	ObjectID      string            `json:"objectId"`
	ApplicationID string            `json:"applicationId"` // set: only for the principal signed in through this application
	Permissions   PolicyPermissions `json:"permissions"`
}

// PolicyPermissions are names of permissions by the kind of object they are for.
type PolicyPermissions struct {
	Keys         []string `json:"keys"`
	Secrets      []string `json:"secrets"`
	Certificates []string `json:"certificates"`
	Storage      []string `json:"storage"`
}

// UnmarshalJSON reads the fields from the object and from its "properties".
func (d *RoleDefinition) UnmarshalJSON(b []byte) error {
	type plain RoleDefinition
	return unwrap(b, (*plain)(d))
}

// UnmarshalJSON reads the fields from the object and from its "properties".
func (a *RoleAssignment) UnmarshalJSON(b []byte) error {
	type plain RoleAssignment
	return unwrap(b, (*plain)(a))
}

// UnmarshalJSON reads the fields from the object and from its "properties".
func (d *DenyAssignment) UnmarshalJSON(b []byte) error {
	type plain DenyAssignment
	return unwrap(b, (*plain)(d))
}

// UnmarshalJSON reads what ARM keeps of an access policy, and leaves the rest, such as the tenant.
func (p *AccessPolicy) UnmarshalJSON(b []byte) error {
	type plain AccessPolicy
	return unwrap(b, (*plain)(p))
}

// UnmarshalJSON reads a list, or one value in place of a list of one.
func (v *Values) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && string(b) != "null" {
		*v = Values{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(v))
}

// unwrap decodes an object of Azure Resource Manager, then what it nests in "properties" over it.
func unwrap(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return err
	}
	var outer struct {
		Properties json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(b, &outer); err != nil || outer.Properties == nil {
		return err
	}
	return json.Unmarshal(outer.Properties, into)
}
