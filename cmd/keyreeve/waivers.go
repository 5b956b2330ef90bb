package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// soon is within how many days a waiver's end is worth a word.
const soon = 14

func (a *app) waivers() *cobra.Command {
	var j judging
	var result string
	cmd := &cobra.Command{
		Use:   "waivers [FILE|FOLDER...]",
		Short: "List waivers: until when each holds and, with a result, what it covers",
		Long: `List waivers and accepted gaps, check that they are well formed, and say which have
expired or end soon. With --result each also says how many findings it covers.

A waiver file is a YAML list:
  - rule: rotation/signing-key-overdue
    resource: {type: vault.transit.key, name: "legacy-*"}
    reason: The partner rotates in March.
    owner: payments
    approver: security@example.test
    until: 2026-03-31
    ticket: SEC-123
  - gap: {scope: vault/eu/team-a, what: "list of tokens"}
    reason: ...`,
		Example: "  keyreeve waivers waivers/\n  keyreeve waivers -c keyreeve.yaml --result scan.json",
		RunE: func(_ *cobra.Command, args []string) error {
			j.waivers = args
			if err := a.prepare(&j); err != nil {
				return err
			}
			var r *finding.Result
			if result != "" {
				var err error
				if r, err = readResult(result); err != nil {
					return err
				}
			}
			return a.listWaivers(j.waived.List(), r)
		},
	}
	cmd.Flags().StringVarP(&j.configPath, "config", "c", "", "configuration file; its waivers are listed as well")
	cmd.Flags().StringVar(&result, "result", "", "result file to compare with")
	return cmd
}

func (a *app) listWaivers(list []finding.WaiverState, r *finding.Result) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.stdout, "no waivers")
		return err
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, v := range list {
		what := v.Rule
		if v.Gap != nil {
			what = "gap in " + v.Gap.Scope
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s", v.Place, what, v.Owner, state(v.Ends, a.now()), v.Reason)
		if r != nil {
			n := 0
			for i := range r.Findings {
				if v.Covers(&r.Findings[i]) {
					n++
				}
			}
			fmt.Fprintf(w, "\t%d findings", n)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// state says whether a waiver still holds.
func state(ends, now time.Time) string {
	day := ends.Format(time.DateOnly)
	left := int(ends.AddDate(0, 0, 1).Sub(now).Hours() / 24)
	switch {
	case !now.Before(ends.AddDate(0, 0, 1)):
		return "expired " + day
	case left <= soon:
		return fmt.Sprintf("until %s, %d days left", day, left)
	}
	return "until " + day
}
