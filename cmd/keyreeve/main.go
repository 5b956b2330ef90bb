// Command keyreeve reads keys, secrets, credentials and access rights and judges them by rules. It changes nothing: rotating
// is another binary's work, and no package of it is linked here.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a third less memory on large estates, for little time
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once what does not listen, such as opening a pipe that nobody writes to
	a := &app{stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, now: time.Now}
	code := a.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
