package aws

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

// BenchmarkTwoHundredKeys reads 200 keys of a back end that takes 50 ms a call, and compares with what seven calls a key would take
// one after the other.
//
//	go test -bench TwoHundredKeys -run - ./collectors/aws
//
// times_serial is how many times faster it was; rate_of_budget is the highest rate of calls since the beginning, as a part of the
// budget, the burst of one left out: never above 1.
func BenchmarkTwoHundredKeys(b *testing.B) {
	const (
		keys  = 200
		delay = 50 * time.Millisecond
	)
	budget := Budget{RPS: 500, Concurrency: 40}
	fake, region := newFake()
	fake.SetPageSize(1000)
	for range keys {
		region.AddKey(awsfake.Key{RotationPeriod: 365, Created: made})
	}
	fake.SetDelay(delay)
	server := httptest.NewServer(fake)
	defer server.Close()
	highest := 0.0
	for b.Loop() {
		before, began := len(fake.Calls()), time.Now()
		got := readAt(b, Config{Endpoint: server.URL, Budget: budget})
		if len(got.keys) != keys || len(got.gaps) != 0 {
			b.Fatalf("read %d keys, gaps %v", len(got.keys), got.gaps)
		}
		for i, c := range fake.Calls()[before:] {
			if i > 0 {
				highest = max(highest, float64(i)/c.At.Sub(began).Seconds()/budget.RPS)
			}
		}
	}
	perRead := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(7*keys*delay)/float64(perRead), "times_serial")
	b.ReportMetric(highest, "rate_of_budget")
	if highest > 1 {
		b.Errorf("calls were made at %.3f of the budget", highest)
	}
}

// BenchmarkTenThousandSecrets reads 10,000 secrets of a back end that takes 10 ms a call, and compares with what one call after the
// other would take.
//
//	go test -bench TenThousandSecrets -benchtime 1x -run - ./collectors/aws
func BenchmarkTenThousandSecrets(b *testing.B) {
	const (
		secrets = 10_000
		delay   = 10 * time.Millisecond
	)
	fake, region := newFake()
	for i := range secrets {
		region.AddSecret(awsfake.Secret{Name: fmt.Sprintf("app/%05d", i), Created: made, Policy: policyText})
	}
	timesSerial(b, fake, delay, Config{Services: []string{"secretsmanager"}}, func(got reading) bool { return len(got.others) == 2*secrets })
}

// timesSerial reads a fake that takes so long a call, and reports how many times faster that is than the same calls one after the other.
func timesSerial(b *testing.B, fake *awsfake.Server, delay time.Duration, c Config, whole func(reading) bool) {
	b.Helper()
	fake.SetDelay(delay)
	server := httptest.NewServer(fake)
	defer server.Close()
	c.Endpoint, c.Budget = server.URL, Budget{RPS: 1e5, Concurrency: 50}
	for b.Loop() {
		if got := readAt(b, c); !whole(got) || len(got.gaps) != 0 {
			b.Fatalf("read %d resources, gaps %v", len(got.keys)+len(got.others), got.gaps)
		}
	}
	calls := len(fake.Calls()) / b.N
	b.ReportMetric(float64(calls), "calls")
	b.ReportMetric(float64(time.Duration(calls)*delay)/float64(b.Elapsed()/time.Duration(b.N)), "times_serial")
}
