package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Tries of one call, and the longest wait between two of them. The SDK waits as the server's Retry-After says, or longer each time.
const (
	maxRetries   = 4
	minRetryWait = 250 * time.Millisecond
	maxRetryWait = time.Second
	longestWait  = 30 * time.Second
)

// A server is what all namespaces of one Vault share: the budget, the token, and what is known of the server itself.
type server struct {
	config Config
	opts   Options
	api    *api.Client
	pace   *pace
	login  func(context.Context) (secret, error) // nil: the token is given

	starting turn // of the one who starts
	renewing turn // of the one who logs in
	started  bool
	failed   *refusal // why nothing can be read

	documents inventory.Documents // texts of policies; namespaces often have the same

	mu    sync.Mutex
	token secret
	calls map[string]int // of calls made for no namespace in particular

	// What start found out; to be read after it.
	version       string
	identity      string   // display name of the token; under mu, since a report may be asked for at any time
	healthRefused *refusal // why the version is not known
	selfRefused   *refusal // why the identity is not known
}

func newServer(c Config, o Options, transport http.RoundTripper) (*server, error) {
	s := &server{config: c, opts: o, starting: newTurn(), renewing: newTurn(), calls: map[string]int{}, pace: newPace(transport, c.Budget, c.Timeout, o.Logger)}
	if err := s.credentials(); err != nil {
		return nil, err
	}
	// The SDK fills its defaults from the VAULT_ variables of the process; all that matters is set again here, so that the
	// configuration alone decides where a token goes.
	conf := api.DefaultConfig()
	if conf.Error != nil {
		return nil, fmt.Errorf("vault %q: a VAULT_ variable of the environment cannot be used: %w", c.Name, conf.Error)
	}
	backoff := conf.Backoff
	conf.Address, conf.AgentAddress, conf.SRVLookup, conf.Limiter = c.Address, "", false, nil
	conf.HttpClient = &http.Client{Transport: s.pace, CheckRedirect: conf.HttpClient.CheckRedirect}
	conf.Timeout = 0 // the pace has one for each try
	conf.MaxRetries, conf.MinRetryWait, conf.MaxRetryWait = maxRetries, minRetryWait, maxRetryWait
	if o.retryWait > 0 {
		conf.MinRetryWait, conf.MaxRetryWait = o.retryWait, o.retryWait
	}
	conf.CheckRetry = s.retry
	conf.Backoff = func(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
		return min(backoff(least, most, attempt, resp), longestWait)
	}
	client, err := api.NewClient(conf)
	if err != nil {
		return nil, fmt.Errorf("vault %q: make a client: %w", c.Name, err)
	}
	client.SetHeaders(http.Header{api.RequestHeaderName: {"true"}, "User-Agent": {strings.TrimSuffix("keyreeve/"+o.Version, "/")}})
	client.SetWrappingLookupFunc(func(string, string) string { return "" })
	client.ClearToken()
	s.api = client.WithRequestCallbacks(func(r *api.Request) { r.ClientToken = string(s.currentToken()) })
	return s, nil
}

// retry is the SDK's policy, except that a server which never answered is not asked again when there is no connection: its
// address is more likely wrong than the server starting, and the answer to a wrong address should be quick.
func (s *server) retry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil && !s.pace.answered.Load() {
		return false, err
	}
	return api.DefaultRetryPolicy(ctx, resp, err)
}

// in returns a client for a namespace.
func (s *server) in(ns string) *client {
	c := &client{server: s, api: s.api, prefix: relative(ns, s.config.Namespace)}
	if ns != "root" {
		c.api = s.api.WithNamespace(ns)
	}
	return c
}

// start finds out, once, whether the server can be read at all: it answers, is unsealed, and accepts the token. The error is a
// *refusal, or a context's, which is not kept.
func (s *server) start(ctx context.Context) error {
	if err := s.starting.take(ctx); err != nil {
		return err
	}
	defer s.starting.pass()
	if !s.started {
		err := s.tryStart(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.started = true
		errors.As(err, &s.failed)
	}
	if s.failed != nil {
		return s.failed
	}
	return nil
}

func (s *server) tryStart(ctx context.Context) error {
	if strings.HasPrefix(s.config.Address, "http:") && !s.config.Emulated {
		s.opts.Logger.Warn("the token goes to Vault in the clear; use https", "vault", s.config.Name)
	}
	s.healthRefused, s.selfRefused = nil, nil // of a try whose context ended
	if err := s.checkHealth(ctx); err != nil {
		return err
	}
	if s.login != nil {
		if err := s.renew(ctx, ""); err != nil {
			return err
		}
	}
	return s.checkToken(ctx)
}

// checkHealth asks without a token and in no namespace. That it is refused does not hinder reading, since a proxy may hide it, but
// a server that cannot be reached, or is sealed, cannot be read.
func (s *server) checkHealth(ctx context.Context) error {
	root := s.in("root")
	defer func() { s.add(root.calls) }()
	standing := map[string][]string{}
	for _, state := range []string{"uninit", "sealed", "standby", "performancestandby", "drsecondary", "removed", "haunhealthy"} {
		standing[state+"code"] = []string{"200"} // otherwise the state is told by a status that looks like a failure
	}
	text, err := root.fetch(ctx, readHealth, place{}, standing, nil)
	var health struct {
		Initialized *bool  `json:"initialized"`
		Sealed      *bool  `json:"sealed"`
		Version     string `json:"version"`
	}
	if err == nil {
		if json.Unmarshal(text, &health) != nil || health.Initialized == nil || health.Sealed == nil || health.Version == "" {
			err = &refusal{call: readHealth.Name, why: inventory.Unreadable, text: "the server does not answer as Vault does"}
		} else if !*health.Initialized || *health.Sealed {
			return &refusal{call: readHealth.Name, why: inventory.Unreachable, text: "Vault is sealed or not initialized", hint: "unseal it, then scan again"}
		}
	}
	if errors.As(err, &s.healthRefused); s.healthRefused != nil && !s.pace.answered.Load() {
		return s.wrongAddress(s.healthRefused)
	}
	s.version = health.Version
	return nil
}

// checkToken asks who the token is. A good token may not be allowed to ask; then each call tells for itself what is missing.
func (s *server) checkToken(ctx context.Context) error {
	home := s.in(s.config.Namespace)
	defer func() { s.add(home.calls) }()
	self, err := home.read(ctx, readSelf, place{})
	errors.As(err, &s.selfRefused)
	switch r := s.selfRefused; {
	case r == nil:
		s.mu.Lock()
		_ = json.Unmarshal(self["display_name"], &s.identity) // a token may have none
		s.mu.Unlock()
	case r.badToken:
		return r
	case s.healthRefused != nil && r.why != inventory.Denied && r.why != inventory.Throttled:
		return s.wrongAddress(r) // neither call was answered as Vault answers it
	}
	return nil
}

func (s *server) wrongAddress(r *refusal) *refusal {
	if r.hint == "" {
		r.hint = fmt.Sprintf("check the address %q of Vault %q, and that this machine can reach it", s.config.Address, s.config.Name)
	}
	return r
}

func (s *server) add(calls map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, n := range calls {
		s.calls[name] += n
	}
}

// who is the display name of the token, "" when it is not known.
func (s *server) who() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identity
}

func (s *server) callsSoFar() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

func (s *server) currentToken() secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

// redacted takes the token out of a text, should a server ever repeat it.
func (s *server) redacted(r *refusal) *refusal {
	if token := s.currentToken(); token != "" {
		r.text = strings.ReplaceAll(r.text, string(token), redacted)
	}
	return r
}
