// Package vaultfake is a Vault server at the level of the wire, for tests: it answers the read-only calls of a collector from an
// Estate, checks tokens and policies as Vault does, counts what arrives, and misbehaves on request. What it answers was taken
// from a real Vault 1.21, and collectors/vault compares the two where a real one can be had.
//
// Of writes it knows those that rotations make, and does them. It serves a secret's value only where a test of rotations has put one;
// transit/export and every other write are paths that it does not know.
package vaultfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
)

// Options are the circumstances of a fake.
type Options struct {
	Now   func() time.Time // default time.Now
	Delay time.Duration    // of every answer
	Fault collectortest.Fault
	// RetryAfter is the header of that name in throttled answers, in seconds; Vault's is 1 or more.
	RetryAfter string
	Sealed     bool
	// Login is what AppRole and Kubernetes logins give out, by secret-id or JWT.
	Login map[string]string
}

// A Server answers as Vault does. It is an http.Handler, and an http.RoundTripper that needs no network.
type Server struct {
	opts   Options
	estate Estate

	estateMu sync.Mutex
	mu       sync.Mutex
	requests int
	arrivals []collectortest.Arrival
	faults   int // calls hit so far
	hanging  chan struct{}
	made     int               // accessors so far
	wraps    map[string][]byte // answers that wait for who has their token
}

// New makes a fake that holds an estate. The estate is not copied, and must not be changed afterwards.
func New(e Estate, o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{opts: o, estate: e, hanging: make(chan struct{}), wraps: map[string][]byte{}}
}

// Arrivals returns what arrived so far, in order.
func (s *Server) Arrivals() []collectortest.Arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.arrivals)
}

// Calls counts what arrived so far, by name.
func (s *Server) Calls() map[string]int {
	n := map[string]int{}
	for _, a := range s.Arrivals() {
		n[a.Call]++
	}
	return n
}

// Hanging is closed when the first call hangs.
func (s *Server) Hanging() <-chan struct{} { return s.hanging }

// A reply is one answer, before a fault has spoilt it.
type reply struct {
	status int
	body   any
}

func failed(status int, errors ...string) reply {
	if errors == nil {
		errors = []string{}
	}
	return reply{status, object{"errors": errors}}
}

func denied(more ...string) reply {
	text := "1 error occurred:\n\t* permission denied\n\n"
	if len(more) > 0 {
		text = "2 errors occurred:\n\t* permission denied\n\t* " + more[0] + "\n\n"
	}
	return failed(http.StatusForbidden, text)
}

func unknownPath(path string) reply {
	return failed(http.StatusNotFound, "no handler for route \""+path+"\". route entry not found.")
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	arrived := time.Now()
	rt := s.route(r)
	s.mu.Lock()
	s.arrivals = append(s.arrivals, collectortest.Arrival{Call: rt.call, Bucket: "server", At: arrived})
	kind := s.fault(rt.call)
	s.mu.Unlock()
	if s.opts.Delay > 0 {
		select {
		case <-time.After(s.opts.Delay):
		case <-r.Context().Done():
			return
		}
	}
	var rep reply
	if !refuses[kind] {
		s.estateMu.Lock() // what a write changes is read by others
		rep = s.reply(r, rt)
		s.estateMu.Unlock()
	}
	if ttl := wrapTTL(r); ttl > 0 && rep.status == http.StatusOK && !rt.open {
		rep.body = s.wrap(rt.path, ttl, rep.body)
	}
	body, err := json.Marshal(rep.body)
	if err != nil {
		panic(err) // an estate that is no JSON is a mistake in a test
	}
	s.write(w, r, kind, rep.status, append(body, '\n'))
}

// reply is what a server in good health answers.
func (s *Server) reply(r *http.Request, rt route) reply {
	ns := s.estate[namespaceOf(r)]
	switch {
	case rt.handle == nil && rt.capability == "list":
		return unknownPath(rt.path + "/")
	case rt.handle == nil:
		return unknownPath(rt.path)
	case rt.open:
		return rt.handle(ns, nil)
	case s.opts.Sealed:
		return failed(http.StatusServiceUnavailable, "Vault is sealed")
	}
	token := s.token(r.Header.Get("X-Vault-Token"))
	switch {
	case r.Header.Get("X-Vault-Token") == "":
		return failed(http.StatusForbidden, "permission denied")
	case token == nil:
		return denied("invalid token")
	case !rt.everyone && !s.allows(token, r, rt):
		return denied()
	case ns == nil:
		return unknownPath(rt.path)
	}
	return rt.handle(ns, token)
}

// token finds a token in any namespace.
func (s *Server) token(id string) *Token {
	for _, ns := range s.estate {
		for i := range ns.Tokens {
			if t := &ns.Tokens[i]; t.ID == id && id != "" {
				return t
			}
		}
	}
	return nil
}

// allows checks a token's rules, which are written from the root namespace.
func (s *Server) allows(t *Token, r *http.Request, rt route) bool {
	path := rt.path
	if ns := namespaceOf(r); ns != "root" {
		path = ns + "/" + path
	}
	if rt.capability == "list" {
		path += "/" // as Vault spells what is listed
	}
	if t.Root {
		return true
	}
	if rule := deciding(t.Rules, path); rule != nil && rule.MinWrap > wrapTTL(r) {
		return false
	}
	return may(t.Rules, path, rt.capability) && (!rt.sudo || may(t.Rules, path, "sudo"))
}

func namespaceOf(r *http.Request) string {
	if ns := strings.Trim(r.Header.Get("X-Vault-Namespace"), "/"); ns != "" {
		return ns
	}
	return "root"
}

// fault tells how a call misbehaves. The caller holds the lock.
func (s *Server) fault(call string) collectortest.FaultKind {
	f := s.opts.Fault
	if f.Kind == collectortest.Healthy || f.Call != "" && f.Call != call || f.Times > 0 && s.faults >= f.Times {
		return collectortest.Healthy
	}
	s.faults++
	return f.Kind
}
