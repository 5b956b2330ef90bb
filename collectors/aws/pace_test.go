package aws

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// A stub answers every call with the same status and body, and notes when each was sent. In a synctest bubble the clock is
// virtual, so these tests count, and do not hope.
type stub struct {
	status int
	body   string
	delay  time.Duration
	sent   []time.Time
}

func (s *stub) Do(r *http.Request) (*http.Response, error) {
	s.sent = append(s.sent, time.Now())
	time.Sleep(s.delay)
	return &http.Response{StatusCode: s.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

func kmsRequest(ctx context.Context, operation string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://kms.test/", nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("X-Amz-Target", "TrentService."+operation)
	return r
}

const (
	emptyList = `{"Keys":[],"Truncated":false}`
	slower    = `{"__type":"ThrottlingException","message":"Rate exceeded"}`
)

// TestPaceNeverExceedsTheBudget sends a hundred calls at once; within any second there are never more than the budget and one.
func TestPaceNeverExceedsTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{status: http.StatusOK, body: emptyList}
		p := newPace(s, Budget{RPS: 20, Concurrency: 1}, slog.New(slog.DiscardHandler))
		for range 100 {
			if _, err := p.Do(kmsRequest(t.Context(), "ListKeys")); err != nil {
				t.Fatal(err)
			}
		}
		for i, from := range s.sent {
			n := 0
			for _, at := range s.sent[i:] {
				if at.Sub(from) < time.Second {
					n++
				}
			}
			if n > 21 {
				t.Fatalf("%d calls in the second after call %d, the budget is 20", n, i)
			}
		}
		if took := s.sent[99].Sub(s.sent[0]); took > 99*time.Second/20+time.Millisecond {
			t.Errorf("a hundred calls took %s of a budget of 20 a second: it is not used", took)
		}
	})
}

// TestPaceSlowsDownWhenThrottled halves the rate with each answer that throttles, to a floor, and recovers.
func TestPaceSlowsDownWhenThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{status: http.StatusBadRequest, body: slower}
		p := newPace(s, Budget{RPS: 64, Concurrency: 1}, slog.New(slog.DiscardHandler))
		send := func() {
			if _, err := p.Do(kmsRequest(t.Context(), "ListKeys")); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []rate.Limit{32, 16, 8, 4, 2, 1, 1} {
			if send(); p.limiter.Limit() != want {
				t.Fatalf("the rate is %v, want %v", p.limiter.Limit(), want)
			}
		}
		s.status, s.body = http.StatusOK, emptyList
		for range 200 {
			send()
		}
		if p.limiter.Limit() != 64 {
			t.Errorf("the rate is %v after 200 answers, want the budget", p.limiter.Limit())
		}
	})
}

// TestPaceHalvesOnceForCallsUnderWay does not take eight refusals of one moment for eight signs.
func TestPaceHalvesOnceForCallsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{status: http.StatusBadRequest, body: slower}
		p := newPace(s, Budget{RPS: 64, Concurrency: 1}, slog.New(slog.DiscardHandler))
		for range 8 {
			p.adapt(true, 64)
		}
		if p.limiter.Limit() != 32 {
			t.Errorf("the rate is %v, want 32", p.limiter.Limit())
		}
	})
}

// TestPaceHoldsConcurrency never has more calls under way than the budget.
func TestPaceHoldsConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		under, most := 0, 0
		p := newPace(&stub{}, Budget{RPS: 1e6, Concurrency: 3}, slog.New(slog.DiscardHandler))
		p.send = func(*http.Request) (*http.Response, error) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			under--
			mu.Unlock()
			return nil, errors.New("no answer")
		}
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() { _, _ = p.Do(kmsRequest(t.Context(), "ListKeys")) })
		}
		calls.Wait()
		if most != 3 {
			t.Errorf("%d calls were under way at once, want 3", most)
		}
	})
}

// TestPaceGivesUpWithItsContext does not wait for a turn that nobody wants any more.
func TestPaceGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(&stub{status: http.StatusOK, body: emptyList}, Budget{RPS: 0.001, Concurrency: 1}, slog.New(slog.DiscardHandler))
		if _, err := p.Do(kmsRequest(t.Context(), "ListKeys")); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := p.Do(kmsRequest(ctx, "ListKeys")); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("ended with %v after %s", err, time.Since(begin))
		}
	})
}

func TestRetriesBackOff(t *testing.T) {
	r := retryer(maxBackoff)
	if r.MaxAttempts() < 2 {
		t.Error("the SDK loses an answer now and then; one attempt is too few")
	}
	for attempt := range 20 {
		d, err := r.RetryDelay(attempt, nil)
		if err != nil || d <= 0 || d > maxBackoff {
			t.Errorf("attempt %d waits %s, %v", attempt, d, err)
		}
	}
}
