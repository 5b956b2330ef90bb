package inventory

import "strings"

// VaultID names something in a Vault cluster. The cluster is the name in configuration, never the address, so an ID survives a move.
// The namespace is "root" or a path; parts are the API path of the thing, such as "transit", "keys", "jwt".
//
//	vault:eu/root/transit/keys/jwt
func VaultID(cluster, namespace string, parts ...string) ID {
	return ID("vault:" + cluster + "/" + VaultNamespace(namespace) + "/" + strings.Join(parts, "/"))
}

// VaultNamespace spells a namespace as IDs and scopes do: "root", or the path without slashes at its ends.
func VaultNamespace(ns string) string {
	if ns = strings.Trim(ns, "/"); ns == "" {
		return "root"
	}
	return ns
}
