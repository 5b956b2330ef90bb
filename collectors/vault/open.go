package vault

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// maxNamespaces bounds how many namespaces are discovered below one.
const maxNamespaces = 10_000

// Open makes one source for each namespace of one Vault server. An error means that the configuration cannot be used as it
// stands. A server that does not answer, or refuses, is no error: its source yields a gap that says so.
//
// It makes calls only to discover namespaces, where the configuration asks for "*".
func Open(ctx context.Context, c Config, o Options) ([]inventory.Source, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	return open(ctx, c, o, transport)
}

// open is Open over any transport.
func open(ctx context.Context, c Config, o Options, transport http.RoundTripper) ([]inventory.Source, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := newServer(c, o, transport)
	if err != nil {
		return nil, err
	}
	namespaces, gaps, err := s.namespaces(ctx)
	if err != nil {
		return nil, err
	}
	var sources []inventory.Source
	for i, ns := range namespaces {
		src := &source{server: s, namespace: ns, main: i == 0}
		if ns == s.config.Namespace {
			src.found = gaps
		}
		sources = append(sources, src)
	}
	return sources, nil
}

// newTransport trusts the system's certificate authorities, or those of ca_file alone, and honours HTTPS_PROXY.
func newTransport(c Config) (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = c.Budget.Concurrency
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("vault %q: read ca_file: %w", c.Name, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("vault %q: ca_file %q holds no PEM certificate", c.Name, c.CAFile)
	}
	t.TLSClientConfig.RootCAs = pool
	return t, nil
}

// namespaces returns the namespaces to read, sorted within what was discovered, and gaps for those that could not be discovered.
func (s *server) namespaces(ctx context.Context) ([]string, []*inventory.Gap, error) {
	var all []string
	var gaps []*inventory.Gap
	for _, ns := range s.config.Namespaces {
		if ns != "*" {
			all = append(all, inventory.VaultNamespace(ns))
			continue
		}
		all = append(all, s.config.Namespace)
		if err := s.start(ctx); err != nil {
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			continue // the source of the home namespace tells
		}
		below, g := s.below(ctx, s.config.Namespace)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		all, gaps = append(all, below...), append(gaps, g...)
	}
	var unique []string
	for _, ns := range all {
		if !slices.Contains(unique, ns) {
			unique = append(unique, ns)
		}
	}
	return unique, gaps, nil
}

// below lists the namespaces below one, at every depth. Vault without namespaces has none.
func (s *server) below(ctx context.Context, top string) (all []string, gaps []*inventory.Gap) {
	waiting := []string{top}
	for len(waiting) > 0 && ctx.Err() == nil {
		ns := waiting[0]
		waiting = waiting[1:]
		c := s.in(ns)
		names, err := c.list(ctx, listNamespaces, place{})
		s.add(c.calls)
		var r *refusal
		if errors.As(err, &r) {
			if r.none {
				return nil, nil
			}
			gaps = append(gaps, r.gap(s.scope(top), nil, fmt.Sprintf("list of namespaces below %q", ns), listNamespaces.Name, c.grant(listNamespaces, place{})))
			continue
		}
		slices.Sort(names)
		for _, name := range names {
			child := inventory.VaultNamespace(name)
			if ns != "root" {
				child = ns + "/" + child
			}
			if len(all) == maxNamespaces {
				return all, append(gaps, &inventory.Gap{
					Scope: s.scope(top), What: fmt.Sprintf("namespaces after the first %d", maxNamespaces),
					Why: inventory.OutOfScope, Call: listNamespaces.Name, Hint: "list the namespaces to read in the configuration, in several sources",
				})
			}
			all, waiting = append(all, child), append(waiting, child)
		}
	}
	slices.Sort(all)
	return all, gaps
}

// scope names a namespace of this server. Namespaces within each other are scopes within each other.
func (s *server) scope(ns string) inventory.Scope {
	return inventory.NewScope(append([]string{"vault", s.config.Name}, strings.Split(ns, "/")...)...)
}
