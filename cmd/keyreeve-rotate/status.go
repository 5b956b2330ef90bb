package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

func (a *app) status() *cobra.Command {
	var failOn, output string
	cmd := &cobra.Command{
		Use:   "status PLAN",
		Short: "Draw where every rotation of a plan stands",
		Long: `Draws each rotation's way through its stages, from the ledger alone: no back end is
asked. A rotation is stalled when it waits for a gate longer than the gate's
timeout; --fail-on stalled makes that exit code 1.`,
		Example: `  keyreeve-rotate status plan.json -c keyreeve.yaml --fail-on stalled`,
		Args:    cli.Exactly(1, "a plan file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if failOn != "" && failOn != "stalled" {
				return cli.Hinted(fmt.Errorf("--fail-on %q", failOn), "the one value is stalled")
			}
			d, err := a.open()
			if err != nil {
				return err
			}
			color, err := cli.Colored(a.color, a.stdout, a.env)
			if err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			log, err := d.reading(cmd.Context())
			if err != nil {
				return err
			}
			if log.ID != p.Ledger {
				return fmt.Errorf("the plan is for ledger %.12s, this is ledger %.12s", p.Ledger, log.ID)
			}
			run := a.runOver(d, p, readOnly{log})
			states := run.States()
			switch output {
			case "text":
				head := fmt.Sprintf("%s\nmade %s, expires %s\n", p.Digest(), day(p.MadeAt), day(p.Expires))
				if missing := run.Missing(cmd.Context()); missing != "" {
					head += "not approved: " + missing + "\n"
				}
				if p.Emergency != nil {
					head += reviewed(run)
				}
				_, err = io.WriteString(a.stdout, head+"\n"+drawStates(run, states, color))
			case "json":
				e := json.NewEncoder(a.stdout)
				e.SetIndent("", "  ")
				err = e.Encode(map[string]any{"plan": p.Digest(), "missing": run.Missing(cmd.Context()), "rotations": states})
			default:
				return cli.Hinted(fmt.Errorf("-o %q", output), "formats are text and json")
			}
			if err != nil {
				return err
			}
			if failOn == "stalled" && slices.ContainsFunc(states, func(s remediate.State) bool { return s.Stalled != nil || s.Stopped != "" }) {
				return cli.Status(exitStopped)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&failOn, "fail-on", "", "exit with 1 when a rotation is: stalled (or stopped)")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "format: text or json")
	return cmd
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// drawStates draws a line of stages for each rotation, and below it what it waits for:
//
//	jwt-3f2a91c0   CREATED > DISTRIBUTED > [PROMOTED] > SOAKING > DONE
//	               waits: not confirmed by billing; each says so with: ...
func drawStates(run *remediate.Run, states []remediate.State, color bool) string {
	var b strings.Builder
	wide := 0
	for _, s := range states {
		wide = max(wide, len(s.ID))
	}
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	for _, s := range states {
		fmt.Fprintf(&b, "%-*s  %s\n", wide, plan.Shown(s.ID), line(s, paint))
		below := func(code, text string) { fmt.Fprintf(&b, "%*s  %s\n", wide, "", paint(code, plan.Shown(text))) }
		if s.Stopped != "" {
			below("31", "stopped: "+s.Stopped)
		}
		if s.Waits != "" && s.Waits != s.Stopped {
			below("33", "waits: "+s.Waits)
		}
		if s.Next != nil {
			below("0", "next step not before "+day(*s.Next))
		}
		if s.Stalled != nil {
			below("31", "stalled since "+day(*s.Stalled))
		}
	}
	if len(states) == 0 {
		b.WriteString("the plan has no rotations\n")
	}
	return b.String()
}

// line shows the stages of a rotation, the one that is next in brackets.
func line(s remediate.State, paint func(code, text string) string) string {
	if s.Aborted {
		if s.Ended {
			return "taken back"
		}
		return "being taken back, from " + string(s.Stage)
	}
	var stages []string
	reached := slices.Index(plan.Stages, s.Stage)
	seen := plan.Planned
	next := true
	for _, step := range s.Rotation.Steps {
		if step.Stage == seen {
			continue
		}
		seen = step.Stage
		text := string(step.Stage)
		switch {
		case slices.Index(plan.Stages, step.Stage) <= reached && !(step.Stage == s.Stage && stepOf(s, step.Stage)):
			text = paint("32", text)
		case next:
			text, next = paint("1", "["+text+"]"), false
		default:
			text = paint("2", text)
		}
		stages = append(stages, text)
	}
	return strings.Join(stages, " > ")
}

// stepOf says whether the next step of a rotation is still in a stage.
func stepOf(s remediate.State, stage plan.Stage) bool {
	for _, step := range s.Rotation.Steps {
		if step.ID == s.Step {
			return step.Stage == stage
		}
	}
	return false
}
