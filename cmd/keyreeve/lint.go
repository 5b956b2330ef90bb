package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo"
)

// linting is what lint was asked for.
type linting struct {
	judging
	threshold
	repo.Options
	staged bool
	base   string
}

func (a *app) lint() *cobra.Command {
	var l linting
	cmd := &cobra.Command{
		Use:   "lint [PATH]",
		Short: "Judge a work tree: its credentials and what its code declares; offline, no account needed",
		Long: `Judge a work tree, offline: find long-lived credentials in the files that git tracks
or would track, and judge the keys, secrets and access rights that its infrastructure
code declares. In a git repository the whole repository is read, wherever in it PATH
lies. A keyreeve.yaml found upwards from PATH sets rules and waivers; it never makes
lint connect to anything. A value behind a variable that is not set is unknown: it is
reported, and fails only with --strict.

With --base REV only what the change makes worse fails: findings that REV, a commit, does
not hold; a renamed file is the file that it was. Configuration, waivers, rules and
ignore files that lie in the repository are taken from REV, so that a change cannot
waive itself.

.keyreeveignore at the root names paths to leave out, a glob a line. A comment at a
resource waives one rule there:
  # keyreeve:ignore AREA/RULE until=2026-12-31 reason="..."

What a submodule, a symbolic link or a pointer of Git LFS stands for is not read, and
told as left open.

Exit codes: 0 fine, 1 a finding at or above --fail-on (with --base: a new one), 2 usage
or configuration, 3 something could not be read, such as a broken file, even if it is the
only one (with --base: something that REV has not got as well), 4 no file could be opened.`,
		Example: `  keyreeve lint
  keyreeve lint --staged                        as a pre-commit hook
  keyreeve lint -o text -o sarif=lint.sarif     for code scanning
  keyreeve lint --base "$(git merge-base origin/main HEAD)"    what a branch makes worse
  keyreeve lint --staged --base HEAD            what a commit would make worse
  keyreeve lint --fail-on none                  report only`,
		Args: atMostOne("one path; the whole repository that holds it is read"),
		RunE: func(cmd *cobra.Command, args []string) error {
			l.Root = "."
			if len(args) == 1 {
				l.Root = args[0]
			}
			l.Logger = a.logger()
			if err := l.check(); err != nil {
				return err
			}
			l.outputs.strict = l.strict
			result, err := a.lintAll(cmd.Context(), &l)
			if err != nil {
				return err
			}
			return l.verdict(result)
		},
	}
	l.judging.flags(cmd)
	l.threshold.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&l.staged, "staged", false, "judge what is staged for commit instead of the work tree")
	f.StringVar(&l.base, "base", "", "only what is new since this commit fails")
	f.StringVar(&l.Baseline, "known-leaks", "", "a gitleaks JSON report; what it lists is shown as waived")
	f.StringVar(&l.Name, "repository", "", "name of the repository in IDs (default: from its remote, else its folder)")
	f.StringVar(&l.snapshot, "snapshot", "", "also write what was observed to this file")
	return cmd
}

// lintAll reads, judges and reports; with a base both sides are read and judged.
func (a *app) lintAll(ctx context.Context, l *linting) (*finding.Result, error) {
	if l.base == "" {
		return a.lintOne(ctx, l, nil)
	}
	b, err := a.openBase(ctx, l.base, &l.judging, &l.Options)
	if err != nil {
		return nil, err
	}
	result, err := a.lintOne(ctx, l, b)
	if closeErr := b.close(); err == nil {
		err = closeErr
	}
	return result, b.named(err)
}

func (a *app) lintOne(ctx context.Context, l *linting, b *base) (*finding.Result, error) {
	switch {
	case l.staged && b != nil:
		l.Mode = repo.ModeIndex
	case l.staged:
		l.Mode = repo.ModeStaged
	}
	if l.configPath == "" && b == nil {
		path, err := config.Find(l.Root)
		if err != nil {
			return nil, err
		}
		l.configPath = path
	}
	l.Remember = b != nil
	source, snap, err := a.readAndPrepare(ctx, l)
	if err != nil {
		return nil, err
	}
	if b == nil {
		l.only = source.Touched
		return a.judge(ctx, "lint", snap, &l.judging)
	}
	result, err := b.compare(ctx, source, snap, &l.judging)
	if err != nil {
		return nil, err
	}
	return result, a.deliver(result, snap, &l.judging)
}

// readAndPrepare reads the repository while the rules are loaded, each of which takes about as long for a small one. A mistake in
// what judges ends the reading, and is the error that is told.
func (a *app) readAndPrepare(ctx context.Context, l *linting) (*repo.Source, *inventory.Snapshot, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	prepared := make(chan error, 1)
	go func() {
		err := a.prepare(&l.judging)
		if err != nil {
			stop()
		}
		prepared <- err
	}()
	source, err := repo.Open(l.Options)
	var snap *inventory.Snapshot
	if err == nil {
		snap, err = a.collectOne(reading, source)
	}
	if wrong := <-prepared; wrong != nil {
		return nil, nil, wrong
	}
	return source, snap, err
}
