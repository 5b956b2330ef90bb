// Command vault runs a real HashiCorp Vault server, for tests and the demo of keyreeve only: file storage, the transit and
// KV secrets engines, the AppRole, Kubernetes, JWT and userpass auth methods, and the file audit device.
//
// Licence: the server code of Vault (github.com/hashicorp/vault) is under the Business Source License 1.1, not an open-source
// licence. That is why this program is a module of its own: nothing that keyreeve ships imports it, and no release contains it.
// It must never be used in production: it listens on loopback without TLS, and keeps its unseal key and root token in files
// beside its data.
//
// It is controlled through its streams. The first line on standard output is the server's address. It stops on an interrupt,
// on SIGTERM and when standard input ends, so a server cannot outlive the program that started it, however that program ended.
//
// Built with the clock overlay of package vaultserver, it believes that it is VAULT_TEST_CLOCK_OFFSET seconds later than it is; that is how
// keys get old in a test. Making that build, starting it and filling it with data are left to vaultserver.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/go-hclog"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/vault"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "loopback address to listen on; port 0 lets the system choose")
	data := flag.String("data", "", "folder of the storage, the unseal key and the root token (required)")
	level := flag.String("log", "error", "log level on standard error: trace, debug, info, warn, error")
	flag.Parse()
	if err := run(*addr, *data, hclog.LevelFromString(*level)); err != nil {
		fmt.Fprintln(os.Stderr, "vault:", err)
		os.Exit(1)
	}
}

func run(addr, data string, level hclog.Level) error {
	if data == "" {
		return errors.New("no folder for the data\nhint: vault -data DIR")
	}
	stop := stopped(os.Stdin)
	listener, err := listen(addr)
	if err != nil {
		return err
	}
	defer listener.Close()

	core, err := open(data, hclog.New(&hclog.LoggerOptions{Level: level, Output: os.Stderr}))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: vaulthttp.Handler.Handler(&vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{Address: listener.Addr().String()},
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Printf("http://%s\n", listener.Addr())

	select {
	case <-stop:
		err = server.Close()
	case err = <-served:
	}
	return errors.Join(err, core.ShutdownWait())
}

// listen opens the address and refuses any that other machines could reach.
func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	if ip := listener.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		listener.Close()
		return nil, fmt.Errorf("refusing to listen on %s: this server is for tests and stays on loopback\nhint: -addr 127.0.0.1:0", ip)
	}
	return listener, nil
}

// stopped is closed on an interrupt, on SIGTERM, or when in ends.
func stopped(in io.Reader) <-chan struct{} {
	done := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in) // an error ends the input as well
		close(ended)
	}()
	go func() {
		select {
		case <-signals:
		case <-ended:
		}
		close(done)
	}()
	return done
}
