package collectortest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// The suite is tested with a collector of a few lines that can be made wrong in one way at a time.

type defect string

const (
	none           defect = ""
	duplicate      defect = "two resources with one ID"
	forgetful      defect = "a required fact that is neither known nor unknown"
	firstPage      defect = "reads the first page only"
	emptyList      defect = "a refused list is empty"
	zeroFact       defect = "a refused fact is its zero value"
	omittedFact    defect = "a refused fact is left out"
	lostItem       defect = "an item that cannot be read is left out"
	leaks          defect = "shows the credential"
	spendthrift    defect = "ignores the budget"
	impatient      defect = "gives up when throttled"
	unlisted       defect = "makes a call that its table lacks"
	elsewhere      defect = "a resource outside its scope"
	gapOnCancel    defect = "calls its own cancellation a gap"
	deaf           defect = "does not stop when cancelled"
	goroutine      defect = "leaves a goroutine behind"
	moody          defect = "two runs differ"
	noHint         defect = "names no permission"
	miscounts      defect = "reports calls that it did not make"
	wrongFacet     defect = "carries the facet of another kind"
	errorNotGap    defect = "ends with an error that is no gap"
	callsCancelled defect = "goes on calling after it was cancelled"
)

// TestSuiteFindsEachDefect wants the case made for it to complain, and no case to complain without a defect.
func TestSuiteFindsEachDefect(t *testing.T) {
	was := patience
	patience = 300 * time.Millisecond // a defect that hangs is found when patience ends
	t.Cleanup(func() { patience = was })
	for wrong, found := range map[defect]string{
		duplicate: "healthy", forgetful: "healthy", firstPage: "page edges", emptyList: "deny LIST", zeroFact: "deny GET", omittedFact: "deny GET", lostItem: "deny GET", leaks: "healthy",
		spendthrift: "budget", impatient: "throttled twice GET", unlisted: "healthy", elsewhere: "healthy", gapOnCancel: "cancelled while hanging", deaf: "cancelled while hanging",
		goroutine: "left early", moody: "equal runs", noHint: "deny LIST", miscounts: "healthy", wrongFacet: "healthy", errorNotGap: "markup LIST", callsCancelled: "cancelled before",
	} {
		t.Run(string(wrong), func(t *testing.T) {
			ran := false
			for _, c := range cases(toy(none)) {
				if c.name == found {
					ran = true
					if len(c.run(t, toy(wrong))) == 0 {
						t.Errorf("%q does not complain", found)
					}
				}
			}
			if !ran {
				t.Fatalf("there is no case %q", found)
			}
		})
	}
}

func TestSuiteAcceptsAGoodCollector(t *testing.T) { Run(t, toy(none)) }

const toyType = "vault.policy"

func toy(wrong defect) Backend {
	return Backend{
		Name: "vault", Item: toyType, List: "LIST", Page: 2,
		Calls:  []inventory.Call{{Name: "LIST", Type: toyType, Permission: "list"}, {Name: "GET", Type: toyType, Facts: []string{"policy.builtin"}, Permission: "read"}},
		Cannot: map[FaultKind]string{},
		Open: func(t *testing.T, w World) *Opened {
			b := &toyBackend{world: w, hanging: make(chan struct{}), over: t.Context().Done()}
			limit := rate.Limit(w.Rate)
			if w.Rate == 0 {
				limit = rate.Inf
			}
			return &Opened{
				Sources: []inventory.Source{&toySource{back: b, wrong: wrong, limiter: rate.NewLimiter(limit, 1)}},
				Hanging: b.hanging, Burst: 1, Started: time.Now(), Arrivals: b.arrivals,
			}
		},
	}
}

// toyBackend is a server without wires.
type toyBackend struct {
	world   World
	hanging chan struct{}
	over    <-chan struct{} // the test has ended
	mu      sync.Mutex
	seen    []Arrival
	struck  int
}

var errRefused, errThrottled, errBroken = errors.New("refused"), errors.New("throttled"), errors.New("broken")

func (b *toyBackend) arrivals() []Arrival {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Arrival(nil), b.seen...)
}

func (b *toyBackend) call(ctx context.Context, name string) error {
	b.mu.Lock()
	b.seen = append(b.seen, Arrival{Call: name, At: time.Now()})
	f := b.world.Fault
	hit := f.Kind != Healthy && (f.Call == "" || f.Call == name) && (f.Times == 0 || b.struck < f.Times)
	if hit {
		b.struck++
	}
	first := b.struck == 1
	b.mu.Unlock()
	switch {
	case !hit:
		return nil
	case f.Kind == Deny:
		return errRefused
	case f.Kind == Throttle:
		return errThrottled
	case f.Kind == Hang:
		if first {
			close(b.hanging)
		}
		select {
		case <-ctx.Done():
		case <-b.over:
		}
		return ctx.Err()
	}
	return errBroken
}

type toySource struct {
	back    *toyBackend
	wrong   defect
	limiter *rate.Limiter
	calls   map[string]int
	runs    int
}

func (s *toySource) Scope() inventory.Scope { return "vault/toy" }

func (s *toySource) Report() inventory.Report {
	if s.wrong == miscounts {
		s.calls["LIST"] += 5
	}
	return inventory.Report{Types: []string{toyType}, Calls: s.calls}
}

// ask makes one call, and again when it is throttled.
func (s *toySource) ask(ctx context.Context, name string) error {
	s.calls[name]++
	for try := 0; ; try++ {
		if s.wrong == deaf || s.wrong == callsCancelled {
			ctx = context.WithoutCancel(ctx)
		}
		if s.wrong != spendthrift {
			if err := s.limiter.Wait(ctx); err != nil {
				return err
			}
		}
		err := s.back.call(ctx, name)
		if !errors.Is(err, errThrottled) || try == 5 || s.wrong == impatient {
			return err
		}
	}
}

func (s *toySource) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		s.calls, s.runs = map[string]int{}, s.runs+1
		if s.wrong == goroutine {
			go func() { time.Sleep(time.Second) }()
		}
		for page := 0; page*2 <= s.back.world.Items; page++ {
			if err := s.ask(ctx, "LIST"); err != nil {
				if s.wrong != emptyList {
					yield(inventory.Resource{}, s.failed(ctx, err))
				}
				return
			}
			for i := page * 2; i < min(page*2+2, s.back.world.Items); i++ {
				r, ok := s.item(ctx, i)
				if ctx.Err() != nil {
					yield(inventory.Resource{}, ctx.Err())
					return
				}
				if ok && !yield(r, nil) {
					return
				}
			}
			if s.wrong == firstPage {
				return
			}
		}
		if s.wrong == unlisted {
			_ = s.ask(ctx, "EXPORT")
		}
	}
}

func (s *toySource) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil && s.wrong != gapOnCancel || s.wrong == errorNotGap {
		return err
	}
	g := &inventory.Gap{Scope: s.Scope(), Types: []string{toyType}, What: "list", Why: reasonOf(err), Call: "LIST", Hint: "list", Err: err.Error()}
	if s.wrong == noHint {
		g.Hint = ""
	}
	return g
}

func (s *toySource) item(ctx context.Context, i int) (inventory.Resource, bool) {
	yes := true
	r := inventory.Resource{ID: inventory.ID(fmt.Sprint("toy-", i)), Name: "toy", Type: toyType, Kind: inventory.KindPolicy, Origin: inventory.Live, Scope: s.Scope(), Policy: &inventory.Policy{}}
	err := s.ask(ctx, "GET")
	switch {
	case err == nil && s.wrong != forgetful:
		r.Policy.Builtin = &yes
	case err != nil && s.wrong == zeroFact:
		r.Policy.Builtin = new(bool)
	case err != nil && s.wrong == lostItem:
		return r, false
	case err != nil && s.wrong != omittedFact:
		r.Unknown = []inventory.Unknown{{Fact: "policy.builtin", Why: reasonOf(err), Call: "GET", Hint: "read"}}
	}
	switch s.wrong {
	case duplicate:
		r.ID = "toy"
	case leaks:
		r.Name = "x" + s.back.world.Canary
	case elsewhere:
		r.Scope = "vault/other"
	case moody:
		r.Name = fmt.Sprint("toy ", s.runs)
	case wrongFacet:
		r.Audit = &inventory.Audit{}
	}
	return r, true
}

func reasonOf(err error) inventory.Reason {
	switch {
	case errors.Is(err, errRefused):
		return inventory.Denied
	case errors.Is(err, errThrottled):
		return inventory.Throttled
	}
	return inventory.Unreachable
}
