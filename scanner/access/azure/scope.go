package azure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

const (
	groupPrefix  = "/providers/microsoft.management/managementgroups/"
	subscription = "/subscriptions/"
	vaultScope   = "/providers/microsoft.keyvault/vaults/"
)

// normalScope is a scope as scopes are compared: in lower case, with a slash before it and none after.
func normalScope(s string) string { return "/" + strings.ToLower(strings.Trim(s, "/")) }

// scopeOf is the scope of an assignment as it is written: where it says, or else what its ID stands under. False if it says neither.
func scopeOf(scope, id string) (string, bool) {
	if scope != "" {
		return scope, true
	}
	i := strings.LastIndex(strings.ToLower(id), "/providers/microsoft.authorization/")
	if i < 0 {
		return "", false
	}
	return cmp.Or(id[:i], "/"), true
}

// beneath says whether a normal scope is another or stands under it: "/a/b" under "/a" and "/", but not "/ab" under "/a".
func beneath(scope, above string) bool {
	return above == "/" || scope == above || strings.HasPrefix(scope, above) && scope[len(above)] == '/'
}

// ancestry answers which management groups stand above a scope.
type ancestry map[string][]string

// covers says whether an assignment at one normal scope reaches another. It is unknown only where the assignment is at a
// management group and the request does not say under which groups the other scope stands.
func (a ancestry) covers(assigned, scope string) access.Truth {
	if beneath(scope, assigned) {
		return access.Yes
	}
	if !strings.HasPrefix(assigned, groupPrefix) {
		return access.No
	}
	var child string
	switch {
	case strings.HasPrefix(scope, subscription):
		child = segments(scope, 2)
	case strings.HasPrefix(scope, groupPrefix):
		child = segments(scope, 4)
	default:
		return access.No // the root, and what belongs to the tenant itself, stand under no management group
	}
	groups, known := a.above(child)
	if !known {
		return access.Maybe
	}
	return access.Known(slices.ContainsFunc(groups, func(g string) bool { return normalScope(g) == assigned }))
}

// above lists the management groups above a subscription or a management group, in no order: those listed for it, and those after
// it in any list.
func (a ancestry) above(child string) (groups []string, known bool) {
	for of, list := range a {
		if normalScope(of) == child {
			groups, known = append(groups, list...), true
		}
		for i, g := range list {
			if normalScope(g) == child {
				groups, known = append(groups, list[i+1:]...), true
			}
		}
	}
	return groups, known
}

// segments is the first n segments of a normal scope.
func segments(scope string, n int) string {
	end := 0
	for ; n > 0; n-- {
		i := strings.IndexByte(scope[min(end+1, len(scope)):], '/')
		if i < 0 {
			return scope
		}
		end += i + 1
	}
	return scope[:end]
}

// objects are the scopes of what an action at a normal scope touches. The private key of a certificate is a secret and a key of the
// same name, so an action on secrets or keys that is asked of a certificate touches these. An assignment at the certificate reaches
// no action that is asked of the secret or the key by their own scopes.
func objects(action, scope string) []string {
	at := strings.Index(scope, vaultScope)
	if at < 0 {
		return []string{scope}
	}
	vault, object, ok := strings.Cut(scope[at+len(vaultScope):], "/certificates/")
	if !ok || strings.Contains(vault, "/") {
		return []string{scope}
	}
	for _, kind := range []string{"secrets", "keys"} {
		if strings.HasPrefix(action, "microsoft.keyvault/vaults/"+kind+"/") {
			return []string{scope, scope[:at+len(vaultScope)] + vault + "/" + kind + "/" + object}
		}
	}
	return []string{scope}
}
