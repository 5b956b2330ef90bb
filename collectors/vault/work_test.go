package vault

import (
	"context"
	"sync/atomic"
	"testing"
)

// Every task runs once, those that tasks add included, and run returns after the last.
func TestCrewRunsEveryTask(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		var c crew
		var ran atomic.Int64
		var grow func(depth int) func()
		grow = func(depth int) func() {
			return func() {
				ran.Add(1)
				if depth > 0 {
					c.add(grow(depth - 1))
					c.add(grow(depth - 1))
				}
			}
		}
		c.add(grow(10))
		c.run(t.Context(), workers)
		if got := ran.Load(); got != 1<<11-1 {
			t.Errorf("%d workers ran %d tasks, want %d", workers, got, 1<<11-1)
		}
	}
}

func TestCrewStops(t *testing.T) {
	var c crew
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ran atomic.Int64
	for range 100 {
		c.add(func() {
			ran.Add(1)
			cancel()
		})
	}
	c.run(ctx, 4)
	if got := ran.Load(); got > 4 {
		t.Errorf("ran %d tasks after the context ended; only those under way may", got)
	}
}
