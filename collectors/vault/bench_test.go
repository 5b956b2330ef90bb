package vault

import (
	"net/http"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
)

// BenchmarkReadKeys reads 1,000 transit keys from a server that takes 50 ms for each call, and reports how many times faster that
// is than four calls for each key, one after the other, and than one call for each.
func BenchmarkReadKeys(b *testing.B) {
	const keys, delay = 1000, 50 * time.Millisecond
	fake := vaultfake.New(estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: manyKeys(keys)}}}), vaultfake.Options{Delay: delay})
	c, err := Config{Name: "eu", Address: "http://vault.test", Emulated: true, Budget: Budget{RPS: 10_000, Concurrency: 64}}.check()
	if err != nil {
		b.Fatal(err)
	}
	sources, err := open(b.Context(), c, Options{Env: func(string) string { return "root-token" }}, http.RoundTripper(fake))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		for r, err := range sources[0].Resources(b.Context()) {
			if err == nil && r.Type == "vault.transit.key" {
				n++
			}
		}
		if n != keys {
			b.Fatalf("read %d keys, want %d", n, keys)
		}
	}
	took := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(4*keys*delay.Seconds()/took, "x-of-4-serial-calls")
	b.ReportMetric(keys*delay.Seconds()/took, "x-of-1-serial-call")
}
