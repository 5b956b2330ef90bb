package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/report"
)

// judging is what lint, scan and check have in common: by what they judge, and what they write.
type judging struct {
	configPath string
	policyDirs []string
	waivers    []string
	asOf       string
	snapshot   string
	outputs    outputs

	config *config.Config
	engine *evaluate.Engine
	waived *finding.Waivers
	only   func(*inventory.Resource) bool // what is judged; nil: all
}

func (j *judging) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&j.configPath, "config", "c", "", "configuration file (keyreeve.yaml)")
	f.StringArrayVar(&j.policyDirs, "policies", nil, "folder with rules of your own, AREA/RULE/ each; repeatable")
	f.StringArrayVar(&j.waivers, "waivers", nil, "file or folder of waivers, besides those the configuration names; repeatable")
	f.StringVar(&j.asOf, "as-of", "", "judge as of this time (2026-12-31 or RFC 3339) or in so many days (+30d)")
	j.outputs.flags(cmd)
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
	_ = cmd.MarkFlagDirname("policies")
}

// prepare reads everything that judging needs and finds what is wrong before a back end is asked anything.
func (a *app) prepare(j *judging) error {
	if len(j.outputs.specs) > 0 { // the verb reports
		if err := j.outputs.parse(); err != nil {
			return err
		}
		if _, err := cli.Colored(a.color, a.stdout, a.env); err != nil {
			return err
		}
	}
	if j.config == nil {
		j.config = &config.Config{}
		if j.configPath != "" {
			c, err := cli.Configuration(j.configPath)
			if err != nil {
				return err
			}
			j.config = c
		}
	}
	if _, err := relate.New(&inventory.Snapshot{}, j.config.Classify); err != nil {
		return j.inConfig(err)
	}
	engine, err := evaluate.Load(evaluate.Options{Builtin: policies.FS, Policies: j.policyDirs, Config: j.config.Rules})
	if err != nil {
		if wrong := (*evaluate.ConfigError)(nil); errors.As(err, &wrong) {
			return j.inConfig(err)
		}
		return err
	}
	j.engine = engine
	paths := append([]string(nil), j.waivers...)
	if j.config.Waivers != "" {
		paths = append(paths, j.config.Resolve(j.config.Waivers))
	}
	if j.waived, err = finding.ReadWaivers(paths...); err != nil {
		return err
	}
	return nil
}

// inConfig says in which file something is configured wrongly.
func (j *judging) inConfig(err error) error { return fmt.Errorf("read %q: %w", j.configPath, err) }

// judge judges a snapshot and writes the reports.
func (a *app) judge(ctx context.Context, verb string, snap *inventory.Snapshot, j *judging) (*finding.Result, error) {
	result, err := a.judged(ctx, verb, snap, j)
	if err != nil {
		return nil, err
	}
	return result, a.deliver(result, snap, j)
}

// judged judges a snapshot.
func (a *app) judged(ctx context.Context, verb string, snap *inventory.Snapshot, j *judging) (*finding.Result, error) {
	asOf, err := clock(j.asOf, snap.TakenAt)
	if err != nil {
		return nil, err
	}
	floors := map[string]float64{}
	for backend, p := range j.config.Coverage {
		floors[backend] = float64(p)
	}
	result, err := scanner.Judge(ctx, snap, scanner.JudgeOptions{
		Verb: verb, Tool: toolVersion(), AsOf: asOf, Engine: j.engine,
		Classify: j.config.Classify, Waivers: j.waived, Floors: floors, Only: j.only,
	})
	if err != nil {
		return nil, err
	}
	return result, ctx.Err()
}

// deliver writes the reports, and the snapshot where one is asked for.
func (a *app) deliver(result *finding.Result, snap *inventory.Snapshot, j *judging) error {
	if j.snapshot != "" {
		if err := writeSnapshot(j.snapshot, snap); err != nil {
			return err
		}
	}
	return a.write(result, &j.outputs)
}

// clock reads --as-of; without it the clock is the time at which the snapshot was taken.
func clock(asOf string, takenAt time.Time) (time.Time, error) {
	if asOf == "" {
		return takenAt, nil
	}
	var days int
	if n, err := fmt.Sscanf(asOf, "+%dd", &days); err == nil && n == 1 && asOf == fmt.Sprintf("+%dd", days) {
		return takenAt.AddDate(0, 0, days), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, asOf); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, cli.Hinted(fmt.Errorf("--as-of %q is no time", asOf), "write 2026-12-31, 2026-12-31T08:00:00Z or +30d")
}

func writeSnapshot(path string, snap *inventory.Snapshot) error {
	return report.WriteFile(path, func(w io.Writer) error { return snap.Write(w) })
}

func readSnapshot(path string) (*inventory.Snapshot, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cli.Hinted(fmt.Errorf("read snapshot: %w", err), "a snapshot is what keyreeve collect writes")
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, cli.Hinted(fmt.Errorf("read snapshot: %q is a folder", path), "name the file that keyreeve collect wrote")
	}
	return inventory.ReadSnapshot(f, path)
}

func readResult(path string) (*finding.Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cli.Hinted(fmt.Errorf("read result: %w", err), "a result is what -o json=FILE writes")
	}
	defer f.Close()
	return finding.ReadResult(f, path)
}

// reading is the exit code of a verb that reports but does not judge the run.
func reading(r *finding.Result) error {
	switch r.ReadingThatCounts() {
	case finding.Partial:
		return cli.Status(exitIncomplete)
	case finding.Nothing:
		return cli.Status(exitNothing)
	}
	return nil
}
