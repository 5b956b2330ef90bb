package vault

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A source reads one namespace.
type source struct {
	server    *server
	namespace string
	main      bool             // it also reports the calls that concern the server as a whole
	found     []*inventory.Gap // gaps that were found before reading

	mu    sync.Mutex
	calls map[string]int // of the latest reading
}

// Scope is vault/NAME/NAMESPACE.
func (s *source) Scope() inventory.Scope { return s.server.scope(s.namespace) }

// Report says what the latest reading did.
func (s *source) Report() inventory.Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := inventory.Report{Types: s.types(), Calls: map[string]int{}, Emulated: s.server.config.Emulated, Identity: s.server.who()}
	maps.Copy(r.Calls, s.calls)
	if s.main {
		for name, n := range s.server.callsSoFar() {
			r.Calls[name] += n
		}
	}
	return r
}

// types are those this source reads. The cluster and its audit devices belong to the root namespace; tokens are opt-in.
func (s *source) types() []string {
	types := []string{
		"vault.approle.role", "vault.entity", "vault.group", "vault.jwt.role", "vault.kubernetes.role", "vault.kv.secret", "vault.mount", "vault.policy", "vault.token.role", "vault.transit.key",
		"vault.userpass.user",
	}
	if s.namespace == "root" {
		types = append(types, "vault.audit.device", "vault.cluster")
	}
	if s.server.config.Tokens.List {
		types = append(types, "vault.token")
	}
	slices.Sort(types)
	return types
}

// Resources reads the namespace with several calls under way at once, so the order is arbitrary. It returns when every worker has.
func (s *source) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		inner, cancel := context.WithCancel(ctx)
		defer cancel()
		r := &run{source: s, client: s.server.in(s.namespace), out: make(chan item)}
		r.crew.add(func() { r.begin(inner) })
		go func() {
			defer close(r.out)
			r.crew.run(inner, s.server.config.Budget.Concurrency)
		}()
		stopped := false
		for it := range r.out {
			if !stopped && !yield(it.resource, it.err) {
				stopped = true
				cancel()
			}
		}
		s.mu.Lock()
		s.calls = r.client.calls
		s.mu.Unlock()
		if err := ctx.Err(); err != nil && !stopped {
			yield(inventory.Resource{}, err)
		}
	}
}

// A run is one reading of a source.
type run struct {
	*source
	client *client
	crew   crew
	out    chan item
}

type item struct {
	resource inventory.Resource
	err      error
}

func (r *run) begin(ctx context.Context) {
	var refused *refusal
	if err := r.server.start(ctx); errors.As(err, &refused) {
		r.send(ctx, item{err: refused.gap(r.Scope(), nil, "anything", refused.call, "")})
		return
	}
	for _, gap := range r.found {
		r.send(ctx, item{err: gap})
	}
	if self := r.server.selfRefused; self != nil && r.main {
		r.gap(ctx, "keyreeve's own token", readSelf, place{}, self)
	}
	if r.namespace == "root" {
		r.crew.add(func() { r.readAudit(ctx) })
	}
	r.crew.add(func() { r.readPolicies(ctx) })
	r.readIdentity(ctx)
	r.readTokenRoles(ctx)
	r.crew.add(func() { r.readTokens(ctx) })
	r.crew.add(func() { r.readMounts(ctx) })
}

// resource begins a resource whose ID is the API path of the thing.
func (r *run) resource(typ, name, path string) inventory.Resource {
	info, _ := inventory.TypeOf(typ)
	return inventory.Resource{
		ID: inventory.VaultID(r.server.config.Name, r.namespace, path), Type: typ, Kind: info.Kind, Name: name,
		Origin: inventory.Live, Scope: r.Scope(), Emulated: r.server.config.Emulated,
	}
}

func (r *run) yield(ctx context.Context, res inventory.Resource) { r.send(ctx, item{resource: res}) }

// gap yields that a call which lists was refused. The end of the context is no gap.
func (r *run) gap(ctx context.Context, what string, call inventory.Call, at place, err error, types ...string) {
	var refused *refusal
	if errors.As(err, &refused) {
		if len(types) == 0 {
			types = []string{call.Type}
		}
		r.send(ctx, item{err: refused.gap(r.Scope(), types, what, call.Name, r.client.grant(call, at))})
	}
}

// unread lists all facts that a refused call would have answered as unknown.
func (r *run) unread(res *inventory.Resource, call inventory.Call, at place, refused *refusal) {
	for _, fact := range call.Facts {
		res.Unknown = append(res.Unknown, inventory.Unknown{Fact: fact, Why: refused.why, Call: call.Name, Hint: refused.advice(r.client.grant(call, at))})
	}
}

func (r *run) send(ctx context.Context, it item) {
	select {
	case r.out <- it:
	case <-ctx.Done():
	}
}

// gap makes a gap of a refusal; grant is the permission that would answer the call.
func (r *refusal) gap(scope inventory.Scope, types []string, what, call, grant string) *inventory.Gap {
	return &inventory.Gap{Scope: scope, Types: types, What: what, Why: r.why, Call: call, Hint: r.advice(grant), Err: r.text}
}

// advice is the next step: the permission where one is missing.
func (r *refusal) advice(grant string) string {
	switch {
	case r.hint != "":
		return r.hint
	case r.why == inventory.Denied:
		return grant
	case r.why == inventory.Unreachable:
		return "scan again; if it fails again, look at the server's own log"
	case r.why == inventory.NotRead:
		return "the answer does not state it"
	}
	return ""
}
