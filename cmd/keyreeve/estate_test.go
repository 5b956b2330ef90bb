package main

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

// estate is what a script puts into an account of AWS: policies of keys by alias and of secrets by name, managed policies by name,
// identity providers by issuer, and roles by name. A document is a list of statements; none, for a key, leaves all to the account.
//
//	{"keys": {"alias/a": [STATEMENT...]}, "roles": {"b": {"trust": [STATEMENT...], "inline": [STATEMENT...], "boundary": "c"}}}
type estate struct {
	Keys, Secrets, Policies map[string]json.RawMessage
	Issuers                 []string
	Roles                   map[string]struct {
		Trust, Inline json.RawMessage
		Boundary      string
	}
}

// addEstate puts what a file says into an account and a Region.
func addEstate(ts *testscript.TestScript, account *awsfake.Account, region *awsfake.Region, file string) {
	var e estate
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &e))
	document := func(statements json.RawMessage) string {
		if len(statements) == 0 || string(statements) == "[]" {
			return ""
		}
		return `{"Version":"2012-10-17","Statement":` + string(statements) + `}`
	}
	for _, alias := range slices.Sorted(maps.Keys(e.Keys)) {
		region.AddKey(awsfake.Key{Aliases: []string{alias}, Created: ago(10), Policy: document(e.Keys[alias])})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Secrets)) {
		region.AddSecret(awsfake.Secret{Name: name, Created: ago(10), Policy: document(e.Secrets[name])})
	}
	for _, issuer := range e.Issuers {
		account.AddOIDCProvider(awsfake.OIDCProvider{Issuer: issuer, Audiences: []string{"sts.amazonaws.com"}})
	}
	arns := map[string]string{"": ""}
	for _, name := range slices.Sorted(maps.Keys(e.Policies)) {
		arns[name] = account.AddPolicy(awsfake.ManagedPolicy{Name: name, Document: document(e.Policies[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Roles)) {
		r := e.Roles[name]
		role := awsfake.Role{Name: name, Policy: document(r.Trust), Holder: awsfake.Holder{Boundary: arns[r.Boundary]}}
		if own := document(r.Inline); own != "" {
			role.Inline = map[string]string{"own": own}
		}
		account.AddRole(role)
	}
}
