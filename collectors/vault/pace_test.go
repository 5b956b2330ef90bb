package vault

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// These tests run in a bubble whose clock moves only when everything waits, so the times they compare are exact.

// openFake opens the full estate without a network.
func openFake(t *testing.T, fake http.RoundTripper, c Config) []inventory.Source {
	t.Helper()
	c.Name, c.Address, c.Emulated, c.Tokens.List = "eu", "http://vault.test", true, true
	c, err := c.check()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := open(t.Context(), c, Options{Env: func(string) string { return "hvs.canary" }, Now: func() time.Time { return noon }}, fake)
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// readAtOnce reads all sources at the same time. Gaps do not matter here.
func readAtOnce(t *testing.T, sources []inventory.Source) {
	t.Helper()
	var all sync.WaitGroup
	for _, s := range sources {
		all.Go(func() {
			for _, err := range s.Resources(t.Context()) {
				if gap := (*inventory.Gap)(nil); err != nil && !errors.As(err, &gap) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// No second holds more calls than the budget allows, and one, over all namespaces and retries together.
func TestNeverAboveTheRate(t *testing.T) {
	for _, throttled := range []int{0, 25} {
		synctest.Test(t, func(t *testing.T) {
			const rps = 10
			fault := collectortest.Fault{}
			if throttled > 0 {
				fault = collectortest.Fault{Kind: collectortest.Throttle, Times: throttled}
			}
			fake := vaultfake.New(fullEstate(120, "canary"), vaultfake.Options{Delay: 2 * time.Second, Fault: fault})
			readAtOnce(t, openFake(t, fake, Config{Namespaces: []string{"root", "team-a"}, Budget: Budget{RPS: rps, Concurrency: 50}}))
			arrivals := fake.Arrivals()
			if len(arrivals) < 80 {
				t.Fatalf("only %d calls arrived", len(arrivals))
			}
			for i := rps + 1; i < len(arrivals); i++ {
				if gap := arrivals[i].At.Sub(arrivals[i-rps-1].At); gap < time.Second {
					t.Fatalf("%d calls within %s, up to call %d", rps+2, gap, i)
				}
			}
		})
	}
}

// Calls under way at once never exceed the budget, and reach it.
func TestConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gauge := &gauge{next: vaultfake.New(fullEstate(60, "canary"), vaultfake.Options{Delay: time.Second})}
		readAtOnce(t, openFake(t, gauge, Config{Namespaces: []string{"root", "team-a"}, Budget: Budget{RPS: 1e6, Concurrency: 7}}))
		if gauge.most != 7 {
			t.Errorf("at most %d calls were under way, want 7", gauge.most)
		}
	})
}

// A gauge is a transport that keeps the highest number of calls under way.
type gauge struct {
	next      http.RoundTripper
	mu        sync.Mutex
	now, most int
}

func (g *gauge) RoundTrip(r *http.Request) (*http.Response, error) {
	g.add(1)
	defer g.add(-1)
	return g.next.RoundTrip(r)
}

func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now += n
	g.most = max(g.most, g.now)
}

// answers is a transport that gives one status after another, then 200 for ever.
type answers struct{ statuses []int }

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	status := http.StatusOK
	if len(a.statuses) > 0 {
		status, a.statuses = a.statuses[0], a.statuses[1:]
	}
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}
	if status == http.StatusServiceUnavailable {
		resp.Header.Set("Retry-After", "1")
	}
	return resp, nil
}

// The rate halves when the server asks, no lower than a 64th, and grows back to the budget and no further.
func TestRateAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		statuses := []int{429, 503}
		for range 20 {
			statuses = append(statuses, 429)
		}
		p := newPace(&answers{statuses}, Budget{RPS: 64, Concurrency: 1}, time.Minute, slog.New(slog.DiscardHandler))
		ask := func() float64 {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://vault.test/", nil)
			resp, err := p.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			return p.limit
		}
		for i, want := range []float64{32, 16, 8, 4, 2, 1, 1, 1} {
			if got := ask(); got != want {
				t.Fatalf("after %d refusals the rate is %v, want %v", i+1, got, want)
			}
		}
		for range 14 {
			ask()
		}
		if got, want := ask(), 1.64; math.Abs(got-want) > 1e-9 {
			t.Errorf("after one good answer the rate is %v, want %v", got, want)
		}
		for range 200 {
			ask()
		}
		if got := ask(); got != 64 {
			t.Errorf("after many good answers the rate is %v, want 64", got)
		}
	})
}

// Calls that were all sent before the server asked to slow down halve the rate once, not once each.
func TestRateHalvesOnceForCallsSentTogether(t *testing.T) {
	p := newPace(nil, Budget{RPS: 64, Concurrency: 1}, time.Minute, slog.New(slog.DiscardHandler))
	slow := &http.Response{StatusCode: 429, Request: &http.Request{URL: &url.URL{Host: "vault.test"}}}
	for range 10 {
		p.adapt(slow, 64)
	}
	if got := p.limit; got != 32 {
		t.Errorf("the rate is %v, want 32", got)
	}
}

// A server that does not answer is given up after the timeout, and the time spent waiting for one's turn does not count.
func TestTimeoutIsOfOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(vaultfake.New(vaultfake.Estate{"root": {}}, vaultfake.Options{Delay: 10 * time.Second}), Budget{RPS: 0.01, Concurrency: 1}, time.Second, slog.New(slog.DiscardHandler))
		for range 2 { // the second waits 100 s for its turn
			started := time.Now()
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://vault.test/v1/sys/health", nil)
			_, err := p.RoundTrip(req)
			if err == nil || !strings.Contains(err.Error(), "no answer within 1s") {
				t.Errorf("after %s: %v", time.Since(started), err)
			}
		}
	})
}

// A caller's deadline ends the reading with the deadline's error, not with gaps that blame the server.
func TestDeadlineIsNoGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sources := openFake(t, vaultfake.New(fullEstate(20, "canary"), vaultfake.Options{}), Config{Budget: Budget{RPS: 0.02}})
		ctx, cancel := context.WithTimeout(t.Context(), 130*time.Second) // the fourth call's turn comes after 150 s
		defer cancel()
		var last error
		for _, err := range sources[0].Resources(ctx) {
			var gap *inventory.Gap
			if errors.As(err, &gap) {
				t.Errorf("a gap: %v", gap)
			}
			last = err
		}
		if !errors.Is(last, context.DeadlineExceeded) {
			t.Errorf("ended with %v", last)
		}
	})
}
