package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/testdata/backends/child"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// A demo is one run.
//
//	demo/keyreeve.yaml      the configuration that is shown, with waivers.yaml beside it
//	demo/vault-policy.hcl   what "keyreeve permissions vault" printed, and all that the scan's token may do
//	demo/aws-policy.json    the same for AWS
//	demo/repository         the sample repository
//	demo/out                what keyreeve wrote
//	demo/vault              data of the Vault server; removed at the end
//	demo/keys               keys of people who sign; removed at the end
type demo struct {
	root, dir string
	*talk

	keyreeve string // the built binaries
	rotator  string
	emulator string
	server   string

	vault  *vaultserver.Server
	door   *door  // before Vault
	reader string // the token of the scans
	aws    *child.Process
}

func (d *demo) path(elem ...string) string { return filepath.Join(append([]string{d.dir}, elem...)...) }
func (d *demo) out(name string) string     { return d.path("out", name) }

// play is the whole demo, in order.
func (d *demo) play(ctx context.Context) error {
	if err := d.clean(); err != nil {
		return err
	}
	for _, part := range []func(context.Context) error{d.build, d.serve, d.configure, d.record, d.scan, d.lint, d.rotate, d.conclude} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// clean removes what an earlier run wrote, and nothing else that may be in the folder.
func (d *demo) clean() error {
	for _, name := range []string{"out", "repository", "vault", "keys", "keyreeve.yaml", "waivers.yaml", "vault-policy.hcl", "aws-policy.json"} {
		if err := os.RemoveAll(d.path(name)); err != nil {
			return err
		}
	}
	return os.MkdirAll(d.path("out"), 0o755)
}

// build builds the programs.
func (d *demo) build(ctx context.Context) (err error) {
	d.step("Building keyreeve, keyreeve-rotate and the AWS emulator")
	line, done := d.watch()
	if d.keyreeve, err = goBuild(ctx, d.root, line, "bin", "keyreeve", "./cmd/keyreeve"); err == nil {
		d.rotator, err = goBuild(ctx, d.root, line, "bin", "keyreeve-rotate", "./cmd/keyreeve-rotate")
	}
	if err == nil {
		d.emulator, err = goBuild(ctx, d.root, line, ".cache", "aws-emulator", "./testdata/backends/aws-emulator")
	}
	done(err)
	if err != nil {
		return err
	}

	_, there, err := vaultserver.Cached(ctx, d.root)
	if err != nil {
		return err
	}
	if there {
		d.step("The Vault server is built already (.cache/vault-server)")
		d.server, err = vaultserver.Build(ctx, d.root, func(string) {})
		return err
	}
	d.step("Building a real Vault server, once: minutes, and up to 260 MB of Go modules")
	d.say("Vault's licence (BUSL-1.1) is not keyreeve's; the server is built for tests from a module of its own and never shipped.")
	line, done = d.watch()
	d.server, err = vaultserver.Build(ctx, d.root, line)
	done(err)
	return err
}

// serve fills the Vault server, and starts it and the emulator.
func (d *demo) serve(ctx context.Context) (err error) {
	days := vaultserver.Estate[0].DaysAgo
	d.step("Giving Vault a past of %d days", days)
	d.say("The server runs once for each day on which something happened, with its clock turned back.")
	if err := vaultserver.Fill(ctx, d.server, d.path("vault"), vaultserver.Estate); err != nil {
		return err
	}

	d.step("Starting the back ends, on loopback")
	if d.vault, err = vaultserver.Start(ctx, d.server, d.path("vault"), 0); err != nil {
		return err
	}
	if d.door, err = newDoor(d.vault.Address); err != nil {
		return err
	}
	d.say("Vault %s (real; the demo listens before it at %s, to lose an answer on purpose)", d.vault.Address, d.door.URL)
	if d.aws, err = child.Start(ctx, nil, d.emulator); err != nil {
		return fmt.Errorf("start the AWS emulator: %w", err)
	}
	d.say("AWS   %s (emulated: every report says so)", d.aws.Address)
	return nil
}

// stop ends what runs and removes what only it could use.
func (d *demo) stop() error {
	var errs []error
	if d.door != nil {
		d.door.CloseClientConnections()
		d.door.Close()
	}
	if d.vault != nil {
		errs = append(errs, d.vault.Stop())
	}
	if d.aws != nil {
		errs = append(errs, d.aws.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(d.path("vault")), os.RemoveAll(d.path("keys")))...)
}

// hold waits for Ctrl-C.
func (d *demo) hold(ctx context.Context) error {
	d.step("The servers keep running until Ctrl-C")
	d.say("VAULT_ADDR=%s VAULT_TOKEN=$(cat %s)", d.vault.Address, d.path("vault", "root-token"))
	<-ctx.Done()
	return ctx.Err()
}
