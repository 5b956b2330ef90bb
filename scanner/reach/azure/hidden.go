package azure

import (
	"fmt"
	"maps"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// sortedRuns are the types of what runs, sorted.
var sortedRuns = slices.Sorted(maps.Keys(runs))

// spellings are types as Azure spells them, by what they are in lower case. Actions are compared without regard to case; these are for people.
var spellings = map[string]string{
	"microsoft.compute/virtualmachines":           "Microsoft.Compute/virtualMachines",
	"microsoft.compute/virtualmachinescalesets":   "Microsoft.Compute/virtualMachineScaleSets",
	"microsoft.web/sites":                         "Microsoft.Web/sites",
	"microsoft.containerinstance/containergroups": "Microsoft.ContainerInstance/containerGroups",
	"microsoft.app/containerapps":                 "Microsoft.App/containerApps",
	"microsoft.containerservice/managedclusters":  "Microsoft.ContainerService/managedClusters",
	"microsoft.automation/automationaccounts":     "Microsoft.Automation/automationAccounts",
	"microsoft.logic/workflows":                   "Microsoft.Logic/workflows",
}

func spelled(kind string) string {
	if s := spellings[kind]; s != "" {
		return s
	}
	return kind
}

// hidden is what was not read by which somebody may become somebody else. Whom that leads to is not asked.
func (e *Estate) hidden() (out []access.Unread) {
	add := func(u *access.Unread) {
		if u != nil && !slices.Contains(out, *u) {
			out = append(out, *u)
		}
	}
	for _, place := range e.reading.directories() {
		for _, typ := range []string{"entra.application", "entra.federated_credential", "entra.group", "entra.service_principal"} {
			add(e.reading.unlisted(place, typ))
		}
	}
	for _, place := range e.reading.subscriptions() {
		for _, typ := range []string{"azure.compute", "azure.managed_identity", "azure.role_assignment", "entra.federated_credential"} {
			add(e.reading.unlisted(place, typ))
		}
	}
	for i := range e.broken {
		if e.broken[i].typ == "azure.role_assignment" {
			add(&e.broken[i].Unread)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.assignments)) {
		if u, open := e.directory.open[id]; open {
			add(&u)
		}
		for i := range e.assignments[id] {
			e.unknownRole(&e.assignments[id][i], func(_, _ string, u access.Unread) { add(&u) })
		}
	}
	for _, w := range e.workloads {
		add(w.unread)
	}
	for _, id := range slices.Sorted(maps.Keys(e.identities)) {
		add(e.identities[id].unread)
	}
	var owners, eligible []*principal
	for _, p := range slices.Concat(e.directory.ours, e.directory.apps) {
		if p.resource != nil && p.object.Owners == nil && (p.kind == "group" || p.kind == "service principal" || p.kind == "application") {
			owners = append(owners, p)
		}
		if p.resource != nil && p.object.Eligible == nil && p.kind == "group" {
			eligible = append(eligible, p)
		}
	}
	add(together("owners", owners))
	add(together("who may activate that they belong to it", eligible))
	return out
}

// together is one line about what was not read of several.
func together(document string, of []*principal) *access.Unread {
	if len(of) == 0 {
		return nil
	}
	name := of[0].kind + " " + of[0].label
	if len(of) > 1 {
		name += fmt.Sprintf(" and %d more", len(of)-1)
	}
	return &access.Unread{Document: document, Of: name, Why: "not read"}
}
