package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A reading is what all sources of a configuration yielded.
type reading struct {
	resources map[inventory.ID]inventory.Resource
	gaps      []inventory.Gap
	reports   []inventory.Report
}

// read opens a configuration on a fake and reads all of it. The configuration needs no name, address or token.
func read(t *testing.T, fake *vaultfake.Server, c Config) *reading {
	t.Helper()
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c.Name, c.Address = "eu", server.URL
	if c.Budget.RPS == 0 {
		c.Budget.RPS = 1e6
	}
	return readAll(t, c, Options{Env: func(string) string { return "root-token" }, Now: func() time.Time { return noon }, retryWait: time.Microsecond})
}

func readAll(t *testing.T, c Config, o Options) *reading {
	t.Helper()
	sources, err := Open(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, t.Context(), sources)
}

func drain(t *testing.T, ctx context.Context, sources []inventory.Source) *reading {
	t.Helper()
	out := &reading{resources: map[inventory.ID]inventory.Resource{}}
	for _, s := range sources {
		for r, err := range s.Resources(ctx) {
			var gap *inventory.Gap
			switch {
			case errors.As(err, &gap):
				out.gaps = append(out.gaps, *gap)
			case err != nil:
				t.Fatal(err)
			default:
				r.Complete()
				out.resources[r.ID] = r
			}
		}
		out.reports = append(out.reports, s.(inventory.Reporter).Report())
	}
	return out
}

func (r *reading) ofType(typ string) (ids []inventory.ID) {
	for id, res := range r.resources {
		if res.Type == typ {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// gap returns the gap whose What contains a text.
func (r *reading) gap(t *testing.T, what string) inventory.Gap {
	t.Helper()
	for _, g := range r.gaps {
		if strings.Contains(g.What, what) {
			return g
		}
	}
	t.Fatalf("no gap of %q among %v", what, r.gaps)
	return inventory.Gap{}
}

// estateOf is one namespace with a token that may do everything.
func estateOf(ns vaultfake.Namespace) vaultfake.Estate {
	ns.Tokens = append(ns.Tokens, vaultfake.Token{ID: "root-token", Accessor: "own", Policies: []string{"root"}, Created: daysAgo(0), Path: "auth/token/root", Root: true})
	return vaultfake.Estate{"root": &ns}
}

func names(unknown []inventory.Unknown) (facts []string) {
	for _, u := range unknown {
		facts = append(facts, u.Fact)
	}
	return facts
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// pageForEverything is a web server that knows every path.
type pageForEverything struct{}

func (pageForEverything) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
}

func manyKeys(n int) (keys []vaultfake.TransitKey) {
	for i := range n {
		keys = append(keys, vaultfake.TransitKey{Name: fmt.Sprintf("key-%05d", i), Type: "aes256-gcm96", Versions: []time.Time{daysAgo(i)}})
	}
	return keys
}
