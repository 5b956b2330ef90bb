package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report"
)

func (a *app) plan() *cobra.Command {
	var snapshot, out, against string
	var only []string
	var retire bool
	var h hand
	var urgent urgency
	cmd := &cobra.Command{
		Use:   "plan RESULT --snapshot SNAPSHOT --out PLAN",
		Short: "Make a plan from a scan, and sign it",
		Long: `Makes a plan from the result and the snapshot of one scan that is no older than a
day: for each finding whose remedy is a rotation, the steps, what each expects to
find, what it waits for, and how it is undone. What cannot be planned safely is
listed with the reason, and makes the exit code 3.

It asks no back end and writes to none. The plan is a file; that it was planned,
and by whom, goes to the ledger.`,
		Example: `  keyreeve scan -c keyreeve.yaml -o json=scan.json --snapshot scan.ndjson
  keyreeve-rotate plan scan.json --snapshot scan.ndjson -c keyreeve.yaml --out plan.json \
      --as ana@example.com --key ~/.ssh/id_ed25519

  keyreeve-rotate plan scan.json --snapshot scan.ndjson -c keyreeve.yaml --only vault:eu/root/transit/keys/jwt
      only to look at: nothing is signed, and the plan is not in the ledger

  keyreeve-rotate plan scan.json --snapshot scan.ndjson -c keyreeve.yaml --out urgent.json \
      --emergency --ticket INC-4711 --only vault:eu/root/transit/keys/jwt \
      --as ana@example.com --key ~/.ssh/id_ed25519
      a key that leaked: no overlap and no canary; add --drill to exercise it`,
		Args: cli.Exactly(1, "the result file of a scan"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			if snapshot == "" {
				return cli.Hinted(errors.New("no snapshot is named"), "a scan writes one with --snapshot FILE; give it with --snapshot")
			}
			if (h.as == "") != (out == "") || (h.as == "") != (h.key == "") {
				return cli.Hinted(errors.New("a plan that is to be approved needs a file and a signature"), "give --out PLAN, --as PRINCIPAL and --key FILE, or none of them to look at the plan only")
			}
			p, err := a.build(cmd.Context(), d, args[0], snapshot, only, retire, urgent)
			if err != nil {
				return err
			}
			if err := a.showPlan(p, against); err != nil {
				return err
			}
			if h.as != "" {
				if err := a.keepPlan(cmd.Context(), d, &h, p, out); err != nil {
					return err
				}
			}
			if len(p.Refused) > 0 {
				return cli.Status(exitPartly)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&snapshot, "snapshot", "", "the snapshot of the same scan")
	f.StringVar(&out, "out", "", "file to write the plan to")
	f.StringVar(&against, "diff", "", "show what is different from this earlier plan instead of the plan")
	f.StringArrayVar(&only, "only", nil, "plan this resource only, due or not; repeatable")
	f.BoolVar(&retire, "retire", false, "plan the end of old versions of what --only names, and nothing else")
	h.flags(cmd, false)
	urgent.flags(cmd)
	f.BoolVar(&urgent.drill, "drill", false, "with --emergency: exercise it, in another tier than production")
	return cmd
}

func (a *app) build(ctx context.Context, d *desk, resultPath, snapshotPath string, only []string, retire bool, urgent urgency) (*plan.Plan, error) {
	emergency, err := urgent.plan(only)
	if err != nil {
		return nil, err
	}
	if retire && len(only) == 0 {
		return nil, cli.Hinted(errors.New("--retire without --only"), "say with --only RESOURCE which key's old versions are to go")
	}
	if err := d.approvable(); err != nil {
		return nil, err
	}
	log, err := d.reading(ctx)
	if err != nil {
		return nil, err
	}
	in := remediate.Inputs{
		Tool: version, Now: a.now(), Classify: d.config.Classify, Settings: d.settings, Ledger: log.ID, Signers: d.keys.Signers.Hash(),
		Drafters: drafters(), Endpoint: d.endpoint, Retire: retire, Emergency: emergency,
	}
	for _, id := range only {
		in.Only = append(in.Only, inventory.ID(id))
	}
	if err := open(resultPath, &in.ResultSHA, func(r io.Reader) error {
		in.Result, err = finding.ReadResult(r, resultPath)
		return err
	}); err != nil {
		return nil, err
	}
	if err := open(snapshotPath, &in.SnapshotSHA, func(r io.Reader) error {
		in.Snapshot, err = inventory.ReadSnapshot(r, snapshotPath)
		return err
	}); err != nil {
		return nil, err
	}
	return remediate.Build(in)
}

// open reads a file and tells its SHA-256.
func open(path string, sum *string, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	all := io.TeeReader(f, h)
	if err := read(all); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, all)
	*sum = hex.EncodeToString(h.Sum(nil))
	return err
}

func (a *app) showPlan(p *plan.Plan, against string) error {
	if against == "" {
		_, err := io.WriteString(a.stdout, p.Text())
		return err
	}
	old, err := readPlan(against)
	if err != nil {
		return err
	}
	_, err = io.WriteString(a.stdout, plan.Diff(old, p))
	return err
}

// keepPlan writes the plan, and then to the ledger that it was planned: a file that the ledger does not know is no plan, and does no harm.
func (a *app) keepPlan(ctx context.Context, d *desk, h *hand, p *plan.Plan, out string) (err error) {
	signature, err := a.sign(ctx, d, h, approval.Plan, p.Message())
	if err != nil {
		return err
	}
	if err := report.WriteFile(out, func(w io.Writer) error {
		_, err := w.Write(p.Bytes())
		return err
	}); err != nil {
		return err
	}
	w, err := a.writing(ctx, d, h.as)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, r := range p.Rotations {
		if _, err := w.Append(ctx, format.Entry{Kind: format.Planned, By: h.as, Plan: p.Digest(), Rotation: r.ID, Resource: string(r.Resource), Facts: planned(p, &r)}); err != nil {
			return err
		}
	}
	// The signature comes last: a plan that counts is one of which the ledger holds all that a scan needs to watch it.
	if _, err := w.Append(ctx, format.Entry{Kind: format.Planned, By: h.as, Plan: p.Digest(), Signature: signature}); err != nil {
		return err
	}
	if len(p.Rotations) == 0 {
		a.say("wrote %s: %s, planned by %s\nnext: nothing; it rotates nothing, so it needs no approval", out, p.Digest(), h.as)
		return nil
	}
	a.say("wrote %s: %s, planned by %s\nnext: keyreeve-rotate approve %s -c %s --as WHO --key FILE", out, p.Digest(), h.as, out, a.configPath)
	return nil
}

// planned is what the ledger keeps of a rotation that was planned: all that its Source needs, as the plan itself is not in it. Durations are in
// seconds; lists have one item a line.
func planned(p *plan.Plan, r *plan.Rotation) map[string]string {
	facts := map[string]string{
		"name": r.Name, "kind": r.Type, "tier": r.Tier, "purpose": r.Purpose, "pattern": string(r.Pattern), "until": p.Expires.UTC().Format(time.RFC3339),
		"approvers": strings.Join(p.Approval[r.Tier].Approvers, "\n"), // none: anybody who may sign
	}
	if n := len(r.Steps); n > 0 {
		facts["last"] = r.Steps[n-1].ID // the step with which it ends
	}
	if window := time.Duration(r.Window()); window > 0 {
		facts["window"] = strconv.Itoa(int(window / time.Second))
	}
	var counterparts []string
	for _, id := range r.Counterparts {
		counterparts = append(counterparts, string(id))
	}
	if len(counterparts) > 0 {
		facts["counterparts"] = strings.Join(counterparts, "\n")
	}
	if p.Emergency != nil {
		facts["approve_within"] = strconv.Itoa(int(time.Duration(p.Emergency.ApproveWithin) / time.Second)) // 0: before
	}
	return facts
}

func (a *app) approve() *cobra.Command {
	var h hand
	var message, audience bool
	var token string
	cmd := &cobra.Command{
		Use:   "approve PLAN",
		Short: "Sign a plan after reading it",
		Long: `Shows the plan and signs it. The signature covers every letter of it: a plan that
is changed afterwards is a plan that nobody approved. It counts while the file of
signers stays as it is.

A CI system can approve with the identity token of a job in a protected environment,
whose audience is this plan and no other: it shows that the environment's reviewers
let the job run, not who they were. So see there that who plans does not review.
A program of rotation.outside approves when it is asked, at every apply.`,
		Example: `  keyreeve-rotate approve plan.json -c keyreeve.yaml --as ben@example.com --key ~/.ssh/id_ed25519

  keyreeve-rotate approve plan.json -c keyreeve.yaml --message >m     # sign elsewhere
  ssh-keygen -Y sign -n approve@keyreeve -f ~/.ssh/id_ed25519 m
  keyreeve-rotate approve plan.json -c keyreeve.yaml --as ben@example.com --signature m.sig

  In a job of a protected environment that rotation.outside names (GitHub):
  curl -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
      "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$(keyreeve-rotate approve plan.json -c keyreeve.yaml --audience)" |
      jq -r .value | keyreeve-rotate approve plan.json -c keyreeve.yaml --as github --token -`,
		Args: cli.Exactly(1, "a plan file"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			d, err := a.open()
			if err != nil {
				return err
			}
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			if message {
				_, err := a.stdout.Write(p.Message())
				return err
			}
			if audience {
				_, err := fmt.Fprintln(a.stdout, approval.Audience(p.Digest()))
				return err
			}
			if !a.now().Before(p.Expires) {
				return cli.Hinted(fmt.Errorf("the plan expired at %s", p.Expires.Format("2006-01-02 15:04 UTC")), "make a new one")
			}
			if len(p.Rotations) == 0 {
				return cli.Hinted(errors.New("the plan rotates nothing, so there is nothing to approve"), "plan anew when something is due")
			}
			var signature json.RawMessage
			if token != "" {
				signature, err = a.token(cmd.Context(), d, p, &h, token)
			} else {
				signature, err = a.sign(cmd.Context(), d, &h, approval.Approve, p.Message())
			}
			if err != nil {
				return err
			}
			w, err := a.writing(cmd.Context(), d, h.as)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			run := a.runOver(d, p, w)
			if err := run.Here(cmd.Context()); err != nil {
				return err
			}
			if _, err := io.WriteString(a.stdout, p.Text()); err != nil {
				return err
			}
			if _, err := w.Append(cmd.Context(), format.Entry{Kind: format.Approved, By: h.as, Plan: p.Digest(), Signature: signature}); err != nil {
				return err
			}
			a.say("%s approved by %s", p.Digest(), h.as)
			if missing := run.Missing(cmd.Context()); missing != "" {
				a.say("still missing: %s", missing)
			} else {
				urgent := ""
				if p.Emergency != nil {
					urgent = " --emergency --ticket " + p.Emergency.Ticket
				}
				a.say("next: keyreeve-rotate apply %s -c %s --as WHO --key FILE%s", args[0], a.configPath, urgent)
			}
			return nil
		},
	}
	h.flags(cmd, true)
	cmd.Flags().BoolVar(&message, "message", false, "print what is to be signed, for ssh-keygen -Y sign -n approve@keyreeve")
	cmd.Flags().BoolVar(&audience, "audience", false, "print the audience that a CI job's identity token for this plan must have")
	cmd.Flags().StringVar(&token, "token", "", "file with such a token, - for standard input, instead of --key")
	return cmd
}

// token reads the identity token of a CI job and checks that it approves the plan. In the ledger it is worth nothing to anybody else: it is for
// this plan alone.
func (a *app) token(ctx context.Context, d *desk, p *plan.Plan, h *hand, path string) (json.RawMessage, error) {
	if h.as == "" || h.key != "" || h.signature != "" {
		return nil, cli.Hinted(errors.New("whose token it is, is not said"), "give --as NAME, one of rotation.outside, and neither --key nor --signature")
	}
	in := a.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("read token: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	s := approval.Signature{Kind: approval.OIDC, Principal: h.as, At: a.now().UTC(), Proof: strings.TrimSpace(string(text))}
	if err := a.runOver(d, p, readOnly{}).VerifyToken(ctx, s.Principal, s.Proof, a.now()); err != nil {
		return nil, cli.Hinted(fmt.Errorf("the token of %s does not count: %w", h.as, err), "ask for a new one with the audience that --audience prints")
	}
	return json.Marshal(s)
}
