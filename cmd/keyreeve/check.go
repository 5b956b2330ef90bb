package main

import (
	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
)

func (a *app) check() *cobra.Command {
	var j judging
	cmd := &cobra.Command{
		Use:   "check SNAPSHOT",
		Short: "Judge a snapshot: with other rules, other settings, or as of another day",
		Long: `Judge a snapshot file that scan --snapshot or collect wrote. No back end is asked
anything. The clock is the time at which the snapshot was taken, or --as-of.

Exit codes: 0 judged, 2 usage, configuration or an edited snapshot, 3 incomplete,
4 nothing was read.`,
		Example: `  keyreeve check tonight.ndjson
  keyreeve check tonight.ndjson -c keyreeve.yaml --as-of +30d     what will be overdue in 30 days
  keyreeve check tonight.ndjson --policies ./our-rules -o json=result.json`,
		Args: cli.Exactly(1, "one snapshot file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.prepare(&j); err != nil {
				return err
			}
			snap, err := readSnapshot(args[0])
			if err != nil {
				return err
			}
			result, err := a.judge(cmd.Context(), "check", snap, &j)
			if err != nil {
				return err
			}
			return reading(result)
		},
	}
	j.flags(cmd)
	return cmd
}
