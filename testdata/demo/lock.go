package main

import (
	"context"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// patience is how long a demo waits for its folder before it says why.
const patience = time.Second

// lock waits until no other demo uses the folder. The system gives the folder back when this process ends, however it ends.
func (d *demo) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return nil, err
	}
	type answer struct {
		unlock func()
		err    error
	}
	locked := make(chan answer, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(d.path("lock")).Lock()
		locked <- answer{unlock, err}
	}()
	told := time.After(patience)
	for {
		select {
		case a := <-locked:
			return a.unlock, a.err
		case <-told:
			d.step("Another demo uses the folder %s; waiting until it ends", d.dir)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
