package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// A service is a part of AWS that a configuration may name.
type service struct {
	name  string // as AWS writes it in permissions: "kms"
	types []string
	read  func(*source, context.Context, chan<- observation)
	sid   string // of the statement that allows to read it
	// place is where a Region would stand in the scope of what lies in none: global is read once an account, organization once in all.
	place string
	optIn bool // it is read only where a configuration names it
}

// The places that are no Regions.
const (
	global       = "global"
	organization = "organization"
)

// services is the table of what is read.
var services = []service{
	{name: "kms", types: []string{keyType, keyPolicyType, grantType}, read: (*source).readKeys, sid: "KeyreeveReadsKeys"},
	{name: "secretsmanager", types: []string{secretType, secretPolicyType}, read: (*source).readSecrets, sid: "KeyreeveReadsSecrets"},
	{
		name: "iam", types: []string{rootType, userType, groupType, roleType, policyType, accessKeyType, oidcType, samlType}, place: global,
		read: (*source).readIdentities, sid: "KeyreeveReadsIdentities",
	},
	{
		name: "organizations", types: []string{memberType, controlType}, place: organization, optIn: true,
		read: (*source).readOrganization, sid: "KeyreeveReadsOrganization",
	},
}

// checkServices wants names of the table.
func (c *Config) checkServices() error {
	var names []string
	for _, v := range services {
		names = append(names, v.name)
	}
	for _, name := range c.Services {
		if !slices.Contains(names, name) {
			return fmt.Errorf("aws: services: %s; there are %s", strictyaml.Unknown("service", name, names), strings.Join(names, ", "))
		}
	}
	return nil
}

// at lists what a configuration asks for in a Region, or in a place that is none.
func (c *Config) at(region string) []service {
	return slices.DeleteFunc(slices.Clone(services), func(v service) bool {
		return !c.asks(v) || v.place != region && (v.place != "" || region == global || region == organization)
	})
}

// asks reports whether a configuration asks for a service.
func (c *Config) asks(v service) bool {
	return len(c.Services) == 0 && !v.optIn || slices.Contains(c.Services, v.name)
}

// InRegion reports whether the scope of a source is a Region's.
func InRegion(s inventory.Scope) bool { return s.Part(3) != global && s.Part(3) != organization }
