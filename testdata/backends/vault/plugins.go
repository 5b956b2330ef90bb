package main

import (
	"maps"
	"slices"

	jwt "github.com/hashicorp/vault-plugin-auth-jwt"
	kubernetes "github.com/hashicorp/vault-plugin-auth-kubernetes"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/audit"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/credential/userpass"
	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
)

// What this server can mount. One more is one line here, and minutes for the first build after it.
var (
	authMethods = map[string]logical.Factory{
		"approle":    approle.Factory,
		"jwt":        jwt.Factory,
		"kubernetes": kubernetes.Factory,
		"userpass":   userpass.Factory,
	}
	secretsEngines = map[string]logical.Factory{
		"kv":      kv.Factory,
		"transit": transit.Factory,
	}
	auditDevices = map[string]audit.Factory{"file": audit.NewFileBackend}
)

// registry tells Vault's plugin catalogue about the tables above: the smallest plugincatalog.BuiltinRegistry.
type registry struct{}

func (registry) table(t consts.PluginType) map[string]logical.Factory {
	switch t {
	case consts.PluginTypeCredential:
		return authMethods
	case consts.PluginTypeSecrets:
		return secretsEngines
	}
	return nil
}

func (r registry) Get(name string, t consts.PluginType) (func() (any, error), bool) {
	factory, ok := r.table(t)[name]
	return func() (any, error) { return factory, nil }, ok
}

func (r registry) Contains(name string, t consts.PluginType) bool {
	_, ok := r.table(t)[name]
	return ok
}

func (r registry) Keys(t consts.PluginType) []string { return slices.Sorted(maps.Keys(r.table(t))) }

func (r registry) DeprecationStatus(name string, t consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, r.Contains(name, t)
}

func (registry) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }
