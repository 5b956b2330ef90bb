// Command keyreeve reads keys, secrets and credentials, live or as code declares them, and judges them by rules. It changes nothing.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	ballast := collectLess()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once what does not listen, such as opening a pipe that nobody writes to
	a := &app{stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, now: time.Now}
	code := a.run(ctx, os.Args[1:])
	stop()
	runtime.KeepAlive(ballast)
	os.Exit(code)
}

// collectLess has garbage collected when the heap is half as large again, which takes a third less memory on large estates, and not
// before it has some size, which saves small ones a fifth of their time. The ballast is never written to, so it takes no memory.
func collectLess() []byte {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	debug.SetGCPercent(50)
	return make([]byte, 64<<20)
}
