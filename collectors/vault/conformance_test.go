package vault

import (
	"log/slog"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
)

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Backend{Name: "vault", Calls: Calls, Item: "vault.transit.key", List: listTransitKeys.Name, Open: openWorld})
}

func openWorld(t *testing.T, w collectortest.World) *collectortest.Opened {
	fake := vaultfake.New(fullEstate(w.Items, w.Canary), vaultfake.Options{
		Now: func() time.Time { return w.Now }, Delay: w.Delay, Fault: w.Fault,
		RetryAfter: "0", Login: map[string]string{"secret-id-" + w.Canary: "hvs." + w.Canary},
	})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c := Config{
		Name: "eu", Address: server.URL, Emulated: true, Namespaces: []string{"*"}, Auth: Auth{AppRole: AppRoleAuth{RoleID: "scanner"}},
		Tokens: Tokens{List: true}, Budget: Budget{RPS: w.Rate},
	}
	if w.Rate == 0 {
		c.Budget.RPS = 1e6
	}
	if w.Fault.Kind == collectortest.Down {
		c.Address = "http://" + deadAddress(t)
	}
	started := time.Now()
	sources, err := Open(t.Context(), c, Options{
		Logger: slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Env:    func(name string) string { return map[string]string{"VAULT_SECRET_ID": "secret-id-" + w.Canary}[name] },
		Now:    func() time.Time { return w.Now }, retryWait: time.Microsecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &collectortest.Opened{Sources: sources, Arrivals: fake.Arrivals, Hanging: fake.Hanging(), Burst: 1, Started: started}
}

// deadAddress is a loopback address where nobody listens.
func deadAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
