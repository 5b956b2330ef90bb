package vault

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// protected are the paths that need sudo besides, by mount: "Policies: Root protected API endpoints" in Vault's documentation, and what
// Vault 1.21 declares so. A "*" at the end stands for anything.
var protected = []struct {
	mount string
	paths []string
}{
	{"sys/", []string{
		"audit", "audit/*", "auth/*", "config/auditing/*", "config/cors", "config/ui/headers/*", "internal/counters/activity/export", "internal/inspect/*",
		"leases", "leases/lookup/*", "leases/revoke-force/*", "leases/revoke-prefix/*", "plugins/catalog/*", "plugins/runtimes/catalog/*", "raw", "raw/*", "remount",
		"replication/dr/primary/secondary-token", "replication/dr/reindex", "replication/performance/primary/secondary-token", "replication/performance/reindex",
		"replication/primary/secondary-token", "replication/reindex", "reporting/scan", "revoke-force/*", "revoke-prefix/*", "rotate", "seal", "step-down",
		"storage/raft/snapshot-auto/config/*",
	}},
	{"auth/token/", []string{"accessors/", "revoke-orphan"}},
	{"pki/", []string{"root", "root/sign-self-issued"}},
}

// needsSudo is true for the paths above. It is unknown where a request's path may begin with a namespace of which a root policy speaks,
// or with a pki engine that is mounted by another name. That "root" is deleted there is not told from a secret of that name.
func needsSudo(path string) access.Truth {
	if isProtected(path) {
		return access.Yes
	}
	if strings.HasSuffix(path, "/root/sign-self-issued") {
		return access.Maybe
	}
	for _, mount := range []string{"/sys/", "/auth/token/"} {
		if _, rest, ok := strings.Cut(path, mount); ok && isProtected(mount[1:]+rest) {
			return access.Maybe
		}
	}
	return access.No
}

func isProtected(path string) bool {
	for _, p := range protected {
		rest, ok := strings.CutPrefix(path, p.mount)
		if !ok {
			continue
		}
		for _, of := range p.paths {
			if front, open := strings.CutSuffix(of, "*"); rest == of || open && strings.HasPrefix(rest, front) {
				return true
			}
		}
	}
	return false
}
