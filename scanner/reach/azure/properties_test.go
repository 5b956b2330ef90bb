package azure_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var cases = flag.Int("cases", 200, "random estates that properties are tried on")

type random struct{ *rand.Rand }

func (r random) pick(of ...string) string { return of[r.IntN(len(of))] }

func (r random) chance(percent int) bool { return r.IntN(100) < percent }

// estate is a random one of which everything was read.
func (r random) estate() *estate {
	e := bare()
	who := []string{ann, ben, team, inner, mi, ci, "guid-gone"}
	scopes := []string{"/", sub, group, shop, secret, key, machine, app, "/providers/microsoft.management/managementgroups/prod", "/providers/microsoft.management/managementgroups/dev"}
	e.identified()
	owner1 := `{"id":"` + r.pick(ann, ben) + `"}`
	e.registered(owner1, "")
	e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"members":[{"@odata.type":"#microsoft.graph.user","id":"`+r.pick(ann, ben)+`"}],"owners":[`+r.pick(owner1, "")+`]}`)
	who = append(who, "guid-far")
	if r.chance(50) {
		e.federated(app, map[string]any{"method": "federated_credential", "issuer": "https://issuer.test", "bound_subject": "x", "bound_audiences": []string{}})
	}
	e.role(
		r.pick("Microsoft.Compute/*", "Microsoft.Compute/virtualMachines/runCommand/action", "*/read"),
		r.pick("Microsoft.ManagedIdentity/*", "Microsoft.KeyVault/vaults/write", "*/read"),
	)
	for i := range r.IntN(5) {
		e.assign(fmt.Sprint("a", i), r.pick(who...), r.pick(valuesUser, valuesUser, cryptoUser, administrator, owner, contributor, dataAdministrator, custom, custom), r.pick(scopes...), r.pick("", "", `,"eligible":true`))
	}
	if r.chance(40) {
		e.deny("d", `"principals":[{"id":"`+r.pick(append(who, "00000000-0000-0000-0000-000000000000")...)+`"}],"excludePrincipals":[{"id":"`+r.pick(who...)+`"}]`)
	}
	if r.chance(40) {
		e.policies(`{"objectId":"` + r.pick(who...) + `","permissions":{"secrets":["` + r.pick("get", "list", "all") + `"]}}`)
	}
	return e
}

// forget is the same estate with some of it not read.
func (r random) forget(e *estate) *estate {
	out := &estate{scopes: map[string][]string{}, resources: slices.Clone(e.resources)}
	for scope, types := range e.scopes {
		out.scopes[scope] = types
	}
	for range 1 + r.IntN(3) {
		switch r.IntN(4) {
		case 0: // a listing, of which some may be there all the same
			scope := r.pick("azure/t1/directory", "azure/t1/s1", "azure/t1/s1/shop")
			typ := r.pick(out.scopes[scope]...)
			if typ == "azure.keyvault.secret" || typ == "entra.user" || typ == "azure.keyvault.key" {
				continue // nobody could ask about these
			}
			if r.chance(50) {
				out.unread(scope, typ)
			} else {
				out.gaps = append(out.gaps, inventory.Gap{Scope: inventory.Scope(scope), Types: []string{typ}, What: "some", Why: inventory.Denied})
			}
			out.resources = slices.DeleteFunc(out.resources, func(m map[string]any) bool { return m["type"] == typ && m["scope"] == scope && r.chance(70) })
		case 1: // the document of one
			i := r.IntN(len(out.resources))
			m := map[string]any{}
			for k, v := range out.resources[i] {
				m[k] = v
			}
			if _, has := m["document"]; has {
				delete(m, "document")
				if r.chance(30) {
					m["document"] = `{"broken":`
				}
				out.resources[i] = m
			}
		case 2: // by what the vault goes
			out.put(shop, "azure.keyvault.vault", "shop", nil)
		case 3: // above what the subscription stands
			out.put(sub, "azure.subscription", "prod", nil)
		}
	}
	return out
}

var askers = []string{ann, ben, mi, ci, team, inner}

// TestWhatWasNotReadIsUnknown: nothing that is said of an estate of which a part was not read is otherwise once it is.
func TestWhatWasNotReadIsUnknown(t *testing.T) {
	decided := 0
	for seed := range uint64(*cases) {
		r := random{rand.New(rand.NewPCG(seed, 1))}
		whole := r.estate()
		part := r.forget(whole)
		all, some := reached(t, whole), reached(t, part)
		for _, action := range []string{"getSecret", "purge", "Microsoft.Authorization/roleAssignments/write"} {
			h, err := some.WhoCan(action, secret)
			if err != nil {
				t.Fatal(err)
			}
			for _, who := range askers {
				truth, err := all.Can(who, action, secret)
				if err != nil {
					continue // it is mentioned nowhere
				}
				said, err := some.Can(who, action, secret)
				if err != nil {
					continue
				}
				listed := access.Denied
				for _, x := range h.Holders {
					if x.Principal == said.Principal {
						listed = x.Decision
					}
				}
				wrong := ""
				switch {
				case (listed == access.Allowed) != (said.Direct.Decision == access.Allowed):
					wrong = "is listed as " + string(listed) + " and explained as " + string(said.Direct.Decision)
				case said.Direct.Decision == access.Failed:
					wrong = "is not decided"
				case said.Direct.Decision == access.Allowed && truth.Direct.Decision != access.Allowed:
					wrong = "may, for certain"
				case said.Direct.Decision == access.Denied && truth.Direct.Decision != access.Denied:
					wrong = "may not, for certain"
				case said.Direct.Decision == access.Denied && len(said.Unread) == 0 && len(said.Path) == 0 && len(truth.Path) > 0:
					wrong = "becomes nobody, for certain"
				case len(h.Unread) == 0 && truth.Direct.Decision != access.Denied && listed == access.Denied:
					wrong = "is not among all holders"
				}
				if len(said.Unread) == 0 {
					decided++
				}
				if wrong != "" {
					t.Fatalf("seed %d: %s of %s %s, with %v not read; in truth %s by %v, %v", seed, action, said.Principal, wrong, said.Unread, truth.Direct.Decision, truth.Direct.Because, truth.Path)
				}
			}
		}
	}
	if decided == 0 {
		t.Error("nothing was ever decided")
	}
}

// TestWhoIsCan: both verbs say the same, and the fix holds when it is made.
func TestWhoIsCan(t *testing.T) {
	fixed := 0
	for seed := range uint64(*cases) {
		r := random{rand.New(rand.NewPCG(seed, 2))}
		e := r.estate()
		x := reached(t, e)
		for _, action := range []string{"getSecret", "delete", "Microsoft.KeyVault/vaults/delete"} {
			h, err := x.WhoCan(action, secret)
			if err != nil {
				t.Fatal(err)
			}
			for _, who := range askers {
				one, err := x.Can(who, action, secret)
				if err != nil {
					continue
				}
				listed := access.Denied
				for _, holder := range h.Holders {
					if holder.Principal == one.Principal {
						listed = holder.Decision
					}
				}
				indirect := slices.ContainsFunc(h.Indirect, func(x access.Holder) bool { return x.Principal == one.Principal })
				if listed != one.Direct.Decision || indirect != (len(one.Path) > 0) {
					t.Fatalf("seed %d: who-can says %s of %s (indirect: %v), can says %s (%d steps)", seed, listed, one.Principal, indirect, one.Direct.Decision, len(one.Path))
				}
				if len(one.Fix) == 0 {
					continue
				}
				fixed++
				without := &estate{scopes: e.scopes, resources: slices.Clone(e.resources)}
				for _, f := range one.Fix {
					name, isRole := strings.CutPrefix(f.Document, "role assignment ")
					name, _, _ = strings.Cut(name, " ")
					if isRole {
						without.resources = slices.DeleteFunc(without.resources, func(m map[string]any) bool { return m["name"] == name })
					} else {
						without.policies("")
					}
				}
				after, err := reached(t, without).Can(who, action, secret)
				if err == nil && after.Direct.Decision != access.Denied {
					t.Fatalf("seed %d: after %v %s still may %s: %s", seed, one.Fix, who, action, after.Direct.Decision)
				}
			}
		}
	}
	if fixed == 0 {
		t.Error("nothing was ever fixed")
	}
}
