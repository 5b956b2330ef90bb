// Package vault reads HashiCorp Vault: mounts, transit keys, metadata of KV version 2, ACL policies with their texts, roles of
// AppRole, Kubernetes, JWT and OIDC, users of userpass, roles for tokens, entities and groups of the identity store with their aliases and metadata, audit devices and, where the configuration asks for it, tokens by their accessors. Each namespace is one source.
//
// It makes only calls that read, and none that returns a secret: never kv/data, transit/export or transit/backup. The table
// in calls.go lists every call with the facts it answers and the permission it needs; hints, the printed policy and the
// paths that are asked all come from it. What a value means for security is left to the rules.
//
// One more engine is a file with a list call, a read call and a function that turns an answer into facts, and a line in
// the table of engines (engines.go).
package vault
