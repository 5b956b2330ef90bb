package main

import (
	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo"
)

func (a *app) lint() *cobra.Command {
	var j judging
	var t threshold
	var o repo.Options
	var staged bool
	cmd := &cobra.Command{
		Use:   "lint [PATH]",
		Short: "Judge a work tree: credentials in its files; offline, no account needed",
		Long: `Judge a work tree, offline: find long-lived credentials in the files that git tracks
or would track. In a git repository the whole repository is read, wherever in it PATH
lies. A keyreeve.yaml found upwards from PATH sets rules and waivers; it never makes
lint connect to anything.

Exit codes: 0 fine, 1 a finding at or above --fail-on, 2 usage or configuration,
3 something could not be read.`,
		Example: `  keyreeve lint
  keyreeve lint --staged                        as a pre-commit hook
  keyreeve lint -o text -o sarif=lint.sarif     for code scanning
  keyreeve lint --fail-on none                  report only`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Root = "."
			if len(args) == 1 {
				o.Root = args[0]
			}
			if staged {
				o.Mode = repo.ModeStaged
			}
			o.Logger = a.logger()
			if err := t.check(); err != nil {
				return err
			}
			if j.configPath == "" {
				path, err := config.Find(o.Root)
				if err != nil {
					return err
				}
				j.configPath = path
			}
			if err := a.prepare(&j); err != nil {
				return err
			}
			source, err := repo.Open(o)
			if err != nil {
				return err
			}
			p := a.progress(1)
			snap, err := scanner.Collect(cmd.Context(), []inventory.Source{source}, scanner.CollectOptions{
				Now: a.now(), Tool: toolVersion(), Logger: a.logger(), Progress: p,
			})
			p.finish()
			if err != nil {
				return err
			}
			result, err := a.judge(cmd.Context(), "lint", snap, &j)
			if err != nil {
				return err
			}
			return t.verdict(result)
		},
	}
	j.flags(cmd)
	t.flags(cmd)
	f := cmd.Flags()
	f.BoolVar(&staged, "staged", false, "judge what is staged for commit instead of the work tree")
	f.StringVar(&o.Baseline, "known-leaks", "", "a gitleaks JSON report; what it lists is shown as waived")
	f.StringVar(&o.Name, "repository", "", "name of the repository in IDs (default: from its remote, else its folder)")
	f.StringVar(&j.snapshot, "snapshot", "", "also write what was observed to this file")
	return cmd
}
