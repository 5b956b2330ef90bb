package aws

import (
	"context"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A source reads one Region of one account.
type source struct {
	account   *account
	scope     inventory.Scope
	region    string
	services  []service // what it reads, in this order
	kms       *kms.Client
	secrets   *secretsmanager.Client
	workers   int            // keys or secrets that are read side by side
	opening   map[string]int // calls that were made to open the account, counted here
	emulated  bool
	logger    *slog.Logger
	documents *inventory.Documents

	mu    sync.Mutex
	calls map[string]int
}

// Scope is aws/-/ACCOUNT/REGION; "-" stands for the organization, which is not read, and for an account that is not known.
func (s *source) Scope() inventory.Scope { return s.scope }

// String keeps credentials out of whatever prints a source.
func (s *source) String() string { return "aws source " + s.scope.String() }

// GoString does the same for %#v.
func (s *source) GoString() string { return s.String() }

// Report says what the last reading did.
func (s *source) Report() inventory.Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return inventory.Report{Types: s.types(), Calls: maps.Clone(s.calls), Emulated: s.emulated, Identity: s.account.identity}
}

// types lists what is read, sorted.
func (s *source) types() []string {
	var out []string
	for _, v := range s.services {
		out = append(out, v.types...)
	}
	slices.Sort(out)
	return out
}

// count notes that a call is made.
func (s *source) count(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[call]++
}

// An observation is one thing to yield.
type observation struct {
	resource inventory.Resource
	gap      *inventory.Gap
}

// Resources yields what there is in the order in which it was read. When the context ends, its error is the last thing yielded,
// and what was not read by then is no gap. Nothing runs on when the loop over it is left.
func (s *source) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		s.mu.Lock()
		s.calls = maps.Clone(s.opening)
		if s.calls == nil {
			s.calls = map[string]int{}
		}
		s.mu.Unlock()

		reading, stop := context.WithCancel(ctx)
		found := make(chan observation)
		go func() {
			defer close(found)
			s.read(reading, found)
		}()
		defer func() {
			stop()
			for range found { // until the reader has ended
			}
		}()
		for o := range found {
			var err error
			if o.gap != nil {
				err = o.gap
			}
			if !yield(o.resource, err) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(inventory.Resource{}, err)
		}
	}
}

// read finds everything there is. It ends when the context does.
func (s *source) read(ctx context.Context, found chan<- observation) {
	if ctx.Err() != nil {
		return
	}
	why, asked := s.account.open(ctx)
	if asked {
		s.count(assumeRole)
	}
	if why != nil {
		s.lost(ctx, found, s.account.called(), why, s.types()...)
		return
	}
	for _, v := range s.services {
		v.read(s, ctx, found)
	}
}

// send hands one observation over. After the context has ended nothing is handed over: what failed then, failed because of that.
func (s *source) send(ctx context.Context, found chan<- observation, o observation) {
	if ctx.Err() != nil {
		return
	}
	select {
	case found <- o:
	case <-ctx.Done():
	}
}

// lost hands over a gap: what could not be read, why, and the types of resource that it may hide.
func (s *source) lost(ctx context.Context, found chan<- observation, what string, r *refusal, types ...string) {
	s.logger.Debug("could not read", "scope", s.scope, "what", what, "call", r.call, "why", r.why)
	s.send(ctx, found, observation{gap: &inventory.Gap{Scope: s.scope, Types: types, What: what, Why: r.why, Call: r.call, Hint: r.permit(""), Err: r.text}})
}
