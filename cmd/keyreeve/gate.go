package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/finding"
)

func (a *app) gate() *cobra.Command {
	var t threshold
	var baseline string
	var o outputs
	cmd := &cobra.Command{
		Use:   "gate RESULT",
		Short: "Fail when a result holds findings, or new ones compared with a baseline",
		Long: `Judge a result file offline. With --baseline only findings that the older result does
not hold count; findings are compared by fingerprint, so rewording, moved lines and
growing ages do not make one new.

Exit codes: 0 fine, 1 a finding at or above --fail-on, 2 usage, 3 the result is
incomplete, 4 nothing was read. A finding outranks a gap.`,
		Example: `  keyreeve gate scan.json
  keyreeve gate scan.json --baseline main.json --fail-on medium`,
		Args: cli.Exactly(1, "one result file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := t.check(); err != nil {
				return err
			}
			o.strict = t.strict
			if err := o.parse(); err != nil {
				return err
			}
			result, err := readResult(args[0])
			if err != nil {
				return err
			}
			if baseline != "" {
				old, err := readResult(baseline)
				if err != nil {
					return err
				}
				change := result.Compare(old)
				if !a.quiet {
					fmt.Fprintf(a.stderr, "compared with %s: %d new, %d unchanged, %d gone\n", baseline, change.New, change.Unchanged, change.Absent)
				}
				onlyNew(result)
			}
			if err := a.write(result, &o); err != nil {
				return err
			}
			return t.verdict(result)
		},
	}
	t.flags(cmd)
	o.flags(cmd)
	cmd.Flags().StringVar(&baseline, "baseline", "", "an older result file; only what it does not hold counts")
	_ = cmd.MarkFlagFilename("baseline", "json")
	return cmd
}

// onlyNew leaves out what the baseline holds, so that the report shows what the gate judges.
func onlyNew(r *finding.Result) {
	r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool { return f.Baseline == finding.Unchanged })
	r.Summarize()
}
