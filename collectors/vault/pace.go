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

	mu    sync.Mutex
	limit float64 // calls a second, now
	top   float64
	free  time.Time // when the first turn is that nobody has
}

func newPace(next http.RoundTripper, b Budget, timeout time.Duration, logger *slog.Logger) *pace {
	return &pace{next: next, slots: make(chan struct{}, b.Concurrency), timeout: timeout, logger: logger, limit: b.RPS, top: b.RPS}
}

// RoundTrip waits for its turn and sends. The slot is held until the body is closed.
func (p *pace) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case p.slots <- struct{}{}:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	release := sync.OnceFunc(func() { <-p.slots })
	sentAt, err := p.turn(req.Context())
	if err != nil {
		release()
		return nil, err
	}
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

// turn waits for a turn and returns the rate at that time. Turns lie a call's share of a second apart, so that within any second there are
// never more calls than the budget, and the first. Who has a turn keeps it when the rate changes, and later ones come after it: the limiter of
// golang.org/x/time counts turns that were given at a low rate by the higher one that holds now, and so gives some out twice.
func (p *pace) turn(ctx context.Context) (limit float64, err error) {
	p.mu.Lock()
	now := time.Now()
	at := now
	if p.free.After(at) {
		at = p.free
	}
	p.free = at.Add(time.Duration(float64(time.Second) / p.limit))
	p.mu.Unlock()
	if at.After(now) {
		select {
		case <-time.After(at.Sub(now)):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit, ctx.Err()
}

// adapt halves the rate once for all calls that were sent at the same rate, however many of them are refused.
func (p *pace) adapt(resp *http.Response, sentAt float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !asksToSlowDown(resp) {
		p.limit = min(p.top, p.limit+p.top/100)
		return
	}
	if p.limit >= sentAt {
		p.limit = max(p.limit/2, p.top/64)
		p.logger.Debug("the server asks to slow down", "host", resp.Request.URL.Host, "calls_per_second", p.limit)
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
