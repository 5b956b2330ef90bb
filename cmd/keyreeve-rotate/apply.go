package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

func (a *app) apply() *cobra.Command {
	var h hand
	var urgent urgency
	cmd := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Do what is due of an approved plan, and end",
		Long: `Does what is due: looks at what is there now, announces each act in the ledger,
does it, and writes down what came of it. What has to wait is not waited for: the
run ends and says when there is something to do again, so let a scheduler call it.

A run that was killed is gone on with by the next. Where nobody can tell whether
an act was carried out, it looks; it never repeats one that may still arrive. The
first rotation that stops ends the run, and the exit code is 1.`,
		Example: `  keyreeve-rotate apply plan.json -c keyreeve.yaml --as ci@example.com --key /run/keys/ci

  keyreeve-rotate apply urgent.json -c keyreeve.yaml --as ana@example.com --key ~/.ssh/id_ed25519 \
      --emergency --ticket INC-4711
      a plan that was made with the same two flags`,
		Args: cli.Exactly(1, "a plan file"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
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
			if err := urgent.agrees(p); err != nil {
				return err
			}
			if err := d.sameEndpoints(p); err != nil {
				return err
			}
			signature, err := a.sign(cmd.Context(), d, &h, approval.Apply, p.Message())
			if err != nil {
				return err
			}
			w, err := a.writing(cmd.Context(), d, h.as)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			if len(p.Rotations) == 0 {
				a.say("the plan rotates nothing")
			}
			run := a.runOver(d, p, w)
			run.By, run.Begun, run.Rotators = h.as, signature, a.dialer(d).rotators()
			run.Say = func(rotation, text string) { a.say("%s: %s", plan.Shown(rotation), plan.Shown(text)) }
			states, err := run.Apply(cmd.Context())
			if len(states) > 0 {
				if _, werr := io.WriteString(a.stdout, drawStates(run, states, color)); werr != nil {
					return errors.Join(err, werr)
				}
			}
			if err != nil {
				return err
			}
			if slices.ContainsFunc(states, func(s remediate.State) bool { return s.Failed }) {
				return cli.Status(exitStopped)
			}
			return nil
		},
	}
	h.flags(cmd, false)
	urgent.flags(cmd)
	return cmd
}

func (a *app) confirm() *cobra.Command {
	var h hand
	var client string
	var message bool
	cmd := &cobra.Command{
		Use:   "confirm PLAN ROTATION --client NAME",
		Short: "Say, signed, that a client has moved to the new key",
		Example: `  keyreeve-rotate confirm plan.json jwt-3f2a91c0 --client billing -c keyreeve.yaml \
      --as cleo@example.com --key ~/.ssh/id_ed25519`,
		Args: cli.Exactly(2, "a plan file and a rotation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			r, err := rotation(p, args[1])
			if err != nil {
				return err
			}
			if all := r.Confirmers(); !slices.Contains(all, client) {
				return cli.Hinted(fmt.Errorf("%q is no client of rotation %s", client, r.ID), "those who confirm are %q", all)
			}
			text := remediate.ConfirmMessage(p, r.ID, client)
			if message {
				_, err := a.stdout.Write(text)
				return err
			}
			signature, err := a.sign(cmd.Context(), d, &h, approval.Confirm, text)
			if err != nil {
				return err
			}
			e := format.Entry{Kind: format.Confirmed, Facts: map[string]string{"client": client}, Signature: signature}
			return a.record(cmd, d, h.as, p, r, e, fmt.Sprintf("%s: %s has moved, says %s", r.ID, client, h.as), func(run *remediate.Run) error {
				if no := run.Confirmable(r, client); no != "" {
					return cli.Hinted(fmt.Errorf("%s cannot be confirmed for %s: %s", r.ID, client, no), "keyreeve-rotate status %s -c %s shows where it stands; apply takes it further", args[0], a.configPath)
				}
				return nil
			})
		},
	}
	h.flags(cmd, true)
	cmd.Flags().StringVar(&client, "client", "", "the client, as the plan names it")
	cmd.Flags().BoolVar(&message, "message", false, "print what is to be signed, for ssh-keygen -Y sign -n confirm@keyreeve")
	return cmd
}

func (a *app) consent() *cobra.Command {
	var h hand
	var step, names string
	cmd := &cobra.Command{
		Use:   "consent PLAN ROTATION --step STEP --names WHAT",
		Short: "Say, signed, that what a lost answer left behind may be made harmless",
		Long: `When the answer to an act is lost, and with it a secret that nobody can read again,
something is left behind that may be ours or a colleague's. apply stops and names
it. Ask your colleagues; then say here that it may go.`,
		Example: `  keyreeve-rotate consent plan.json ci-7d21 --step create --names AKIAIOSFODNN7EXAMPLE \
      -c keyreeve.yaml --as ana@example.com --key ~/.ssh/id_ed25519`,
		Args: cli.Exactly(2, "a plan file and a rotation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			r, err := rotation(p, args[1])
			if err != nil {
				return err
			}
			if step == "" || names == "" {
				return cli.Hinted(errors.New("what is consented to is not said"), "give --step and --names as apply printed them")
			}
			signature, err := a.sign(cmd.Context(), d, &h, approval.Consent, remediate.ConsentMessage(p, r.ID, step, names))
			if err != nil {
				return err
			}
			e := format.Entry{Kind: format.Consented, Step: step, Facts: map[string]string{"names": names}, Signature: signature}
			return a.record(cmd, d, h.as, p, r, e, fmt.Sprintf("%s: %s may go, says %s", r.ID, names, h.as), func(run *remediate.Run) error {
				if no := run.Consentable(r, step); no != "" {
					return cli.Hinted(fmt.Errorf("nothing of %s is to be consented to: %s", r.ID, no), "give --step and --names as apply printed them")
				}
				return nil
			})
		},
	}
	h.flags(cmd, false)
	cmd.Flags().StringVar(&step, "step", "", "the step whose answer was lost")
	cmd.Flags().StringVar(&names, "names", "", "what was left behind, by its name in the back end")
	return cmd
}

// record writes what somebody says of a rotation, if the plan is one of this ledger and it may be so.
func (a *app) record(cmd *cobra.Command, d *desk, who string, p *plan.Plan, r *plan.Rotation, e format.Entry, told string, may func(*remediate.Run) error) (err error) {
	w, err := a.writing(cmd.Context(), d, who)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	run := a.runOver(d, p, w)
	if err := run.Here(cmd.Context()); err != nil {
		return err
	}
	if err := may(run); err != nil {
		return err
	}
	e.By, e.Plan, e.Rotation, e.Resource = who, p.Digest(), r.ID, string(r.Resource)
	if _, err := w.Append(cmd.Context(), e); err != nil {
		return err
	}
	a.say("%s", told)
	return nil
}

func (a *app) abort() *cobra.Command {
	var h hand
	var why string
	var back []string
	cmd := &cobra.Command{
		Use:   "abort PLAN ROTATION --why TEXT",
		Short: "Have a rotation taken back while that is possible",
		Long: `Marks a rotation as aborted: the next apply takes its steps back, the last one first.
Where a step that was done cannot be taken back, nothing is marked, and the reason
is printed with exit code 1. So it is where a client has confirmed that it moved to
the new one, or may have, as a new secret-id or access key is handed over when it is
made: have it move back, and say so with --moved-back.`,
		Example: `  keyreeve-rotate abort plan.json jwt-3f2a91c0 --why "billing cannot verify the new kid" -c keyreeve.yaml \
      --as ana@example.com --key ~/.ssh/id_ed25519`,
		Args: cli.Exactly(2, "a plan file and a rotation"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			r, err := rotation(p, args[1])
			if err != nil {
				return err
			}
			if why == "" {
				return cli.Hinted(errors.New("no reason is given"), "say with --why why it is taken back")
			}
			e := format.Entry{Kind: format.Aborted, Note: why}
			if len(back) > 0 {
				e.Facts = map[string]string{remediate.FactMovedBack: strings.Join(back, "\n")}
			}
			if e.Signature, err = a.sign(cmd.Context(), d, &h, approval.Apply, remediate.AbortMessage(p, r.ID, e.Note, e.Facts[remediate.FactMovedBack])); err != nil {
				return err
			}
			told := fmt.Sprintf("%s is to be taken back; next: keyreeve-rotate apply %s -c %s", r.ID, args[0], a.configPath)
			return a.record(cmd, d, h.as, p, r, e, told, func(run *remediate.Run) error {
				can, no := run.Reversible(r)
				if moved := slices.DeleteFunc(slices.Clone(run.Moved(r)), func(c string) bool { return slices.Contains(back, c) }); can && len(moved) > 0 {
					can, no = false, fmt.Sprintf("%s has confirmed to use the new one, or may use it as it was handed over, and would be cut off\nhint: have it move back, and say so with --moved-back %s", strings.Join(moved, ", "), strings.Join(moved, " --moved-back "))
				}
				if !can {
					fmt.Fprintf(a.stderr, "keyreeve-rotate: %s cannot be taken back: %s\n", r.ID, no)
					return cli.Status(exitStopped)
				}
				for _, s := range run.Stays(r) {
					a.say("%s stays: %s; what was made with it since %s may be about", s.ID, s.Says, s.UndoBefore)
				}
				return nil
			})
		},
	}
	h.flags(cmd, false)
	cmd.Flags().StringVar(&why, "why", "", "the reason, for the ledger")
	cmd.Flags().StringArrayVar(&back, "moved-back", nil, "a client that had confirmed and uses the old one again; repeatable")
	return cmd
}
