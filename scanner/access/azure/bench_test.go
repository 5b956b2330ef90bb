package azure_test

import (
	"math/rand/v2"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

// BenchmarkDecide answers a request with twenty assignments of built-in roles, four of them of the principal and its groups, and a
// deny assignment.
func BenchmarkDecide(b *testing.B) {
	r := request(azure.Data, getSecret, pin, has(alice, "Reader", sub), has(team, "Key Vault Reader", group), has(alice, "Contributor", sub), has(team, "Key Vault Secrets User", vault))
	for range 16 {
		r.RoleAssignments = append(r.RoleAssignments, has(bob, "Key Vault Administrator", vault))
	}
	r = denying(r, denyWith(func(d *azure.DenyAssignment) { d.ExcludePrincipals = []azure.DenyPrincipal{{ID: team}} }))
	e := azure.New()
	for b.Loop() {
		e.Decide(r)
	}
}

// BenchmarkDecideGivenRoles answers requests that bring their own roles, conditions and deny assignments, and repeat them.
func BenchmarkDecideGivenRoles(b *testing.B) {
	var requests []azure.Request
	for seed := range uint64(1000) {
		requests = append(requests, estate{rand.New(rand.NewPCG(seed, 7))}.request())
	}
	e := azure.New()
	for i := 0; b.Loop(); i++ {
		e.Decide(requests[i%len(requests)])
	}
}
