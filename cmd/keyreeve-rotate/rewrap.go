package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3" // as in keyreeve: a bar that ends cleanly on every terminal
	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/remediate/rewrap"
)

func (a *app) rewrap() *cobra.Command {
	var in, out string
	var batch int
	var keep bool
	cmd := &cobra.Command{
		Use:   "rewrap KEY --in FILE --out FILE",
		Short: "Bring stored ciphertexts of Transit to the latest version of their key",
		Long: `Reads ciphertexts line by line, has Vault re-wrap those that are at an older version,
and writes all lines in their order. Vault decrypts and encrypts inside: no plaintext
leaves it. Do this after a rotation, load the result into the store that the lines
came from, and only then retire old versions (plan --retire).

A line is a ciphertext (vault:v1:...), or a JSON object with a field "ciphertext":
  {"id": 17, "ciphertext": "vault:v1:...", "context": "BASE64"}
Nothing but the ciphertext changes in it. "context" is for derived keys, "nonce" for
convergent ones of the oldest kind, "id" is shown in messages. Blank lines are kept.

The lines go to FILE.part, which becomes FILE (mode 0600) when the last one is in it.
Run it again after a crash, with the same input: it compares what is in FILE.part with
the input and goes on behind it. Ctrl-C finishes the batch and ends with 130. How
fast it goes is up to --batch and to the budget of the Vault in the configuration.

Exit codes: 0 all lines are at the latest version, 1 something was refused or some
lines are not, 2 usage or configuration, 130 interrupted.

It needs "read" on MOUNT/keys/NAME and "update" on MOUNT/rewrap/NAME in Vault.`,
		Example: `  keyreeve-rotate rewrap vault:eu/root/transit/keys/payload -c keyreeve.yaml \
      --in payloads.ndjson --out rewrapped.ndjson`,
		Args: cli.Exactly(1, "the ID of a Transit key: vault:CLUSTER/NAMESPACE/MOUNT/keys/NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case out == "":
				return cli.Hinted(errors.New("no output is named"), "name a file with --out; it is what a later run goes on from")
			case batch < 1 || batch > 10_000:
				return fmt.Errorf("--batch %d: want 1 to 10000", batch)
			}
			d, err := a.reach()
			if err != nil {
				return err
			}
			cluster, namespace, path, err := d.transitKey(args[0])
			if err != nil {
				return err
			}
			input, size, err := a.input(in, out)
			if err != nil {
				return err
			}
			defer input.Close()
			conn, err := a.dialer(d).vault(cmd.Context(), cluster, namespace)
			if err != nil {
				return err
			}
			bar := a.bar(size)
			job := &rewrap.Job{
				Key: rewrap.Transit{Vault: conn, Key: path}, In: input, Out: out, Batch: batch, KeepGoing: keep,
				Progress: func(lines int, bytes int64) {
					if bar != nil {
						bar.Describe(count(lines, "line"))
						_ = bar.Set64(bytes) // a bar that cannot be drawn is no reason to stop
					}
				},
				Refused: func(e rewrap.ItemError) { fmt.Fprintf(a.stderr, "kept as it is: %v\n", &e) },
			}
			counts, err := job.Run(cmd.Context())
			if bar != nil {
				_ = bar.Finish()
			}
			return a.rewrapped(cmd.Context(), out, counts, err)
		},
	}
	f := cmd.Flags()
	f.StringVar(&in, "in", "-", "file of ciphertexts, one a line; - is standard input")
	f.StringVar(&out, "out", "", "file to write")
	f.IntVar(&batch, "batch", 256, "ciphertexts in one call")
	f.BoolVar(&keep, "keep-going", false, "keep what Vault refuses as it is, tell of it, and go on; the exit code is 1 all the same")
	_ = cmd.MarkFlagFilename("in")
	_ = cmd.MarkFlagFilename("out")
	return cmd
}

// input opens what is read, and tells its size; -1: not known. What a run before has left beside the output is no input: it ends where that run ended.
func (a *app) input(path, out string) (io.ReadCloser, int64, error) {
	left, err := os.Stat(out + ".part")
	same := func(f *os.File) bool {
		info, e := f.Stat()
		return err == nil && e == nil && os.SameFile(left, info)
	}
	refused := cli.Hinted(fmt.Errorf("%s.part is what an earlier run has written, and no input", out), "run the same again as then: it goes on from that file by itself")
	if path == "-" {
		if f, ok := a.stdin.(*os.File); ok && same(f) {
			return nil, 0, refused
		}
		return io.NopCloser(a.stdin), -1, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("read ciphertexts: %w", err)
	}
	if same(f) {
		_ = f.Close()
		return nil, 0, refused
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		return f, info.Size(), nil
	}
	return f, -1, err
}

// bar shows on a terminal how far it is; elsewhere there is none.
func (a *app) bar(size int64) *progressbar.ProgressBar {
	if a.quiet || a.env("CI") != "" || !cli.Terminal(a.stderr) {
		return nil
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(a.stderr), progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
}

// rewrapped says what came of it, and how to go on.
func (a *app) rewrapped(ctx context.Context, out string, n rewrap.Counts, err error) error {
	if n.Resumed > 0 {
		a.say("went on after line %d of %s.part", n.Resumed, out)
	}
	made := fmt.Sprintf("%s, %d re-wrapped to version %d, %d were at it already", count(n.Lines, "line"), n.Rewrapped, n.Latest, n.Current)
	if n.Resumed > 0 {
		made = fmt.Sprintf("%s, %d of an earlier run, %d re-wrapped to version %d, %d were at it already", count(n.Lines, "line"), n.Resumed, n.Rewrapped, n.Latest, n.Current)
	}
	switch {
	case errors.Is(err, rewrap.ErrDone):
		return cli.Hinted(err, "load it into the store, or remove it to begin again")
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintf(a.stderr, "keyreeve-rotate: interrupted; %s.part holds %s\nhint: run the same again to go on\n", out, made)
		return cli.Status(exitInterrupted)
	case err != nil:
		fmt.Fprintf(a.stderr, "keyreeve-rotate: %v\nhint: %s.part holds %s; run the same again to go on\n", err, out, made)
		return cli.Status(exitStopped)
	}
	a.say("wrote %s: %s", out, made)
	if n.Older > 0 {
		fmt.Fprintf(a.stderr, "keyreeve-rotate: %s not at version %d; do not retire the versions before it\n", are(n.Older, "line"), n.Latest)
		return cli.Status(exitStopped)
	}
	return nil
}

func are(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " is"
	}
	return count(n, noun) + " are"
}
