package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/collectors"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo"
)

func (a *app) scan() *cobra.Command {
	var j judging
	cmd := &cobra.Command{
		Use:   "scan [-c FILE]",
		Short: "Read live back ends, judge what they hold and report",
		Long: `Read live back ends with calls that change nothing and return no secret value, judge
what they hold and report. The exit code says how much was read, not what was found:
keyreeve gate judges the result.

Without -c, scan reads what the environment offers (VAULT_ADDR; AWS credentials and
Region) and says so. A keyreeve.yaml in the working directory is not used unless named:
an address in somebody's repository must never receive a token.

Exit codes: 0 read, 2 usage or configuration, 3 incomplete, 4 nothing could be read.`,
		Example: `  keyreeve scan -c keyreeve.yaml
  keyreeve scan -c keyreeve.yaml -o text -o sarif=scan.sarif -o json=scan.json --snapshot scan.ndjson
  VAULT_ADDR=https://vault.example:8200 keyreeve scan`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.prepare(&j); err != nil {
				return err
			}
			snap, err := a.read(cmd.Context(), &j)
			if err != nil {
				return err
			}
			result, err := a.judge(cmd.Context(), "scan", snap, &j)
			if err != nil {
				return err
			}
			return reading(result)
		},
	}
	j.flags(cmd)
	cmd.Flags().StringVar(&j.snapshot, "snapshot", "", "also write what was observed to this file, for check and explain")
	return cmd
}

func (a *app) collect() *cobra.Command {
	var j judging
	cmd := &cobra.Command{
		Use:   "collect -c FILE SNAPSHOT",
		Short: "Read live back ends into a snapshot file, without judging",
		Long: `Read live back ends into a snapshot file (NDJSON, mode 0600). It holds names, dates,
settings and tags, never a secret value. keyreeve check judges it, here or elsewhere.

Exit codes: 0 read, 2 usage or configuration, 3 incomplete, 4 nothing could be read.`,
		Example: `  keyreeve collect -c keyreeve.yaml tonight.ndjson
  keyreeve check tonight.ndjson --as-of +30d`,
		Args: cli.Exactly(1, "one file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.prepare(&j); err != nil {
				return err
			}
			snap, err := a.read(cmd.Context(), &j)
			if err != nil {
				return err
			}
			if err := writeSnapshot(args[0], snap); err != nil {
				return err
			}
			// Judging it costs little and tells how much was read, in the words and codes of scan.
			result, err := scanner.Judge(cmd.Context(), snap, scanner.JudgeOptions{
				Verb: "collect", Tool: toolVersion(), AsOf: snap.TakenAt,
				Engine: j.engine, Classify: j.config.Classify, Waivers: j.waived,
			})
			if err != nil {
				return err
			}
			if !a.quiet {
				fmt.Fprintf(a.stdout, "%s: %d resources of %d scopes, %d gaps\n", args[0], len(snap.Resources), len(snap.Scopes), len(snap.Gaps))
			}
			return reading(result)
		},
	}
	cmd.Flags().StringVarP(&j.configPath, "config", "c", "", "configuration file (keyreeve.yaml)")
	return cmd
}

// read collects from everything that the configuration names, or, without one, from what the environment offers.
func (a *app) read(ctx context.Context, j *judging) (*inventory.Snapshot, error) {
	sources, err := a.sources(ctx, j)
	if err != nil {
		return nil, err
	}
	p := a.progress(len(sources))
	defer p.finish()
	return scanner.Collect(ctx, sources, scanner.CollectOptions{Now: a.now(), Tool: toolVersion(), Logger: a.logger(), Progress: p})
}

// errNoSource is the error where nothing says what to read.
var errNoSource = errors.New("nothing to scan: no configuration was given and the environment offers no back end")

const stepToSource = "give -c FILE, or set VAULT_ADDR and VAULT_TOKEN, or AWS_REGION and AWS credentials"

func (a *app) sources(ctx context.Context, j *judging) ([]inventory.Source, error) {
	opts := collectors.Options{Logger: a.logger(), Env: a.env, Now: a.now, Version: toolVersion()}
	backends := j.config.Sources.Config
	if j.configPath == "" {
		var from []string
		for _, b := range collectors.Backends {
			if what := b.FromEnvironment(opts, &backends); what != "" {
				from = append(from, what)
			}
		}
		if len(from) == 0 {
			return nil, cli.Hinted(errNoSource, "%s", stepToSource)
		}
		if !a.quiet {
			fmt.Fprintf(a.stderr, "keyreeve: no -c given; reading %s\n", strings.Join(from, " and "))
		}
	}
	sources, err := collectors.Open(ctx, backends, opts)
	if err != nil {
		return nil, err
	}
	repositories, err := repositories(j.config, opts)
	if err != nil {
		return nil, err
	}
	if sources = append(sources, repositories...); len(sources) == 0 {
		return nil, cli.Hinted(fmt.Errorf("read %q: sources: names nothing to read", j.configPath), "keyreeve scan --help shows an example; the README lists every key")
	}
	return sources, nil
}

func repositories(c *config.Config, o collectors.Options) ([]inventory.Source, error) {
	var out []inventory.Source
	for _, r := range c.Sources.Repositories {
		s, err := repo.Open(repo.Options{Root: c.Resolve(r.Path), Name: r.Name, Logger: o.Logger})
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
