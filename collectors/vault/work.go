package vault

import (
	"context"
	"sync"
)

// A crew is a stack of tasks and a few workers who empty it. A task may add tasks. The newest runs first, so a tree is walked
// depth first and what waits stays small.
type crew struct {
	mu    sync.Mutex
	more  sync.Cond
	tasks []func()
	busy  int // tasks that run now, and so may add others
}

func (c *crew) add(task func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tasks = append(c.tasks, task)
	c.more.Signal()
}

// run returns when no task is left. When the context ends, tasks that have not begun are dropped.
func (c *crew) run(ctx context.Context, workers int) {
	c.more.L = &c.mu
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for task := c.next(ctx); task != nil; task = c.next(ctx) {
				task()
				c.done()
			}
		})
	}
	all.Wait()
}

// next waits for a task; nil says that there will be none.
func (c *crew) next(ctx context.Context) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.tasks) == 0 && c.busy > 0 {
		c.more.Wait()
	}
	if len(c.tasks) == 0 || ctx.Err() != nil {
		c.tasks = nil
		return nil
	}
	last := len(c.tasks) - 1
	task := c.tasks[last]
	c.tasks = c.tasks[:last]
	c.busy++
	return task
}

func (c *crew) done() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy--
	if c.busy == 0 {
		c.more.Broadcast() // the waiting may go home, or see what the last task added
	}
}

// A turn is a mutex whose waiters go when their context ends.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) pass() { <-t }
