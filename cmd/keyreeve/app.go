package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
)

// app is the program without its surroundings: streams, environment and clock are passed in.
type app struct {
	stdout, stderr io.Writer
	env            func(string) string
	now            func() time.Time

	quiet, verbose bool
	color          string
}

// run parses the arguments, does what they say and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	return a.finish(ctx, root.ExecuteContext(ctx))
}

func (a *app) root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keyreeve",
		Short: "Judge keys, secrets and credentials by rules, and say what could not be read",
		Long: `keyreeve looks after keys: it reads which keys, secrets, credentials and logins
exist, judges them with rules written in Rego, and says what it could not see.
It never reads a secret's value and never changes anything.

Before merge, in a work tree, offline:
  keyreeve lint

Nightly, against live back ends, read-only:
  keyreeve permissions vault                 the least it needs
  keyreeve scan -c keyreeve.yaml -o text -o sarif=scan.sarif -o json=scan.json

In CI, from the result of either:
  keyreeve gate scan.json --baseline yesterday.json

Four verdicts: pass, fail, not_applicable, and unknown when a fact that decides
was not read. Exit codes: 0 fine, 1 findings (lint, gate), 2 usage or
configuration, 3 incomplete, 4 nothing could be read, 130 interrupted.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cli.NoVerb,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return fromEnvironment(cmd, a.env)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.Hinted(err, "%s --help lists the flags", cmd.CommandPath())
	})
	p := cmd.PersistentFlags()
	p.BoolVar(&a.quiet, "quiet", false, "no progress and no log; only errors")
	p.BoolVar(&a.verbose, "verbose", false, "log every gap and call on standard error")
	p.StringVar(&a.color, "color", "auto", "colours: auto, always or never; NO_COLOR is honoured")
	cmd.AddGroup(
		&cobra.Group{ID: "read", Title: "Read and judge:"},
		&cobra.Group{ID: "after", Title: "From files:"},
		&cobra.Group{ID: "rules", Title: "Rules, permissions, waivers:"},
	)
	for id, verbs := range map[string][]*cobra.Command{
		"read":  {a.lint(), a.scan(), a.collect()},
		"after": {a.check(), a.report(), a.gate(), a.explain(), a.whoCan(), a.can(), a.decide()},
		"rules": {a.policy(), a.permissions(), a.waivers()},
	} {
		for _, v := range verbs {
			v.GroupID = id
			cmd.AddCommand(v)
		}
	}
	cmd.AddCommand(a.version())
	return cmd
}

// logger writes to standard error: warnings, or everything with --verbose, or nothing but errors with --quiet.
func (a *app) logger() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	if a.quiet {
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, at slog.Attr) slog.Attr {
		if at.Key == slog.TimeKey {
			return slog.Attr{} // what is logged must not differ between two equal runs
		}
		return at
	}}))
}

// atMostOne is cobra.MaximumNArgs(1) with an error that says what is wanted.
func atMostOne(want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return cli.Hinted(fmt.Errorf("%s wants %s, not %d", cmd.CommandPath(), want, len(args)), "%s --help shows examples", cmd.CommandPath())
		}
		return nil
	}
}

// given refuses flags that were given and are empty, as a variable of a script may be: without its value a verb would do something else.
func given(cmd *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if f := cmd.Flags().Lookup(name); f.Changed && f.Value.String() == "" {
			return cli.Hinted(fmt.Errorf("--%s is empty", name), "give its value, or leave it out")
		}
	}
	return nil
}
