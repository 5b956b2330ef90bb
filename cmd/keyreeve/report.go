package main

import (
	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
)

func (a *app) report() *cobra.Command {
	var o outputs
	cmd := &cobra.Command{
		Use:   "report RESULT",
		Short: "Write reports from a result file (what -o json=FILE wrote)",
		Example: `  keyreeve report scan.json
  keyreeve report scan.json --max-lines 0 -o text=all.txt -o sarif=scan.sarif`,
		Args: cli.Exactly(1, "one result file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := o.parse(); err != nil {
				return err
			}
			if _, err := cli.Colored(a.color, a.stdout, a.env); err != nil {
				return err
			}
			result, err := readResult(args[0])
			if err != nil {
				return err
			}
			return a.write(result, &o)
		},
	}
	o.flags(cmd)
	return cmd
}
