package vault_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// benchmarkLines are requests of tokens with the policy default and one of their team's, which come again and again.
func benchmarkLines() [][]byte {
	var lines [][]byte
	for team := range 100 {
		var text strings.Builder
		for i := range 8 {
			fmt.Fprintf(&text, "path \"team%d/data/app%d/*\" {\n  capabilities = [\"read\", \"update\"]\n}\n", team, i)
		}
		fmt.Fprintf(&text, "path \"team%d/+/shared/*\" {\n  capabilities = [\"list\"]\n}\n", team)
		def := `path "auth/token/lookup-self" { capabilities = ["read"] }` + "\n" + `path "sys/capabilities-self" { capabilities = ["update"] }`
		line, _ := json.Marshal(map[string]any{
			"id": "1", "system": "vault", "policies": []vault.Policy{{Name: "default", Text: def}, {Name: "team", Text: text.String()}},
			"operation": "update", "path": fmt.Sprintf("team%d/data/app3/db", team), "data": map[string]any{"user": "a"}, "namespace": "", "wrap_ttl": "",
			"identity": map[string]any{"entity": map[string]any{}, "groups": []any{}},
		})
		lines = append(lines, line)
	}
	return lines
}

func BenchmarkDecideJSON(b *testing.B) {
	lines := benchmarkLines()
	e := vault.New()
	b.SetBytes(int64(len(lines[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a := e.DecideJSON(lines[i%len(lines)]); a.Decision != access.Allowed {
			b.Fatal(a)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

func BenchmarkDecide(b *testing.B) {
	var requests []vault.Request
	for _, line := range benchmarkLines() {
		var r vault.Request
		if err := json.Unmarshal(line, &r); err != nil {
			b.Fatal(err)
		}
		requests = append(requests, r)
	}
	e := vault.New()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if a := e.Decide(requests[i%len(requests)]); a.Decision != access.Allowed {
			b.Fatal(a)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
