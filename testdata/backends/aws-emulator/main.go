// Command aws-emulator serves the AWS estate of the demo on loopback: KMS, Secrets Manager, IAM and STS of two accounts in two Regions, with good
// and bad keys, secrets and roles of most kinds. It is no AWS, so a configuration that names it says "emulated: true" and every report repeats that.
//
// It is controlled through its streams, as package child describes: its first line is its address, and it ends when its standard input does.
// How the calls are answered is left to package awsfake.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/testdata/backends/child"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "loopback address to listen on; port 0 lets the system choose")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "aws-emulator:", err)
		os.Exit(1)
	}
}

// settle ends what AWS takes minutes for, in seconds.
func settle(ctx context.Context, aws *awsfake.Server) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			aws.Settle()
		case <-ctx.Done():
			return
		}
	}
}

func run(ctx context.Context, addr string) error {
	ended := child.Ended(ctx, os.Stdin)
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	if ip := listener.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		return errors.Join(fmt.Errorf("refusing to listen on %s: it checks no signatures and stays on loopback", ip), listener.Close())
	}
	aws := estate(time.Now)
	go settle(ctx, aws)
	server := &http.Server{Handler: aws, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Printf("http://%s\n", listener.Addr())
	select {
	case <-ended:
		return server.Close()
	case err := <-served:
		return err
	}
}
