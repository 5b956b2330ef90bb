// Package awsfake answers as AWS KMS, Secrets Manager, IAM, Organizations and STS do, over HTTP, for tests and demonstrations: paging, typed errors, key policies
// that refuse one call on one key, several accounts and Regions, assumed roles. Answers are encoded by AWS's own serialisers,
// so names, times and enumerations on the wire are AWS's.
//
// Of what changes what it holds, it knows the calls that rotations make. It does not check signatures; who calls follows from the
// access key's ID, and the Region from the scope of the signature. What it leaves to others is a listener: it is an
// http.Handler.
//
//	s := awsfake.New(time.Now)
//	prod := s.Account("111122223333")
//	prod.AddAccessKey("AKIAEXAMPLE")
//	prod.Region("eu-west-1").AddKey(awsfake.Key{Aliases: []string{"alias/payments"}, RotationPeriod: 365})
//	http.ListenAndServe("127.0.0.1:4566", s)
//
// A client is pointed at it with AWS_ENDPOINT_URL, or with `endpoint` in keyreeve.yaml.
package awsfake

import (
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// maxBody bounds a request; AWS's own limits are lower.
const maxBody = 1 << 20

// A Server holds accounts. Its methods may be called while it serves. The zero value is not usable; call New.
type Server struct {
	now func() time.Time

	mu       sync.Mutex
	accounts map[string]*Account
	callers  map[string]caller // by access key ID
	sessions int               // roles assumed so far
	made     int               // access keys made so far
	org      *Organization     // that all accounts are in which it lists; nil: none
	page     int
	delay    time.Duration
	faults   []*Fault
	calls    []Call
	canary   string
}

// A Call is one request that arrived.
type Call struct {
	Name    string // "kms:DescribeKey"
	Account string // of the caller; "" when its access key is not known
	Region  string
	At      time.Time // by the machine's clock, not by the server's
}

// New returns a server without accounts whose clock is now: it decides what a new key's creation date is.
func New(now func() time.Time) *Server {
	return &Server{now: now, accounts: map[string]*Account{}, callers: map[string]caller{}, page: 100}
}

// SetPageSize sets how many items a page of any list holds at most. AWS's default is 100 where the client names no limit.
func (s *Server) SetPageSize(n int) { s.locked(func() { s.page = n }) }

// SetDelay makes every answer come so much later.
func (s *Server) SetDelay(d time.Duration) { s.locked(func() { s.delay = d }) }

// SetCanary makes the secrets of assumed roles contain a word by which a test can find them where they should not be.
func (s *Server) SetCanary(word string) { s.locked(func() { s.canary = word }) }

// Calls returns what arrived so far, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Account returns the account with a twelve-digit number, and makes it when there is none.
func (s *Server) Account(id string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[id]
	if a == nil {
		a = &Account{ID: id, server: s, regions: map[string]*Region{}, roles: map[string]Role{}, disabled: map[string]bool{}}
		s.accounts[id] = a
	}
	return a
}

func (s *Server) locked(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// credentialScope is the part of a signature that says who calls and which Region it means:
// Credential=AKIAEXAMPLE/20260301/eu-west-1/kms/aws4_request
var credentialScope = regexp.MustCompile(`Credential=([^/, ]+)/\d+/([^/]+)/`)

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	arrived := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request too long", http.StatusRequestEntityTooLarge)
		return
	}
	req := parse(r, body)
	if m := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		req.accessKey, req.Region = m[1], m[2]
	}
	s.mu.Lock()
	who, known := s.callers[req.accessKey]
	req.Account, req.arn = who.account, who.arn
	s.calls = append(s.calls, Call{Name: req.Call, Account: req.Account, Region: req.Region, At: arrived})
	var answer Answer
	if known {
		answer = s.answer(&req)
	} else {
		answer = req.refuse(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	fault, delay := s.strike(req), s.delay
	s.mu.Unlock()

	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
			return
		}
	}
	if fault != nil {
		fault(w, r, req, answer)
		return
	}
	answer.send(w)
}

// An Answer is what goes over the wire.
type Answer struct {
	Status int
	Type   string // media type
	Body   []byte
}

// send writes headers and the beginning of the body together: a client that sees headers without a body behind them may
// close the connection under its own feet.
func (a Answer) send(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that has gone away needs no answer
}

// sorted lists the accounts by number.
func (s *Server) sorted() []string { return slices.Sorted(maps.Keys(s.accounts)) }
