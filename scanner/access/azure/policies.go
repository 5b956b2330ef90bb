package azure

import (
	"fmt"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
)

const vaultActions = "microsoft.keyvault/vaults/"

// policyTable gives the permissions of access policies that each data action of RBAC corresponds to: by
// https://learn.microsoft.com/azure/key-vault/general/rbac-migration and the permission each operation's REST reference names.
// A line is a kind of permission, then actions as ACTION=PERMISSION. Any of the permissions after = is enough; with ? it reaches a
// part of what the action does, such as listing without getting.
const policyTable = `
keys keys/read=get,list? keys/update/action=update keys/create/action=create keys/import/action=import keys/delete=delete
keys keys/recover/action=recover keys/restore/action=restore keys/backup/action=backup keys/purge/action=purge
keys keys/encrypt/action=encrypt keys/decrypt/action=decrypt keys/wrap/action=wrapkey keys/unwrap/action=unwrapkey
keys keys/sign/action=sign keys/verify/action=verify keys/release/action=release keys/rotate/action=rotate
keys keyrotationpolicies/read=getrotationpolicy keyrotationpolicies/write=setrotationpolicy
secrets secrets/getSecret/action=get secrets/setSecret/action=set secrets/update/action=set secrets/readMetadata/action=list,get?
secrets secrets/delete=delete secrets/backup/action=backup secrets/restore/action=restore secrets/recover/action=recover
secrets secrets/purge/action=purge
certificates certificates/read=get,list? certificates/create/action=create certificates/import/action=import
certificates certificates/update/action=update certificates/delete=delete certificates/backup/action=backup
certificates certificates/restore/action=restore certificates/recover/action=recover certificates/purge/action=purge
certificates certificatecas/read=getissuers,manageissuers,listissuers? certificatecas/write=setissuers,manageissuers?
certificates certificatecas/delete=deleteissuers,manageissuers certificatecontacts/write=managecontacts
storage storageaccounts/read=get,list? storageaccounts/set/action=set,update? storageaccounts/delete=delete
storage storageaccounts/backup/action=backup storageaccounts/restore/action=restore storageaccounts/recover/action=recover
storage storageaccounts/purge/action=purge storageaccounts/regeneratekey/action=regeneratekey
storage storageaccounts/sas/set/action=setsas storageaccounts/sas/delete=deletesas storageaccounts/sas/read=getsas,listsas?
`

// needed are the permissions that allow an action, each with how surely.
type needed struct {
	kind  string // of PolicyPermissions
	truth map[string]access.Truth
}

var policyNeeds = sync.OnceValue(func() map[string]needed {
	m := map[string]needed{}
	for line := range strings.Lines(policyTable) {
		f := strings.Fields(line)
		for i := 1; i < len(f); i++ {
			action, names, _ := strings.Cut(f[i], "=")
			n := needed{f[0], map[string]access.Truth{}}
			for name := range strings.SplitSeq(names, ",") {
				bare, part := strings.CutSuffix(name, "?")
				n.truth[bare] = access.Yes
				if part {
					n.truth[bare] = access.Maybe
				}
			}
			m[vaultActions+strings.ToLower(action)] = n
		}
	}
	return m
})

// of lists the permissions of one kind.
func (p *PolicyPermissions) of(kind string) []string {
	switch kind {
	case "keys":
		return p.Keys
	case "secrets":
		return p.Secrets
	case "certificates":
		return p.Certificates
	default:
		return p.Storage
	}
}

// policies gathers what the access policies of a vault that uses them give. They reach all of the vault: there is no narrower scope.
func (q *question) policies() ([]evidence, error) {
	need, ok := policyNeeds()[q.action]
	if !ok {
		return nil, fmt.Errorf("no permission of access policies is known for data action %q: ask for one of Key Vault's data actions", q.Action)
	}
	var grants []evidence
	for i := range q.Vault.AccessPolicies {
		p := &q.Vault.AccessPolicies[i]
		if p.ObjectID == "" {
			return nil, fmt.Errorf("vault.access_policies[%d] lacks objectId: give it", i)
		}
		if !q.who[strings.ToLower(p.ObjectID)] {
			continue
		}
		for _, permission := range p.Permissions.of(need.kind) {
			name := strings.ToLower(permission)
			t := need.truth[name]
			if name == "all" && need.truth["purge"] == access.No { // all is everything but purge
				t = access.Yes
			}
			if t == access.No {
				continue
			}
			statement := need.kind + "/" + permission
			g := evidence{truth: access.Yes, because: access.Because{Document: "access policy of " + p.ObjectID, Statement: statement}}
			g.require(t, access.Residual{Class: access.How, Key: "operation", Statement: statement})
			if p.ApplicationID != "" {
				g.require(access.Maybe, access.Residual{Class: access.Who, Key: "applicationId", Statement: statement})
			}
			grants = append(grants, g)
		}
	}
	return grants, nil
}
