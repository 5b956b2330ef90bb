package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/ledger"
)

// version is set when a release is built.
var version = "unknown"

// app is the program without its surroundings: streams, environment and clock are passed in.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	now            func() time.Time

	configPath string
	quiet      bool
	color      string
}

// run parses the arguments, does what they say and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	return a.finish(ctx, root.ExecuteContext(ctx))
}

func (a *app) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keyreeve-rotate",
		Short: "Plan rotations, have them approved, apply them, and prove what was done",
		Long: `keyreeve-rotate turns what keyreeve found into a plan that people read and sign,
does what is due of it, and writes down each act before it is done.

Once:
  keyreeve-rotate ledger init -c keyreeve.yaml --as ana@example.com

From a scan (keyreeve scan -o json=scan.json --snapshot scan.ndjson):
  keyreeve-rotate plan scan.json --snapshot scan.ndjson -c keyreeve.yaml \
      --as ana@example.com --key ~/.ssh/id_ed25519 --out plan.json
  keyreeve-rotate approve plan.json -c keyreeve.yaml --as ben@example.com --key ~/.ssh/id_ed25519

As often as a scheduler likes; each run does what is due and ends:
  keyreeve-rotate apply plan.json -c keyreeve.yaml --as ci@example.com --key /run/keys/ci
  keyreeve-rotate status plan.json -c keyreeve.yaml

It cannot stop somebody who holds credentials that write to a back end from using
them without it; give them to the job that runs apply alone.

Exit codes: 0 fine, 1 something stopped, is stalled or does not verify,
2 usage, configuration, approval or ledger, 3 some findings could not be planned,
130 interrupted.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
		Args:          cli.NoVerb,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Hinted(err, "%s --help lists the flags", cmd.CommandPath())
	})
	p := cmd.PersistentFlags()
	p.StringVarP(&a.configPath, "config", "c", "", "configuration file (keyreeve.yaml); needed")
	p.BoolVar(&a.quiet, "quiet", false, "say nothing of what is being done; only errors")
	p.StringVar(&a.color, "color", "auto", "colours: auto, always or never; NO_COLOR is honoured")
	_ = cmd.MarkPersistentFlagFilename("config", "yaml", "yml")
	cmd.AddGroup(
		&cobra.Group{ID: "before", Title: "Before anything is done:"},
		&cobra.Group{ID: "do", Title: "Carry out:"},
		&cobra.Group{ID: "see", Title: "See and prove:"},
	)
	for id, verbs := range map[string][]*cobra.Command{
		"before": {a.plan(), a.approve(), a.permissions()},
		"do":     {a.apply(), a.confirm(), a.consent(), a.abort(), a.jwks(), a.rewrap()},
		"see":    {a.status(), a.ledger()},
	} {
		for _, v := range verbs {
			v.GroupID = id
			cmd.AddCommand(v)
		}
	}
	return cmd
}

// Exit codes. Scripts rely on them; --help and the README print them.
const (
	exitOK          = 0
	exitStopped     = 1   // a rotation stopped, is stalled, or the ledger does not verify
	exitUsage       = 2   // a flag, the configuration, an approval or the ledger forbids it; nothing was done
	exitPartly      = 3   // plan: some findings could not be planned
	exitInterrupted = 130 // Ctrl-C; what had begun was finished and written down
)

// finish prints an error and returns the exit code that goes with it.
func (a *app) finish(ctx context.Context, err error) int {
	var code cli.Status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "keyreeve-rotate: interrupted; what had begun is in the ledger, and apply goes on from there")
		return exitInterrupted
	case errors.Is(err, ledger.ErrClock):
		fmt.Fprintf(a.stderr, "keyreeve-rotate: %v\nhint: set the clock; if that of the earlier entry was wrong, nothing can be written before its time: make another ledger, and plan anew\n", err)
	case errors.As(err, new(*format.BrokenError)):
		a.broken(err)
	default:
		cli.Print(a.stderr, "keyreeve-rotate", err)
	}
	return exitUsage
}

// say tells on standard error what is being done.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}
