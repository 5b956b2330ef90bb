package vault

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// maxAnswer bounds one response, in bytes. A list of a million accessors takes some 30 MB.
const maxAnswer = 256 << 20

// A pace is the transport of one server. It keeps all namespaces and retries together within the budget, which a limiter in
// front of the SDK would not: the SDK waits for its limiter once a call, not once a try.
//
// It adapts to a server that asks to slow down: the rate halves, then grows back by a hundredth of the budget with every
// answer that does not ask again.
type pace struct {
	next    http.RoundTripper
	slots   chan struct{}
	timeout time.Duration // of one try, from its sending to the end of the body; the time spent waiting here is not counted
	logger  *slog.Logger

	answered atomic.Bool // the server has answered at least once

	mu      sync.Mutex
	limiter *rate.Limiter
	top     rate.Limit
}

func newPace(next http.RoundTripper, b Budget, timeout time.Duration, logger *slog.Logger) *pace {
	top := rate.Limit(b.RPS)
	// A burst of one: within any second there are never more calls than the budget, and the first.
	return &pace{next: next, slots: make(chan struct{}, b.Concurrency), timeout: timeout, logger: logger, limiter: rate.NewLimiter(top, 1), top: top}
}

// RoundTrip waits for its turn and sends. The slot is held until the body is closed.
func (p *pace) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case p.slots <- struct{}{}:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	release := sync.OnceFunc(func() { <-p.slots })
	if err := p.limiter.Wait(req.Context()); err != nil {
		// The limiter gives up as soon as it sees that the turn comes after the deadline; what ends the call is the deadline.
		<-req.Context().Done()
		release()
		return nil, req.Context().Err()
	}
	sentAt := p.limiter.Limit()
	ctx, cancel := context.WithTimeoutCause(req.Context(), p.timeout, fmt.Errorf("no answer within %s", p.timeout))
	resp, err := p.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		if ctx.Err() != nil && req.Context().Err() == nil {
			err = context.Cause(ctx)
		}
		cancel()
		release()
		return nil, err
	}
	p.answered.Store(true)
	p.adapt(resp, sentAt)
	resp.Body = &body{ReadCloser: resp.Body, left: maxAnswer, done: func() { cancel(); release() }}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		resp.Body.Close() // the SDK follows a redirect without closing what redirected it
		resp.Body = http.NoBody
	}
	return resp, nil
}

// adapt halves the rate once for all calls that were sent at the same rate, however many of them are refused.
func (p *pace) adapt(resp *http.Response, sentAt rate.Limit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := p.limiter.Limit()
	if !asksToSlowDown(resp) {
		p.limiter.SetLimit(min(p.top, limit+p.top/100))
		return
	}
	if limit >= sentAt {
		limit = max(limit/2, p.top/64)
		p.limiter.SetLimit(limit)
		p.logger.Debug("the server asks to slow down", "host", resp.Request.URL.Host, "calls_per_second", float64(limit))
	}
}

func asksToSlowDown(resp *http.Response) bool {
	return resp.StatusCode == http.StatusTooManyRequests ||
		resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != ""
}

// A body bounds what is read of a response and says when it is closed.
type body struct {
	io.ReadCloser
	left int64
	done func()
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("the answer is larger than %d bytes", int64(maxAnswer))
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.done()
	return err
}
