package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/report"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

func (a *app) explain() *cobra.Command {
	var j judging
	var result, snapshot string
	cmd := &cobra.Command{
		Use:   "explain RULE|FINGERPRINT",
		Short: "Explain a rule, or why one finding was made",
		Long: `Explain a rule: why it matters, what to do, its settings, controls and examples.

Explain a finding: give its fingerprint (the first digits are enough) and the result
that holds it. With the snapshot that was judged, the rule runs once more and its
expressions are shown with their values.`,
		Example: `  keyreeve explain rotation/signing-key-overdue
  keyreeve explain 3f9a01c2 --result scan.json --snapshot scan.ndjson`,
		Args: cli.Exactly(1, "a rule or a fingerprint"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.prepare(&j); err != nil {
				return err
			}
			if strings.Contains(args[0], "/") {
				return a.explainRule(j.engine, args[0])
			}
			if result == "" {
				return cli.Hinted(fmt.Errorf("%q is no rule; to explain a finding, name the result that holds it", args[0]),
					"keyreeve explain %s --result scan.json; keyreeve policy list lists the rules", args[0])
			}
			r, err := readResult(result)
			if err != nil {
				return err
			}
			f, err := find(r, args[0])
			if err != nil {
				return err
			}
			opts := a.reportOptions(&j.outputs, a.stdout)
			if err := report.Finding(a.stdout, r, f, opts); err != nil {
				return err
			}
			if snapshot == "" {
				return nil
			}
			return a.trace(cmd.Context(), &j, snapshot, r, f)
		},
		ValidArgsFunction: a.completeRules,
	}
	f := cmd.Flags()
	f.StringVarP(&j.configPath, "config", "c", "", "configuration file that the result was judged with")
	f.StringArrayVar(&j.policyDirs, "policies", nil, "folder with rules of your own; repeatable")
	f.StringVar(&result, "result", "", "result file that holds the finding")
	f.StringVar(&snapshot, "snapshot", "", "snapshot file that was judged; the rule is run on it again")
	return cmd
}

func (a *app) explainRule(e *evaluate.Engine, id string) error {
	for _, d := range scanner.Diagnostics { // made in Go, so they have no page of examples
		if d.ID == id {
			_, err := fmt.Fprintf(a.stdout, "# %s\n\n%s, severity %s: about the run, not about a resource.\n\n%s\n", d.Title, d.ID, d.Severity, d.Description)
			return err
		}
	}
	page, err := e.Page(id)
	if err != nil {
		return unknownRule(e, id)
	}
	_, err = a.stdout.Write(page)
	return err
}

func unknownRule(e *evaluate.Engine, id string) error {
	var ids []string
	for _, r := range e.Rules() {
		ids = append(ids, r.ID)
	}
	return cli.Hinted(fmt.Errorf("%s", strictyaml.Unknown("rule", id, ids)), "keyreeve policy list lists the rules")
}

// find returns the finding whose fingerprint begins with the given digits.
func find(r *finding.Result, prefix string) (finding.Finding, error) {
	var found []finding.Finding
	for _, f := range append(append([]finding.Finding(nil), r.Findings...), r.Diagnostics...) {
		if strings.HasPrefix(f.Fingerprint, prefix) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return finding.Finding{}, fmt.Errorf("no finding of the result has a fingerprint that begins with %q", prefix)
	}
	return finding.Finding{}, fmt.Errorf("%d findings have fingerprints that begin with %q; give more digits", len(found), prefix)
}

// trace runs the rule of a finding once more on its resource.
func (a *app) trace(ctx context.Context, j *judging, path string, r *finding.Result, f finding.Finding) error {
	snap, err := readSnapshot(path)
	if err != nil {
		return err
	}
	estate, err := relate.New(snap, j.config.Classify)
	if err != nil {
		return err
	}
	for i := range snap.Resources {
		res := &snap.Resources[i]
		if res.ID != f.Resource.ID {
			continue
		}
		found, err := scanner.AccessOf(snap, j.engine)(res)
		if err != nil {
			return err
		}
		subject := evaluate.NewSubject(res, estate.Labels(res), estate.Edges(res), estate.Series(res), found, r.AsOf)
		text, err := j.engine.Explain(ctx, f.Rule, subject)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "\nThe rule, run again on this resource:\n\n%s", text)
		return err
	}
	return cli.Hinted(fmt.Errorf("the snapshot %q does not hold %s", path, f.Resource.ID), "give the snapshot that the result was judged from")
}

func (a *app) completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	j := judging{}
	if err := a.prepare(&j); err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []string
	for _, r := range j.engine.Rules() {
		ids = append(ids, r.ID+"\t"+r.Title)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
