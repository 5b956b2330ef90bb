package collectortest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// patience is how long a case waits for something that ought to happen at once before it calls it stuck. It is no limit
// on speed: on any machine that still makes progress it is far more than enough.
var patience = 30 * time.Second

// cancelledBefore wants a source whose context has ended to say so, and not to call what it did not ask for a gap.
func cancelledBefore(t *testing.T, b Backend) []string {
	opened := b.Open(t, world(b, some(b)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := len(opened.Arrivals())
	var out []string
	for _, s := range opened.Sources {
		out = append(out, cancelledRead(ctx, s)...)
	}
	if n := len(opened.Arrivals()) - before; n > 0 {
		out = append(out, fmt.Sprintf("made %d calls after it was cancelled", n))
	}
	return out
}

// cancelledWhileHanging cancels while the first call hangs.
func cancelledWhileHanging(t *testing.T, b Backend) []string {
	w := world(b, some(b))
	w.Fault = Fault{Kind: Hang, Call: b.List}
	opened := b.Open(t, w)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-opened.Hanging:
		case <-ctx.Done():
		}
		cancel()
	}()
	done := make(chan []string, 1)
	go func() {
		var out []string
		for _, s := range opened.Sources {
			out = append(out, cancelledRead(ctx, s)...)
		}
		done <- out
	}()
	select {
	case out := <-done:
		if len(opened.Arrivals()) == 0 {
			out = append(out, "nothing hung: no call arrived")
		}
		return append(out, leftGoroutines()...)
	case <-time.After(patience):
		return []string{"still reads although its context was cancelled"}
	}
}

// cancelledRead reads a source and wants it to end with the context's error.
func cancelledRead(ctx context.Context, s inventory.Source) []string {
	var last error
	for _, err := range s.Resources(ctx) {
		var gap *inventory.Gap
		if errors.As(err, &gap) {
			return []string{fmt.Sprintf("was cancelled and calls it a gap: %v", gap)}
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		return []string{fmt.Sprintf("source %s was cancelled, but ended with %v", s.Scope(), last)}
	}
	return nil
}

// leftEarly takes one resource and leaves.
func leftEarly(t *testing.T, b Backend) []string {
	opened := b.Open(t, world(b, some(b)))
	for _, s := range opened.Sources {
		for range s.Resources(t.Context()) {
			break
		}
	}
	return leftGoroutines()
}

// leftGoroutines complains when goroutines of a collector outlive its reading. Those that only serve the fake, or run the
// test, do not count. A goroutine that is about to end is given time to do so.
func leftGoroutines() []string {
	var left []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		left = left[:0]
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for stack := range strings.SplitSeq(string(stacks), "\n\n") {
			if strings.Contains(stack, "/collectors/") && !strings.Contains(stack, "testing.tRunner") && !strings.Contains(stack, "net/http.(*conn).serve") {
				left = append(left, "a goroutine outlives the reading:\n"+stack)
			}
		}
		if len(left) == 0 {
			return nil
		}
	}
	return left
}
