package collectortest

import (
	"fmt"
	"testing"
)

// budget wants no more calls than a token bucket allows, retries of throttled calls included.
//
// A collector that spends a token before each call has spent at most Burst + Rate x t of them t seconds after it began. A
// call can only arrive after its token was spent, so the bound holds for arrivals too, however slow or uneven the machine is:
// the case can fail only for a collector that spends more.
func budget(t *testing.T, b Backend) []string {
	const rate, slack = 60.0, 0.5 // slack: of a call, for rounding
	w := world(b, 2*some(b))
	w.Rate = rate
	w.Fault = Fault{Kind: Throttle, Times: 3}
	res, out := run(t, b, w)
	arrived, limited := map[string]int{}, false
	for _, a := range res.opened.Arrivals() {
		arrived[a.Bucket]++
		n, seconds := float64(arrived[a.Bucket]), a.At.Sub(res.opened.Started).Seconds()
		if allowed := float64(res.opened.Burst) + rate*seconds; n > allowed+slack {
			return append(out, fmt.Sprintf("bucket %q: call %.0f arrived %.4f s after the beginning; a burst of %d and %.0f calls a second allow %.1f", a.Bucket, n, seconds, res.opened.Burst, rate, allowed))
		}
		limited = limited || arrived[a.Bucket] > 2*res.opened.Burst
	}
	if !limited {
		out = append(out, fmt.Sprintf("the budget was never put to the test: %v calls with a burst of %d", arrived, res.opened.Burst))
	}
	return out
}
