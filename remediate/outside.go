package remediate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
)

// askTime bounds one question to an approver that is not a person.
const askTime = time.Minute

// maxEvidence is how much of a program's answer is kept, in bytes.
const maxEvidence = 200

// outside makes the plan's approvers of the configured ones.
func (s *Settings) outside() (all []plan.Outside, err error) {
	for i := range s.Outside {
		o := &s.Outside[i]
		if err := locate(o.Command, s.dir); err != nil {
			return nil, fmt.Errorf("rotation.outside[%d]: %w", i, err)
		}
		out, err := o.outside()
		if err != nil {
			return nil, err
		}
		all = append(all, out)
	}
	return all, nil
}

func (s *OutsideSettings) outside() (plan.Outside, error) {
	o := plan.Outside{Name: s.Name, Issuer: s.Issuer, Claims: s.Claims, Command: s.Command, CAFile: s.CAFile}
	if len(s.Command) > 0 {
		p, err := program.Bind(s.Command)
		if err != nil {
			return o, fmt.Errorf("approver %q: %w", s.Name, err)
		}
		o.SHA256 = p.SHA256
	} else if s.CAFile != "" {
		text, err := os.ReadFile(s.CAFile)
		if err != nil {
			return o, fmt.Errorf("approver %q: %w", s.Name, err)
		}
		o.SHA256 = hash(text)
	}
	return o, nil
}

// VerifyToken checks that a token is the approval of one of the plan's issuers.
func (run *Run) VerifyToken(ctx context.Context, name, token string, at time.Time) error {
	i := slices.IndexFunc(run.Plan.Outside, func(o plan.Outside) bool { return o.Name == name && o.Issuer != "" })
	if i < 0 {
		return fmt.Errorf("the plan names no issuer %q", name)
	}
	o := &run.Plan.Outside[i]
	client := run.Client
	if o.CAFile != "" {
		var err error
		if client, err = trusting(client, o); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return approval.Issuer{URL: o.Issuer, Claims: o.Claims}.Verify(ctx, client, token, run.digest(), at)
}

// trusting is a client that accepts the certificates of the file that was approved, and no others.
func trusting(client *http.Client, o *plan.Outside) (*http.Client, error) {
	text, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("approver %q: %w", o.Name, err)
	}
	if hash(text) != o.SHA256 {
		return nil, fmt.Errorf("approver %q: the file %s is not the one of the plan", o.Name, o.CAFile)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("approver %q: %s holds no certificate", o.Name, o.CAFile)
	}
	c := *client
	c.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	return &c, nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// asked asks the programs that approve. A program that does not end with 0 has not approved.
func (run *Run) asked(ctx context.Context) (yes []approval.Signature, no []string) {
	for i := range run.Plan.Outside {
		o := &run.Plan.Outside[i]
		if len(o.Command) == 0 {
			continue
		}
		evidence, err := run.askProgram(ctx, o)
		if err != nil {
			no = append(no, fmt.Sprintf("%s: %v", o.Name, err))
			continue
		}
		yes = append(yes, approval.Signature{Kind: approval.Program, Principal: o.Name, At: run.Now().UTC(), Proof: evidence})
	}
	return yes, no
}

func (run *Run) askProgram(ctx context.Context, o *plan.Outside) (string, error) {
	var out strings.Builder
	err := program.Program{Argv: o.Command, SHA256: o.SHA256}.Run(ctx, program.Call{
		Environ: run.Environ, Within: askTime, Env: []string{"KEYREEVE_PLAN=" + run.digest()},
		In: bytes.NewReader(run.Plan.Bytes()), Out: &limited{&out, maxEvidence},
	})
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(out.String(), "\n")
	return strings.TrimSpace(line), nil
}

// limited keeps the beginning of what is written.
type limited struct {
	to   *strings.Builder
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.to.Write(p[:n])
	return len(p), nil
}

// noted writes down, once, what the programs that approve have said.
func (run *Run) noted(ctx context.Context) error {
	for _, s := range run.programs {
		if slices.ContainsFunc(run.Ledger.Log().Entries, func(e ledger.Entry) bool {
			return e.Kind == ledger.Approved && e.Plan == run.digest() && e.By == s.Principal && e.Note == s.Proof
		}) {
			continue
		}
		signature, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := run.Ledger.Append(ctx, ledger.Entry{Kind: ledger.Approved, By: s.Principal, Run: run.ID, Plan: run.digest(), Note: s.Proof, Signature: signature}); err != nil {
			return err
		}
	}
	return nil
}
