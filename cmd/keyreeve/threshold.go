package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// threshold is what makes lint and gate fail.
type threshold struct {
	failOn string
	strict bool
}

func (t *threshold) flags(cmd *cobra.Command) {
	names := []string{"none"}
	for _, s := range finding.Severities() {
		names = append(names, string(s))
	}
	cmd.Flags().StringVar(&t.failOn, "fail-on", "high", "lowest severity that fails: "+strings.Join(names, ", "))
	cmd.Flags().BoolVar(&t.strict, "strict", false, "unknown verdicts at or above --fail-on, and what files leave open, fail as well")
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

func (t *threshold) check() error {
	if t.failOn != "none" && finding.Severity(t.failOn).Rank() < 0 {
		return cli.Hinted(fmt.Errorf("--fail-on %q is no severity", t.failOn), "want critical, high, medium, low, info or none")
	}
	return nil
}

// verdict is the exit code of a verb that judges: a proven finding outranks a gap.
func (t *threshold) verdict(r *finding.Result) error {
	if t.failOn == "none" {
		return reading(r)
	}
	limit := finding.Severity(t.failOn).Rank()
	for _, f := range r.Findings {
		counts := f.Verdict == finding.Fail || t.strict && f.Verdict == finding.Unknown
		if counts && f.Waived == nil && f.Baseline != finding.Unchanged && f.Severity.Rank() >= limit {
			return cli.Status(exitFindings)
		}
	}
	leftOpen := func(g finding.Gap) bool {
		return g.Why == inventory.NotStated && g.Accepted == nil && g.Baseline != finding.Unchanged
	}
	if t.strict && slices.ContainsFunc(r.Gaps, leftOpen) {
		return cli.Status(exitFindings) // something may be declared that nobody can judge
	}
	return reading(r)
}
