package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
)

func (a *app) policy() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "List, test, lint and write rules",
		Example: `  keyreeve policy list
  keyreeve policy new rotation/our-own --policies ./our-rules
  keyreeve policy test --policies ./our-rules
  keyreeve policy lint --policies ./our-rules`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.policyList(), a.policyTest(), a.policyLint(), a.policyNew())
	return cmd
}

func policiesFlag(cmd *cobra.Command, dirs *[]string, about string) {
	cmd.Flags().StringArrayVar(dirs, "policies", nil, about)
	_ = cmd.MarkFlagDirname("policies")
}

func (a *app) policyList() *cobra.Command {
	var j judging
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List all rules with severity and title", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.prepare(&j); err != nil {
				return err
			}
			rules := append(j.engine.Rules(), scanner.Diagnostics...)
			if asJSON {
				enc := json.NewEncoder(a.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(rules)
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, r := range rules {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, strings.Join(r.AppliesTo, " "), r.Title)
			}
			return w.Flush()
		},
	}
	policiesFlag(cmd, &j.policyDirs, "also list the rules of this folder; repeatable")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON, with everything the rules say of themselves")
	return cmd
}

func (a *app) policyTest() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use: "test", Short: "Run the Rego tests and the examples of all rules", Args: cobra.NoArgs,
		Long: "Run the Rego tests and the examples of the built-in rules, or, with --policies, of that folder's rules.\nExit code 1 when one fails.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := evaluate.Test(cmd.Context(), evaluate.TestOptions{Builtin: policies.FS, Policies: dirs})
			if err != nil {
				return err
			}
			for _, f := range r.Failures {
				fmt.Fprintln(a.stdout, f)
			}
			fmt.Fprintf(a.stdout, "%d rules, %d Rego tests, %d examples: %d failed\n", r.Rules, r.Tests, r.Examples, len(r.Failures))
			if len(r.Failures) > 0 {
				return cli.Status(exitFindings)
			}
			return nil
		},
	}
	policiesFlag(cmd, &dirs, "test the rules of this folder instead of the built-in ones; repeatable")
	return cmd
}

func (a *app) policyLint() *cobra.Command {
	var dirs []string
	cmd := &cobra.Command{
		Use: "lint", Short: "Find mistakes in rules that would make a verdict wrong", Args: cobra.NoArgs,
		Long: "Find what compiles but would make a verdict wrong or undecidable, in the built-in rules or, with --policies, in that folder's.\nExit code 1 when there is a problem that is no warning.",
		RunE: func(*cobra.Command, []string) error {
			problems, err := evaluate.Lint(evaluate.LintOptions{Builtin: policies.FS, Policies: dirs})
			if err != nil {
				return err
			}
			failed := false
			for _, p := range problems {
				fmt.Fprintln(a.stdout, p)
				failed = failed || !p.Warning
			}
			if failed {
				return cli.Status(exitFindings)
			}
			if !a.quiet {
				fmt.Fprintf(a.stderr, "policy lint: %d warnings, no problems\n", len(problems))
			}
			return nil
		},
	}
	policiesFlag(cmd, &dirs, "lint the rules of this folder instead of the built-in ones; repeatable")
	return cmd
}

func (a *app) policyNew() *cobra.Command {
	dir := "policies"
	cmd := &cobra.Command{
		Use: "new AREA/NAME", Short: "Write the skeleton of a rule: rule, Rego test, examples",
		Example: "  keyreeve policy new rotation/our-own --policies ./our-rules\n  keyreeve policy test --policies ./our-rules",
		Args:    cli.Exactly(1, "the new rule's AREA/NAME"),
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := evaluate.Skeleton(args[0])
			if err != nil {
				return err
			}
			builtin, err := evaluate.Load(evaluate.Options{Builtin: policies.FS})
			if err != nil {
				return err
			}
			if slices.ContainsFunc(builtin.Rules(), func(r finding.Rule) bool { return r.ID == args[0] }) {
				return cli.Hinted(fmt.Errorf("there is a built-in rule %q", args[0]), "choose another name; keyreeve explain %s shows what is there", args[0])
			}
			folder := filepath.Join(dir, filepath.FromSlash(args[0]))
			if _, err := os.Stat(folder); err == nil {
				return cli.Hinted(fmt.Errorf("%q exists already", folder), "choose another name, or remove the folder")
			}
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return fmt.Errorf("write skeleton: %w", err)
			}
			names := make([]string, 0, len(files))
			for name := range files {
				names = append(names, name)
			}
			sort.Strings(names)
			for _, name := range names {
				path := filepath.Join(folder, name)
				if err := os.WriteFile(path, []byte(files[name]), 0o644); err != nil {
					return fmt.Errorf("write skeleton: %w", err)
				}
				fmt.Fprintln(a.stdout, path)
			}
			if !a.quiet {
				fmt.Fprintf(a.stderr, "next: edit %s, then keyreeve policy test --policies %s\n", filepath.Join(folder, "rule.rego"), dir)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "policies", dir, "folder that gets the rule")
	_ = cmd.MarkFlagDirname("policies")
	return cmd
}
