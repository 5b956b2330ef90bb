package azure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// able are the operations that Key Vault offers with keys of one algorithm, of those that take one. Which a key is for can be changed, and of
// what kind it is cannot. From "Key types, algorithms, and operations" in the documentation of Azure Key Vault.
var able = map[string][]string{
	"ec":  {"sign", "verify"},
	"rsa": {"encrypt", "decrypt", "sign", "verify", "wrap", "unwrap"},
	"aes": {"encrypt", "decrypt", "wrap", "unwrap"},
}

// refused says why nobody may do something to a key or secret, or nil. Of a key whose algorithm was not read anybody may, and in a vault of which
// it was not read whether it has purge protection.
func (t *target) refused(q question) error {
	if t.vault.keeps && q.action.Action == vaultActions+t.kind+"/purge/action" {
		return &access.Refused{Why: fmt.Sprintf("Key Vault refuses to purge %q, whatever roles say, as its vault has purge protection, and that cannot be turned off", t.resource.Name)}
	}
	operation, is := strings.CutPrefix(strings.TrimSuffix(q.action.Action, "/action"), vaultActions+"keys/")
	k := t.resource.Key
	if !is || !slices.Contains(able["rsa"], operation) || k == nil || t.resource.Unread("key.algorithm") != nil { // others take no algorithm
		return nil
	}
	if with := able[k.Algorithm]; with == nil || slices.Contains(with, operation) {
		return nil
	}
	return &access.Refused{Why: fmt.Sprintf("Key Vault refuses to %s with %q, whatever roles say, as the key is of the kind %q, and that cannot be changed", operation, t.resource.Name, k.Algorithm)}
}
