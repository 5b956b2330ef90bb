package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/finding"
)

// The people of the demo: one plans, another approves, and a job applies.
const (
	planner  = "ana"
	approver = "ben"
	job      = "ci"
)

// The exit codes of keyreeve-rotate that the demo expects.
const (
	fine   = 0
	partly = 3 // some findings could not be planned, and the plan says why
)

// rotationsWithin bounds the demo's rotations; their waits are of seconds.
const rotationsWithin = 2 * time.Minute

// rotate plans what is due from the scan, has it signed by two people, applies it, is killed in the middle, goes on, and scans again.
func (d *demo) rotate(ctx context.Context) error {
	d.step("Rotating what is due: planned, signed by two people, applied, killed in the middle, gone on with")
	config := []string{"-c", d.path("keyreeve.yaml")}
	as := func(who string) []string {
		return append([]string{"--as", who, "--key", d.path("keys", who)}, config...)
	}
	planFile := d.out("plan.json")
	if _, err := d.askRotate(ctx, nil, partly, append([]string{"plan", d.out("scan.json"), "--snapshot", d.out("snapshot.ndjson"), "--out", planFile}, as(planner)...)...); err != nil {
		return err
	}
	d.say("exit code 3, as it should be: what cannot be planned safely is in the plan with the reason")
	if _, err := d.askRotate(ctx, nil, fine, append([]string{"approve", planFile}, as(approver)...)...); err != nil {
		return err
	}
	policy, err := d.askRotate(ctx, nil, fine, append([]string{"permissions", planFile, "vault"}, config...)...)
	if err != nil {
		return err
	}
	token, err := d.token(ctx, "keyreeve-rotate", policy)
	if err != nil {
		return err
	}
	if _, err := d.askRotate(ctx, nil, fine, append([]string{"permissions", planFile, "aws"}, config...)...); err != nil {
		return err
	}
	env := append(d.awsEnviron(), "VAULT_TOKEN="+token)
	apply := append([]string{"apply", planFile}, as(job)...)
	if err := d.crash(ctx, env, apply); err != nil {
		return err
	}
	waiting, err := d.goOn(ctx, env, planFile, apply, config)
	if err != nil {
		return err
	}
	if _, err := d.askRotate(ctx, nil, fine, append([]string{"ledger", "verify"}, config...)...); err != nil {
		return err
	}
	return d.scanAgain(ctx, planFile, waiting)
}

// record makes the people who sign, and the ledger that rotations are written to and that scans judge.
func (d *demo) record(ctx context.Context) error {
	d.step("Making the ledger of rotations")
	if err := d.people(); err != nil {
		return err
	}
	_, err := d.askRotate(ctx, nil, fine, "ledger", "init", "--as", planner, "-c", d.path("keyreeve.yaml"))
	return err
}

// people makes throw-away keys, and the file that says whose they are.
func (d *demo) people() error {
	if err := os.MkdirAll(d.path("keys"), 0o700); err != nil {
		return err
	}
	var signers strings.Builder
	for _, who := range []string{planner, approver, job} {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		block, err := ssh.MarshalPrivateKey(private, "")
		if err != nil {
			return err
		}
		if err := os.WriteFile(d.path("keys", who), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		key, err := ssh.NewPublicKey(public)
		if err != nil {
			return err
		}
		fmt.Fprintf(&signers, "%s %s", who, ssh.MarshalAuthorizedKey(key))
	}
	return os.WriteFile(d.out("allowed_signers"), []byte(signers.String()), 0o644)
}

// crash has the job killed when Vault has rotated a key and before the job hears of it.
func (d *demo) crash(ctx context.Context, env, args []string) error {
	d.say("$ keyreeve-rotate %s", strings.Join(args, " "))
	cmd := d.command(ctx, d.rotator, args)
	cmd.Env = append(cmd.Env, env...)
	killed := make(chan error, 1)
	d.door.loseAnswer("/rotate", func() { killed <- cmd.Process.Kill() })
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	select {
	case kill := <-killed:
		if kill != nil {
			return kill
		}
	default:
		return fmt.Errorf("the job was not killed: it ended with %w", errors.Join(err, errors.New("no call to rotate a key arrived")))
	}
	d.say("killed on purpose: Vault has rotated a key, and the job never heard of it")
	return nil
}

// goOn applies as a scheduler would, until every rotation has ended or waits for longer than a demo lasts. It returns the IDs of those that wait:
// where another key takes a key's place, caches of the old one have to run out first.
func (d *demo) goOn(ctx context.Context, env []string, planFile string, apply, config []string) (waiting []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, rotationsWithin)
	defer cancel()
	for {
		said, err := d.askRotate(ctx, env, fine, apply...)
		if err != nil {
			return nil, err
		}
		states, err := d.states(ctx, planFile, config)
		if err != nil {
			return nil, err
		}
		due := false
		waiting = nil
		for _, s := range states {
			if long := s.Next != nil && time.Until(*s.Next) > rotationsWithin; !s.Ended && long {
				waiting = append(waiting, s.ID)
			} else if !s.Ended {
				due = true
			}
		}
		if !due {
			d.quote(said)
			return waiting, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the rotations of %s do not end: %w", planFile, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

// states says where each rotation stands.
func (d *demo) states(ctx context.Context, planFile string, config []string) ([]remediate.State, error) {
	said, err := d.askRotate(ctx, nil, fine, append([]string{"status", planFile, "-o", "json"}, config...)...)
	if err != nil {
		return nil, err
	}
	var status struct{ Rotations []remediate.State }
	err = json.Unmarshal([]byte(said), &status)
	return status.Rotations, err
}

// scanAgain reads the back ends anew and makes sure that what was rotated is found no more, but for what still waits.
func (d *demo) scanAgain(ctx context.Context, planFile string, waiting []string) error {
	before, err := readResult(d.out("scan.json"))
	if err != nil {
		return err
	}
	if err := d.read(ctx, "rescan", "resnapshot.ndjson"); err != nil {
		return err
	}
	after, err := readResult(d.out("rescan.json"))
	if err != nil {
		return err
	}
	f, err := os.Open(planFile)
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := plan.Read(f, planFile)
	if err != nil {
		return err
	}
	for _, r := range p.Rotations {
		if slices.Contains(waiting, r.ID) {
			continue
		}
		if found := slices.IndexFunc(after.Findings, func(f finding.Finding) bool {
			return f.Resource.ID == r.Resource && f.Verdict == finding.Fail && slices.Contains(r.Findings, f.Rule)
		}); found >= 0 {
			return fmt.Errorf("%s was rotated, and %s still finds it", r.Name, after.Findings[found].Rule)
		}
	}
	d.say("%d keys and secrets were rotated: %d findings failed before, %d do now, and none of what was rotated is among them", len(p.Rotations)-len(waiting), before.Summary.Fail, after.Summary.Fail)
	if len(waiting) > 0 {
		d.say("%s go on: their new keys are made, and their aliases lead to them when caches have run out", strings.Join(waiting, " and "))
	}
	return nil
}
