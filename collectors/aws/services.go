package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// A service is a part of AWS that a configuration may name.
type service struct {
	name  string // as AWS writes it in permissions: "kms"
	types []string
	read  func(*source, context.Context, chan<- observation)
	sid   string // of the statement that allows to read it
}

// services is the table of what is read.
var services = []service{
	{name: "kms", types: []string{keyType, keyPolicyType, grantType}, read: (*source).readKeys, sid: "KeyreeveReadsKeys"},
	{name: "secretsmanager", types: []string{secretType, secretPolicyType}, read: (*source).readSecrets, sid: "KeyreeveReadsSecrets"},
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

// asks reports whether a configuration asks for a service.
func (c *Config) asks(v service) bool {
	return len(c.Services) == 0 || slices.Contains(c.Services, v.name)
}
