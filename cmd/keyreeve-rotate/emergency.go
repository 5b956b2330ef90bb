package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// urgency is what the flags say of an emergency.
type urgency struct {
	emergency, drill bool
	ticket           string
}

func (u *urgency) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&u.emergency, "emergency", false, "overlap and canary are skipped, verification is not; approved by one of rotation.on_call; needs --ticket")
	f.StringVar(&u.ticket, "ticket", "", "the ticket of the emergency")
}

// plan is what the plan says of the emergency; nil: there is none.
func (u urgency) plan(only []string) (*plan.Emergency, error) {
	switch {
	case !u.emergency && (u.drill || u.ticket != ""):
		return nil, cli.Hinted(errors.New("--drill or --ticket without --emergency"), "give --emergency too")
	case !u.emergency:
		return nil, nil
	case u.ticket == "":
		return nil, cli.Hinted(errors.New("--emergency without --ticket"), "give the ticket of the incident, or of the drill")
	case len(only) == 0:
		return nil, cli.Hinted(errors.New("--emergency without --only"), "say with --only RESOURCE what leaked")
	}
	return &plan.Emergency{Ticket: u.ticket, Drill: u.drill}, nil
}

// agrees has whoever applies an emergency say so.
func (u urgency) agrees(p *plan.Plan) error {
	switch {
	case p.Emergency == nil && (u.emergency || u.ticket != ""):
		return cli.Hinted(errors.New("the plan is not one for an emergency"), "plan with --emergency --ticket ID --only RESOURCE")
	case p.Emergency == nil:
		return nil
	case !u.emergency || u.ticket != p.Emergency.Ticket:
		return cli.Hinted(errors.New("the plan is for an emergency"), "say that you know: --emergency --ticket %s", p.Emergency.Ticket)
	}
	return nil
}

func (a *app) ledgerReview() *cobra.Command {
	var h hand
	var note string
	cmd := &cobra.Command{
		Use: "review PLAN --note TEXT", Short: "Record, signed, that an emergency was reviewed", Args: cli.Exactly(1, "a plan file"),
		Long: `Records that somebody who neither planned nor applied an emergency has gone through it:
what leaked and how, who used it, what was done, and what is still to do. It comes
after the rotations have ended, or the plan has expired.`,
		Example: `  keyreeve-rotate ledger review urgent.json --note "INC-4711: leaked by a build log, no foreign use" \
      -c keyreeve.yaml --as ben@example.com --key ~/.ssh/id_ed25519`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			d, err := a.open()
			if err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			if note == "" {
				return cli.Hinted(errors.New("the review says nothing"), "give --note TEXT")
			}
			raw, err := a.sign(cmd.Context(), d, &h, approval.Review, remediate.ReviewMessage(p, note))
			if err != nil {
				return err
			}
			var signature approval.Signature
			if err := json.Unmarshal(raw, &signature); err != nil {
				return err
			}
			w, err := a.writing(cmd.Context(), d, h.as)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			if err := a.runOver(d, p, w).Reviewable(signature); err != nil {
				return err
			}
			if _, err := w.Append(cmd.Context(), format.Entry{Kind: format.Reviewed, By: h.as, Plan: p.Digest(), Note: note, Signature: raw}); err != nil {
				return err
			}
			a.say("the emergency of ticket %s was reviewed by %s", p.Emergency.Ticket, h.as)
			return nil
		},
	}
	h.flags(cmd, false)
	cmd.Flags().StringVar(&note, "note", "", "what was found, for the ledger")
	return cmd
}

// reviewed is a line about the review of an emergency.
func reviewed(run *remediate.Run) string {
	if who := run.Reviewed(); who != "" {
		return "emergency, reviewed by " + who + "\n"
	}
	return "emergency, not reviewed yet: keyreeve-rotate ledger review\n"
}
