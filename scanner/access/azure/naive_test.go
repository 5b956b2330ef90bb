package azure_test

import (
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

// naive decides a request as the documentation tells it, word for word: each list is walked for each question, patterns are
// regular expressions, scopes are lists of segments, and nothing is kept. It knows only what the estates of the property tests
// hold: roles that are given, the conditions of conditionTruth, and ancestries that are complete.
func naive(r azure.Request) access.Decision {
	granted := access.No
	for _, a := range r.RoleAssignments {
		t := access.Known(isWho(r, a.PrincipalID) && reaches(r, a.Scope)).And(conditionTruth(a.Condition, r.Action))
		if a.Eligible {
			t = t.And(access.Maybe)
		}
		role := access.No
		for _, d := range r.RoleDefinitions {
			if strings.EqualFold(d.ID, a.RoleDefinitionID) {
				role = role.Or(blocksHave(d.Permissions, r))
			}
		}
		granted = granted.Or(t.And(role))
	}
	denied := access.No
	for _, d := range r.DenyAssignments {
		covers := reaches(r, d.Scope)
		if d.ChildrenExempt {
			covers = slices.Equal(split(d.Scope), split(r.Scope))
		}
		includes := func(list []azure.DenyPrincipal) bool {
			return slices.ContainsFunc(list, func(p azure.DenyPrincipal) bool { return isWho(r, p.ID) })
		}
		named := includes(d.Principals) || slices.ContainsFunc(d.Principals, func(p azure.DenyPrincipal) bool { return p.ID == all })
		denied = denied.Or(access.Known(covers && named && !includes(d.ExcludePrincipals)).
			And(conditionTruth(d.Condition, r.Action)).And(blocksHave(d.Permissions, r)))
	}
	if r.Vault != nil && !r.Vault.RBAC && r.Plane == azure.Data {
		granted, denied = access.No, access.No
		for _, p := range r.Vault.AccessPolicies {
			for _, permission := range p.Permissions.Secrets {
				t := access.Known(isWho(r, p.ObjectID) && slices.Contains(policyNames[strings.ToLower(r.Action)], strings.ToLower(permission)))
				if p.ApplicationID != "" {
					t = t.And(access.Maybe)
				}
				granted = granted.Or(t)
			}
		}
	}
	return map[access.Truth]access.Decision{
		access.Yes: access.Allowed, access.Maybe: access.Conditional, access.No: access.Denied,
	}[granted.And(denied.Not())]
}

// policyNames are the permissions that allow the data actions of the estates, which are all of the kind for secrets or for none.
var policyNames = map[string][]string{
	strings.ToLower(getSecret):                           {"get", "all"},
	"microsoft.keyvault/vaults/secrets/setsecret/action": {"set", "all"},
	"microsoft.keyvault/vaults/secrets/delete":           {"delete", "all"},
	"microsoft.keyvault/vaults/secrets/purge/action":     {"purge"},
}

func isWho(r azure.Request, id string) bool {
	return slices.ContainsFunc(append(slices.Clone(r.Principal.Groups), r.Principal.ID), func(w string) bool { return strings.EqualFold(w, id) })
}

func split(scope string) []string {
	return strings.FieldsFunc(strings.ToLower(scope), func(c rune) bool { return c == '/' })
}

// reaches says whether a scope is the request's, above it, or a management group above its subscription.
func reaches(r azure.Request, assigned string) bool {
	have, want := split(r.Scope), split(assigned)
	if len(want) <= len(have) && slices.Equal(have[:len(want)], want) {
		return true
	}
	for of, groups := range r.ManagementGroups {
		if len(have) >= 2 && slices.Equal(split(of), have[:2]) {
			for _, g := range groups {
				if slices.Equal(split(g), want) {
					return true
				}
			}
		}
	}
	return false
}

func blocksHave(blocks []azure.Permission, r azure.Request) access.Truth {
	t := access.No
	for _, b := range blocks {
		in, out := b.Actions, b.NotActions
		if r.Plane == azure.Data {
			in, out = b.DataActions, b.NotDataActions
		}
		t = t.Or(access.Known(matchesAny(in, r.Action) && !matchesAny(out, r.Action)).And(conditionTruth(b.Condition, r.Action)))
	}
	return t
}

func matchesAny(list []string, action string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		parts := strings.Split(p, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		return regexp.MustCompile("(?is)^" + strings.Join(parts, ".*") + "$").MatchString(action)
	})
}

// conditions of the estates: unknown for every action, and only for assigning roles.
const (
	unknownCondition = `@Resource[a:b] StringEquals 'c'`
	falseCondition   = `ActionMatches{'Nobody.Has/this'}`
)

func conditionTruth(text, action string) access.Truth {
	switch text {
	case unknownCondition:
		return access.Maybe
	case falseCondition:
		return access.No
	case onlyCryptoUser:
		if strings.EqualFold(action, assignWrite) {
			return access.Maybe
		}
	}
	return access.Yes
}
