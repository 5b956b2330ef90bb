package azure_test

import (
	"reflect"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

const (
	assignDelete  = "Microsoft.Authorization/roleAssignments/delete"
	cryptoUser    = "12338af0-0e69-4776-bea7-57ae8d297424"
	administrator = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
	roleID        = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
	principalID   = "@Request[Microsoft.Authorization/roleAssignments:PrincipalId]"
	principalType = "@Request[Microsoft.Authorization/roleAssignments:PrincipalType]"
)

// The templates of https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples, and what is none.
func TestDelegations(t *testing.T) {
	only := func(values ...string) azure.Limit { return azure.Limit{Set: true, Values: values} }
	except := func(values ...string) azure.Limit { return azure.Limit{Set: true, Except: true, Values: values} }
	for _, c := range []struct {
		name, condition, action string
		want                    []azure.Delegation
		read                    bool
	}{
		{"constrain roles", onlyCryptoUser, assignWrite, []azure.Delegation{{Roles: only(cryptoUser)}}, true},
		{"another action is free", onlyCryptoUser, assignDelete, []azure.Delegation{{}}, true},
		{
			"GUIDs without dashes, in upper case, twice", roleID + ` ForAnyOfAnyValues:GuidEquals{12338AF00E694776BEA757AE8D297424,` + cryptoUser + `}`,
			assignWrite,
			[]azure.Delegation{{Roles: only(cryptoUser)}},
			true,
		},
		{
			"constrain roles and principal types", `(!(ActionMatches{'` + assignWrite + `'})) OR (` + roleID + ` ForAnyOfAnyValues:GuidEquals {` + cryptoUser + `} AND ` +
				principalType + ` StringEqualsIgnoreCase 'ServicePrincipal')`,
			assignWrite,
			[]azure.Delegation{{Roles: only(cryptoUser), PrincipalTypes: only("serviceprincipal")}},
			true,
		},
		{
			"all roles except", `(!(ActionMatches{'` + assignWrite + `'}) OR (` + roleID + ` ForAnyOfAllValues:GuidNotEquals {` + administrator + `}))`,
			assignWrite,
			[]azure.Delegation{{Roles: except(administrator)}},
			true,
		},
		{
			"roles in one way or another", `(` + roleID + ` ForAnyOfAnyValues:GuidEquals {` + cryptoUser + `} && ` + principalID + ` ForAnyOfAnyValues:GuidEquals {` + alice + `}) || ` +
				roleID + ` ForAnyOfAnyValues:GuidEquals {` + administrator + `}`,
			assignWrite,
			[]azure.Delegation{{Roles: only(cryptoUser), Principals: only(alice)}, {Roles: only(administrator)}},
			true,
		},
		{
			"both at once", roleID + ` ForAnyOfAnyValues:GuidEquals {` + cryptoUser + `, ` + administrator + `} AND ` + roleID + ` ForAnyOfAllValues:GuidNotEquals {` + administrator + `}`,
			assignWrite,
			[]azure.Delegation{{Roles: only(cryptoUser)}},
			true,
		},
		{"never", `ActionMatches{'` + assignDelete + `'}`, assignWrite, nil, true},
		{"the resource is not what is asked of when writing", `@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{a}`, assignWrite, nil, false},
		{"the resource is asked of when deleting", `@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{a}`, assignDelete, []azure.Delegation{{Roles: only("a")}}, true},
		{"differing from any is nearly always so", roleID + ` ForAnyOfAnyValues:GuidNotEquals {a, b}`, assignWrite, nil, false},
		{"negated", `!(` + roleID + ` ForAnyOfAnyValues:GuidEquals {a})`, assignWrite, nil, false},
		{"another attribute", `@Request[Microsoft.Authorization/roleAssignments:Description] StringEquals 'x'`, assignWrite, nil, false},
		{"not a condition", `(`, assignWrite, nil, false},
	} {
		got, read := azure.Delegations(c.condition, c.action)
		if read != c.read || read && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %t, want %+v, %t", c.name, got, read, c.want, c.read)
		}
	}
}

func TestLimitAllows(t *testing.T) {
	for _, c := range []struct {
		limit azure.Limit
		want  bool
	}{
		{azure.Limit{}, true},
		{azure.Limit{Set: true}, false},
		{azure.Limit{Set: true, Except: true}, true},
		{azure.Limit{Set: true, Values: []string{"a"}}, true},
		{azure.Limit{Set: true, Except: true, Values: []string{"a"}}, false},
	} {
		if got := c.limit.Allows("A"); got != c.want {
			t.Errorf("%+v allows A: %t", c.limit, got)
		}
	}
}
