package azure_test

import (
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/reach"
)

// BenchmarkWhoCan asks who reads a secret in an estate of 3,000 users in 300 groups, 3,000 assignments and 300 machines with identities, by
// themselves and by becoming others, as the verb does: the snapshot is new each time.
func BenchmarkWhoCan(b *testing.B) {
	e := bare()
	e.role("Microsoft.Compute/virtualMachines/runCommand/action")
	for i := range 3_000 {
		who := fmt.Sprintf("guid-u%d", i)
		e.put("entra:t1/users/"+who, "entra.user", who, nil)
		scope := fmt.Sprintf("%s/resourcegroups/g%d", sub, i%300)
		switch i % 10 {
		case 0:
			members := ""
			for k := range 10 {
				members += fmt.Sprintf(`,{"@odata.type":"#microsoft.graph.user","id":"guid-u%d"}`, i+k)
			}
			id := fmt.Sprintf("guid-g%d", i)
			e.object("entra:t1/groups/"+id, "entra.group", id, `{"eligibilitySchedules":[],"members":[`+members[1:]+`],"owners":[]}`)
			e.assign(fmt.Sprint("g", i), id, valuesUser, map[bool]string{true: shop, false: scope}[i%100 == 0], "")
			vm := fmt.Sprintf("%s/providers/microsoft.compute/virtualmachines/vm%d", scope, i)
			e.object(vm, "azure.compute", fmt.Sprint("vm", i), fmt.Sprintf(`{"identity":{"principalId":"guid-vm%d"}}`, i))
			e.assign(fmt.Sprint("m", i), fmt.Sprintf("guid-vm%d", i), valuesUser, shop, "")
		default:
			e.assign(fmt.Sprint("u", i), who, custom, scope, "")
		}
	}
	snap := e.snapshot(b)
	b.ResetTimer()
	for range b.N {
		x, err := reach.New(snap)
		if err != nil {
			b.Fatal(err)
		}
		h, err := x.WhoCan("getSecret", secret)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(h.Holders)), "holders")
		b.ReportMetric(float64(len(h.Indirect)), "indirect")
	}
}
