// Command demo shows keyreeve at work, from nothing: "make demo" runs it. It builds keyreeve and a real Vault server, gives that server a past of
// 800 days, serves an emulated AWS estate beside it, makes a sample repository, and has keyreeve read and judge all three. What it wrote stays in
// demo/, and everything it started ends with it.
//
// It is no test of keyreeve: it takes the built binary through the door that users take, and fails when a step did not do what it should.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

func main() {
	dir := flag.String("dir", "", "folder to write (default: demo at the top of the work tree); what an earlier run left there is removed")
	hold := flag.Bool("hold", false, "keep the servers running at the end, until Ctrl-C")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once; the servers end with their standard input
	err := run(ctx, *dir, *hold)
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\ndemo: interrupted; what it had started has ended")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, hold bool) (err error) {
	root, err := vaultserver.Root()
	if err != nil {
		return err
	}
	d := &demo{root: root, dir: dir, talk: newTalk(os.Stdout)}
	if d.dir == "" {
		d.dir = "demo"
		if err := os.Chdir(root); err != nil { // so that the commands it suggests can be pasted
			return err
		}
	}
	unlock, err := d.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.play(ctx); err != nil {
		return err
	}
	if hold {
		return d.hold(ctx)
	}
	return nil
}
