package aws

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"golang.org/x/time/rate"
)

const (
	// maxAttempts is how often one call is tried. It must not be 1: the SDK now and then loses the answer to a call.
	maxAttempts = 6
	// minBackoff and maxBackoff bound how long is waited between tries, besides the budget, which a throttling back end slows down.
	minBackoff = 50 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// A pace sends the calls of one account, in all Regions, and keeps them together within the budget. It stands where each try is
// sent, not where a call begins, so that retries count.
//
// It adapts to throttling: the rate halves, then grows back by a hundredth of the budget with every answer that is not throttled.
type pace struct {
	send    func(*http.Request) (*http.Response, error)
	slots   chan struct{} // calls under way
	logger  *slog.Logger
	limiter *rate.Limiter
	top     rate.Limit

	mu sync.Mutex // over reading and setting the limit
}

// newPace returns a pace with a burst of one: within any second there are never more calls than the budget, and the first.
func newPace(client aws.HTTPClient, b Budget, logger *slog.Logger) *pace {
	top := rate.Limit(b.RPS)
	return &pace{send: client.Do, slots: make(chan struct{}, b.Concurrency), logger: logger, limiter: rate.NewLimiter(top, 1), top: top}
}

// Do waits for its turn, sends one try and reads the whole answer (see whole). It makes pace an aws.HTTPClient.
func (p *pace) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := p.limiter.Wait(ctx); err != nil {
		return nil, waitFor(ctx, err)
	}
	sentAt := p.limiter.Limit()
	resp, err := p.send(req)
	if err != nil {
		return nil, err
	}
	throttled, err := whole(req, resp)
	p.adapt(throttled, sentAt)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// waitFor gives the reason for which a turn never came. The limiter gives up as soon as it sees that the turn comes after the
// deadline; what ends the call is the deadline.
func waitFor(ctx context.Context, err error) error {
	if _, has := ctx.Deadline(); has {
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// adapt halves the rate once for all calls that were sent at the same rate, however many of them are throttled.
func (p *pace) adapt(throttled bool, sentAt rate.Limit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := p.limiter.Limit()
	if !throttled {
		p.limiter.SetLimit(min(p.top, limit+p.top/100))
		return
	}
	if limit >= sentAt {
		limit = max(limit/2, p.top/64)
		p.limiter.SetLimit(limit)
		p.logger.Debug("AWS asks to slow down", "calls_per_second", float64(limit))
	}
}

// retryer tries again what the SDK holds to be worth it, without the SDK's own bucket of retries: the budget bounds them.
func retryer(longest time.Duration) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			d := min(longest, minBackoff<<min(attempt, 16))
			return d/2 + rand.N(d/2+1), nil // half of it by chance, so that those who were throttled together do not come back together
		})
	})
}
