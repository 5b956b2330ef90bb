package collectors

import (
	"context"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func openVault(ctx context.Context, c Config, o Options) ([]inventory.Source, error) {
	var all []inventory.Source
	for _, v := range c.Vault {
		sources, err := vault.Open(ctx, v, vaultOptions(o))
		if err != nil {
			return nil, err
		}
		all = append(all, sources...)
	}
	return all, nil
}

func envVault(o Options, c *Config) string {
	v, ok := vault.FromEnvironment(vaultOptions(o))
	if !ok {
		return ""
	}
	c.Vault = append(c.Vault, v)
	return "Vault at " + v.Address + " (VAULT_ADDR, VAULT_TOKEN)"
}

// permitVault prints one policy a configured server, or the general one where none is configured.
func permitVault(c Config) string {
	if len(c.Vault) == 0 {
		return vault.Permissions(vault.Config{})
	}
	var parts []string
	for _, v := range c.Vault {
		parts = append(parts, vault.Permissions(v))
	}
	return strings.Join(parts, "\n")
}

func vaultOptions(o Options) vault.Options {
	return vault.Options{Logger: o.Logger, Env: o.Env, Now: o.Now, Version: o.Version}
}
