package azure_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

// How many random requests each property is tried on, and from which number on: the number of a case is its seed.
var (
	randomCases = flag.Int("cases", 2_000, "random requests for each property")
	firstCase   = flag.Uint64("first-case", 0, "number of the first random request")
)

// estate makes random requests whose parts meet often enough to matter.
type estate struct{ *rand.Rand }

func pick[T any](e estate, list ...T) T { return list[e.IntN(len(list))] }

func (e estate) some(most int, list ...string) []string {
	var out []string
	for range e.IntN(most + 1) {
		out = append(out, pick(e, list...))
	}
	return out
}

func (e estate) scope() string {
	return pick(e, "/", mgmt+"near", mgmt+"far", mgmt+"other", sub, group, vault, pin, key, vault+"2", "/subscriptions/2", strings.ToUpper(vault), pin+"/")
}

func (e estate) patterns(most int) []string {
	return e.some(most, "*", "*/read", "Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/secrets/*", "microsoft.keyvault/VAULTS/*/action", getSecret,
		decrypt, vaultWrite, "*/write", "Microsoft.Authorization/*", "Microsoft.*/vaults/*/getSecret/*", "", "Microsoft.KeyVault/vaults/secrets/getSecret")
}

func (e estate) condition() string {
	return pick(e, "", "", "", "", unknownCondition, falseCondition, onlyCryptoUser)
}

func (e estate) principal() string { return pick(e, alice, bob, team, strings.ToUpper(team)) }

func (e estate) permissions() []azure.Permission {
	var out []azure.Permission
	for range 1 + e.IntN(2) {
		out = append(out, azure.Permission{
			Actions: e.patterns(2), NotActions: e.patterns(1), DataActions: e.patterns(2), NotDataActions: e.patterns(1), Condition: e.condition(),
		})
	}
	return out
}

var roleIDs = []string{"/x/roleDefinitions/r0", "/x/roleDefinitions/r1", "/x/roleDefinitions/r2"}

func (e estate) assignment(n int) azure.RoleAssignment {
	return azure.RoleAssignment{
		ID: fmt.Sprint("/a/", n), PrincipalID: e.principal(), Scope: e.scope(), RoleDefinitionID: pick(e, roleIDs...),
		Condition: e.condition(), Eligible: e.IntN(5) == 0,
	}
}

func (e estate) deny(n int) azure.DenyAssignment {
	d := azure.DenyAssignment{ID: fmt.Sprint("/d/", n), Scope: e.scope(), ChildrenExempt: e.IntN(4) == 0, Permissions: e.permissions(), Condition: e.condition()}
	d.Principals = append(d.Principals, azure.DenyPrincipal{ID: pick(e, all, alice, bob, team)})
	if e.IntN(3) == 0 {
		d.ExcludePrincipals = append(d.ExcludePrincipals, azure.DenyPrincipal{ID: e.principal()})
	}
	return d
}

func (e estate) request() azure.Request {
	r := azure.Request{
		Principal: azure.Principal{ID: alice, Groups: e.some(2, team, strings.ToUpper(team), "other")}, Plane: pick(e, azure.Control, azure.Data, azure.Data),
		Scope: pick(e, sub, group, vault, pin, key, strings.ToUpper(pin), "/"), ManagementGroups: map[string][]string{sub: {mgmt + "near", mgmt + "FAR"}},
	}
	r.Action = pick(e, getSecret, decrypt, "Microsoft.KeyVault/vaults/secrets/setSecret/action", "Microsoft.KeyVault/vaults/secrets/purge/action", "Microsoft.KeyVault/vaults/secrets/delete")
	if r.Plane == azure.Control {
		r.Action = pick(e, vaultWrite, assignWrite, "Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/secrets/write")
	}
	for _, id := range roleIDs {
		r.RoleDefinitions = append(r.RoleDefinitions, azure.RoleDefinition{ID: id, RoleName: id, Permissions: e.permissions()})
	}
	for i := range e.IntN(4) {
		r.RoleAssignments = append(r.RoleAssignments, e.assignment(i))
	}
	if e.IntN(2) == 0 {
		for i := range 1 + e.IntN(2) {
			r.DenyAssignments = append(r.DenyAssignments, e.deny(i))
		}
	}
	if e.IntN(4) == 0 {
		r.Vault = &azure.Vault{RBAC: e.IntN(2) == 0}
		for range e.IntN(3) {
			r.Vault.AccessPolicies = append(r.Vault.AccessPolicies, e.policy())
		}
	}
	return r
}

func (e estate) policy() azure.AccessPolicy {
	return azure.AccessPolicy{
		ObjectID: e.principal(), ApplicationID: pick(e, "", "", "app"),
		Permissions: azure.PolicyPermissions{Secrets: e.some(2, "get", "Set", "all", "purge", "delete"), Keys: e.some(1, "get")},
	}
}

var rank = map[access.Decision]int{access.Denied: 1, access.Conditional: 2, access.Allowed: 3}

// each runs a property over random requests. A failure prints the seed of the request that fails.
func each(t *testing.T, property func(e estate, ev *azure.Evaluator, r azure.Request) string) {
	ev, decisions := azure.New(), map[access.Decision]int{}
	for i := range uint64(*randomCases) {
		seed := *firstCase + i
		e := estate{rand.New(rand.NewPCG(seed, 7))}
		r := e.request()
		decisions[ev.Decide(r).Decision]++
		if fault := property(e, ev, r); fault != "" {
			t.Fatalf("seed %d: %s\n%+v", seed, fault, r)
		}
	}
	for d := range rank {
		if decisions[d] < *randomCases/50 {
			t.Errorf("only %d of %d requests are %s: the estate tests little", decisions[d], *randomCases, d)
		}
	}
	t.Logf("%d random cases", *randomCases)
}

func TestCompiledIsNaive(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		if got, want := ev.Decide(r), naive(r); got.Decision != want {
			return fmt.Sprintf("%+v, naively %s", got, want)
		}
		return ""
	})
}

func TestAddingNeverTurnsTheWrongWay(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		before := rank[ev.Decide(r).Decision]
		more := r
		more.DenyAssignments = append(slices.Clone(r.DenyAssignments), e.deny(9))
		if after := ev.Decide(more); rank[after.Decision] > before {
			return fmt.Sprintf("a deny assignment raises to %+v: %+v", after, more.DenyAssignments)
		}
		more = r
		more.RoleAssignments = append(slices.Clone(r.RoleAssignments), e.assignment(9))
		if after := ev.Decide(more); rank[after.Decision] < before {
			return fmt.Sprintf("a role assignment lowers to %+v: %+v", after, more.RoleAssignments)
		}
		if r.Vault != nil {
			v := *r.Vault
			v.AccessPolicies = append(slices.Clone(v.AccessPolicies), e.policy())
			more = r
			more.Vault = &v
			if after := ev.Decide(more); rank[after.Decision] < before {
				return fmt.Sprintf("an access policy lowers to %+v: %+v", after, v)
			}
		}
		return ""
	})
}

func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		other := r
		other.RoleAssignments = shuffled(e, r.RoleAssignments)
		other.DenyAssignments = shuffled(e, r.DenyAssignments)
		other.RoleDefinitions = shuffled(e, r.RoleDefinitions)
		other.Principal.Groups = shuffled(e, r.Principal.Groups)
		for i, d := range other.RoleDefinitions {
			other.RoleDefinitions[i].Permissions = splitBlocks(e, d.Permissions)
		}
		if r.Vault != nil {
			other.Vault = &azure.Vault{RBAC: r.Vault.RBAC, AccessPolicies: shuffled(e, r.Vault.AccessPolicies)}
		}
		if got, want := ev.Decide(other), ev.Decide(r); !reflect.DeepEqual(got, want) {
			return fmt.Sprintf("%+v, in another order %+v", want, got)
		}
		return ""
	})
}

// shuffled is a list in another order, with one entry twice.
func shuffled[T any](e estate, list []T) []T {
	list = slices.Clone(list)
	if len(list) > 0 {
		list = append(list, pick(e, list...))
	}
	e.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// splitBlocks gives each action a block of its own, with all that its block excludes.
func splitBlocks(e estate, blocks []azure.Permission) []azure.Permission {
	var out []azure.Permission
	for _, b := range blocks {
		for _, a := range b.Actions {
			out = append(out, azure.Permission{Actions: []string{a}, NotActions: b.NotActions, Condition: b.Condition})
		}
		for _, a := range b.DataActions {
			out = append(out, azure.Permission{DataActions: []string{a}, NotDataActions: b.NotDataActions, Condition: b.Condition})
		}
	}
	return shuffled(e, out)
}

// What is certain stays so, whichever way one unknown turns out: T is within P.
func TestResolvingAnUnknownLandsWithin(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		before := ev.Decide(r).Decision
		for _, to := range []bool{true, false} {
			after := r
			after.RoleAssignments, after.DenyAssignments = slices.Clone(r.RoleAssignments), slices.Clone(r.DenyAssignments)
			if !resolve(e, &after, to) {
				return ""
			}
			if got := ev.Decide(after); before != access.Conditional && got.Decision != before {
				return fmt.Sprintf("%s, but %+v once an unknown is %t", before, got, to)
			}
		}
		return ""
	})
}

// resolve makes one unknown of a request true or false: an activation or a condition.
func resolve(e estate, r *azure.Request, to bool) bool {
	outcome := map[bool]string{true: "", false: falseCondition}[to]
	for i, a := range r.RoleAssignments {
		switch {
		case a.Condition == unknownCondition:
			r.RoleAssignments[i].Condition = outcome
		case a.Eligible && a.Condition == "":
			r.RoleAssignments[i].Eligible, r.RoleAssignments[i].Condition = false, outcome
		default:
			continue
		}
		return true
	}
	for i, d := range r.DenyAssignments {
		if d.Condition == unknownCondition {
			r.DenyAssignments[i].Condition = outcome
			return true
		}
	}
	return false
}

func TestCaseDoesNotMatter(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		other := r
		other.Action, other.Scope, other.Plane = flip(e, r.Action), flip(e, r.Scope), azure.Plane(flip(e, string(r.Plane)))
		other.Principal.ID = flip(e, r.Principal.ID)
		other.RoleAssignments = slices.Clone(r.RoleAssignments)
		for i := range other.RoleAssignments {
			a := &other.RoleAssignments[i]
			a.Scope, a.PrincipalID, a.RoleDefinitionID = flip(e, a.Scope), flip(e, a.PrincipalID), flip(e, a.RoleDefinitionID)
		}
		other.RoleDefinitions = slices.Clone(r.RoleDefinitions)
		for i, d := range other.RoleDefinitions {
			other.RoleDefinitions[i].Permissions = slices.Clone(d.Permissions)
			for j, p := range d.Permissions {
				for _, list := range []*[]string{&p.Actions, &p.NotActions, &p.DataActions, &p.NotDataActions} {
					*list = slices.Clone(*list)
					for k, s := range *list {
						(*list)[k] = flip(e, s)
					}
				}
				other.RoleDefinitions[i].Permissions[j] = p
			}
		}
		if got, want := ev.Decide(other).Decision, ev.Decide(r).Decision; got != want {
			return fmt.Sprintf("%s, in another case %s: %+v", want, got, other)
		}
		return ""
	})
}

// flip changes the case of letters at random.
func flip(e estate, s string) string {
	return strings.Map(func(c rune) rune {
		if e.IntN(2) == 0 {
			return []rune(strings.ToUpper(string(c)))[0]
		}
		return []rune(strings.ToLower(string(c)))[0]
	}, s)
}

// everyBlock changes the blocks of all roles and denials of a request.
func everyBlock(r azure.Request, change func([]azure.Permission) []azure.Permission) azure.Request {
	r.RoleDefinitions, r.DenyAssignments = slices.Clone(r.RoleDefinitions), slices.Clone(r.DenyAssignments)
	for i := range r.RoleDefinitions {
		r.RoleDefinitions[i].Permissions = change(slices.Clone(r.RoleDefinitions[i].Permissions))
	}
	for i := range r.DenyAssignments {
		r.DenyAssignments[i].Permissions = change(slices.Clone(r.DenyAssignments[i].Permissions))
	}
	return r
}

func TestExclusionsOnlyTakeAndInclusionsOnlyGive(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		before := rank[ev.Decide(r).Decision]
		with := func(list []string) []string { return append(slices.Clone(list), e.patterns(1)...) }
		role := e.IntN(len(r.RoleDefinitions))
		less, more := r, r
		less.RoleDefinitions, more.RoleDefinitions = slices.Clone(r.RoleDefinitions), slices.Clone(r.RoleDefinitions)
		blocks := slices.Clone(r.RoleDefinitions[role].Permissions)
		blocks[0].NotActions, blocks[0].NotDataActions = with(blocks[0].NotActions), with(blocks[0].NotDataActions)
		less.RoleDefinitions[role].Permissions = blocks
		if after := ev.Decide(less); rank[after.Decision] > before {
			return fmt.Sprintf("what a block excludes raises to %+v: %+v", after, blocks)
		}
		blocks = slices.Clone(r.RoleDefinitions[role].Permissions)
		blocks[0].Actions, blocks[0].DataActions = with(blocks[0].Actions), with(blocks[0].DataActions)
		more.RoleDefinitions[role].Permissions = blocks
		if after := ev.Decide(more); rank[after.Decision] < before {
			return fmt.Sprintf("what a block includes lowers to %+v: %+v", after, blocks)
		}
		return ""
	})
}

// A block of some actions and a block of all but those are together a block of all.
func TestActionsAndNotActionsAreAll(t *testing.T) {
	each(t, func(e estate, ev *azure.Evaluator, r azure.Request) string {
		some := e.patterns(3)
		whole := everyBlock(r, func(blocks []azure.Permission) []azure.Permission {
			b := azure.Permission{Actions: []string{"*"}, DataActions: []string{"*"}, Condition: blocks[0].Condition}
			return append(blocks, b)
		})
		parts := everyBlock(r, func(blocks []azure.Permission) []azure.Permission {
			a := azure.Permission{Actions: some, DataActions: some, Condition: blocks[0].Condition}
			b := azure.Permission{Actions: []string{"*"}, NotActions: some, DataActions: []string{"*"}, NotDataActions: some, Condition: blocks[0].Condition}
			return append(blocks, a, b)
		})
		if got, want := ev.Decide(parts), ev.Decide(whole); got.Decision != want.Decision || got.Explicit != want.Explicit {
			return fmt.Sprintf("%+v, but %+v with all in two blocks of %q", want, got, some)
		}
		return ""
	})
}

// Other names for the subscription and the management groups change nothing.
func TestNamesOfSubscriptionsDoNotMatter(t *testing.T) {
	renamed := strings.NewReplacer("/subscriptions/", "/subscriptions/x", "/SUBSCRIPTIONS/", "/SUBSCRIPTIONS/X", mgmt, mgmt+"x")
	each(t, func(_ estate, ev *azure.Evaluator, r azure.Request) string {
		other := r
		other.Scope = renamed.Replace(r.Scope)
		other.ManagementGroups = map[string][]string{}
		for of, groups := range r.ManagementGroups {
			for _, g := range groups {
				other.ManagementGroups[renamed.Replace(of)] = append(other.ManagementGroups[renamed.Replace(of)], renamed.Replace(g))
			}
		}
		other.RoleAssignments, other.DenyAssignments = slices.Clone(r.RoleAssignments), slices.Clone(r.DenyAssignments)
		for i := range other.RoleAssignments {
			other.RoleAssignments[i].Scope = renamed.Replace(other.RoleAssignments[i].Scope)
		}
		for i := range other.DenyAssignments {
			other.DenyAssignments[i].Scope = renamed.Replace(other.DenyAssignments[i].Scope)
		}
		if got, want := ev.Decide(other), ev.Decide(r); got.Decision != want.Decision || got.Explicit != want.Explicit {
			return fmt.Sprintf("%+v, under other names %+v", want, got)
		}
		return ""
	})
}
