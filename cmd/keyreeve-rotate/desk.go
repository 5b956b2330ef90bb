package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/ledger"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/config"
)

// A desk is what most verbs work on: the configuration and the file of signers.
type desk struct {
	config   *config.Config
	settings *remediate.Settings
	keys     *remediate.Keyring
}

// reach reads of the configuration what leads to back ends: all that is needed where nothing is signed and no ledger written.
func (a *app) reach() (*desk, error) {
	if a.configPath == "" {
		return nil, cli.Hinted(errors.New("no configuration is named"), "name it with -c keyreeve.yaml; it is not looked for, as it decides where credentials go")
	}
	c, err := cli.Configuration(a.configPath)
	if err != nil {
		return nil, err
	}
	return &desk{config: c}, nil
}

// open reads the configuration that was named, and the file of signers that it names.
func (a *app) open() (*desk, error) {
	d, err := a.reach()
	if err != nil {
		return nil, err
	}
	s, err := remediate.ReadSettings(a.configPath)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.Signers)
	if err != nil {
		return nil, cli.Hinted(fmt.Errorf("read signers: %w", err), "rotation.signers of %s names it; a line is NAME ssh-ed25519 KEY", a.configPath)
	}
	signers, err := approval.ParseSigners(text)
	if err != nil {
		return nil, fmt.Errorf("read signers %q: %w", s.Signers, err)
	}
	d.settings, d.keys = s, &remediate.Keyring{Signers: signers}
	return d, nil
}

// approvable returns an error where the configuration has somebody approve who cannot sign.
func (d *desk) approvable() error {
	var errs []error
	for tier, a := range d.settings.Approval {
		errs = append(errs, d.known(a.Approvers, "rotation.approval."+tier))
	}
	return errors.Join(append(errs, d.known(d.settings.OnCall, "rotation.on_call"))...)
}

// known returns an error for a name that is neither in the file of signers nor that of an approver who is not a person.
func (d *desk) known(names []string, where string) error {
	for _, name := range names {
		if !d.keys.Signers.Names(name) && !slices.ContainsFunc(d.settings.Outside, func(o remediate.OutsideSettings) bool { return o.Name == name }) {
			return cli.Hinted(fmt.Errorf("%s names %q, whom %s does not name", where, name, d.settings.Signers), "correct the name, or add a line for it: NAME ssh-ed25519 KEY")
		}
	}
	return nil
}

// reading is the ledger as it stands.
func (d *desk) reading(ctx context.Context) (*format.Log, error) {
	store, err := ledger.OpenStore(ctx, d.settings.Ledger)
	if err != nil {
		return nil, err
	}
	log, err := format.Read(ctx, store)
	if err != nil {
		return nil, unmade(err)
	}
	return log, d.whole(log)
}

// whole returns an error for a ledger that lacks the entry which the configuration says it holds.
func (d *desk) whole(log *format.Log) error {
	_, err := log.Verify(d.settings.LedgerHead)
	return err
}

// writing opens the ledger for one writer.
func (a *app) writing(ctx context.Context, d *desk, who string) (*ledger.Writer, error) {
	store, err := ledger.OpenStore(ctx, d.settings.Ledger)
	if err != nil {
		return nil, err
	}
	holder := fmt.Sprintf("%s, process %d", who, os.Getpid())
	if host, err := os.Hostname(); err == nil {
		holder += " on " + host
	}
	w, err := ledger.Open(ctx, store, holder, a.now)
	if err != nil {
		return nil, unmade(err)
	}
	if err := d.whole(w.Log()); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func unmade(err error) error {
	if errors.Is(err, format.ErrNone) || errors.Is(err, os.ErrNotExist) {
		return cli.Hinted(format.ErrNone, "keyreeve-rotate ledger init makes one")
	}
	return err
}

// readOnly is a journal that takes no entries.
type readOnly struct{ log *format.Log }

func (r readOnly) Log() *format.Log { return r.log }
func (r readOnly) Append(context.Context, format.Entry) (format.Entry, error) {
	return format.Entry{}, errors.New("the ledger was opened for reading")
}

// run is a run over a journal.
func (a *app) runOver(d *desk, p *plan.Plan, j remediate.Journal) *remediate.Run {
	return &remediate.Run{
		Plan: p, Ledger: j, Keys: d.keys, Now: a.now, Client: remediate.LocalClient(), Environ: a.env,
		ID: randomID(), Demands: &remediate.Demands{Settings: d.settings, Classify: d.config.Classify},
	}
}

func randomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func readPlan(path string) (*plan.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, cli.Hinted(fmt.Errorf("read plan: %w", err), "keyreeve-rotate plan writes one where --out says")
	}
	defer f.Close()
	p, err := plan.Read(f, path)
	if err != nil {
		return nil, cli.Hinted(err, "take the file as keyreeve-rotate plan --out wrote it, or plan anew")
	}
	return p, nil
}

// rotation finds a rotation of a plan by its ID, or by the name of what it rotates where that is unique.
func rotation(p *plan.Plan, id string) (*plan.Rotation, error) {
	var found *plan.Rotation
	var ids []string
	for i := range p.Rotations {
		r := &p.Rotations[i]
		if r.ID == id {
			return r, nil
		}
		if r.Name == id {
			if found != nil {
				return nil, fmt.Errorf("%q names %s and %s; give the ID", id, found.ID, r.ID)
			}
			found = r
		}
		ids = append(ids, r.ID)
	}
	if len(ids) == 0 && found == nil {
		return nil, cli.Hinted(fmt.Errorf("the plan has no rotation %q", id), "it rotates nothing; plan anew when something is due")
	}
	if found == nil {
		return nil, cli.Hinted(fmt.Errorf("the plan has no rotation %q", id), "it has %s", strings.Join(ids, ", "))
	}
	return found, nil
}

// A hand is who signs, and with what.
type hand struct{ as, key, signature string }

func (h *hand) flags(cmd *cobra.Command, made bool) {
	f := cmd.Flags()
	f.StringVar(&h.as, "as", "", "who you are: a principal of the file of signers")
	f.StringVar(&h.key, "key", "", "private SSH key to sign with, or a public one whose private key the agent has")
	if made {
		f.StringVar(&h.signature, "signature", "", "a signature that ssh-keygen -Y sign made, instead of --key; --message prints what to sign")
		_ = cmd.MarkFlagFilename("signature", "sig")
	}
	_ = cmd.MarkFlagFilename("key")
}

// sign signs a message for a purpose, and checks at once that the signature counts.
func (a *app) sign(ctx context.Context, d *desk, h *hand, purpose approval.Purpose, message []byte) (json.RawMessage, error) {
	if h.as == "" || (h.key == "") == (h.signature == "") {
		return nil, cli.Hinted(errors.New("who signs, or with what, is not said"), "give --as PRINCIPAL and --key FILE")
	}
	var s approval.Signature
	if h.signature != "" {
		text, err := os.ReadFile(h.signature)
		if err != nil {
			return nil, fmt.Errorf("read signature: %w", err)
		}
		if s, err = approval.Outside(h.as, text); err != nil {
			return nil, fmt.Errorf("read signature %q: %w", h.signature, err)
		}
		s.At = a.now().UTC()
	} else {
		signer, err := approval.KeyFile(h.key, a.env("SSH_AUTH_SOCK"), a.passphrase(h.key))
		if err != nil {
			return nil, err
		}
		if s, err = signer.Sign(ctx, purpose, message, h.as, a.now().UTC()); err != nil {
			return nil, err
		}
	}
	if err := d.keys.Signers.Verify(purpose, message, s, a.now()); err != nil {
		err = fmt.Errorf("the signature of %s does not count: %w", h.as, err)
		if h.signature != "" {
			return nil, cli.Hinted(err, "sign what --message prints by ssh-keygen -Y sign -n %s; %s says who may", purpose, d.settings.Signers)
		}
		return nil, cli.Hinted(err, "%s says who may sign what", d.settings.Signers)
	}
	return json.Marshal(s)
}

// passphrase asks for one on the terminal.
func (a *app) passphrase(path string) func() ([]byte, error) {
	return func() ([]byte, error) {
		if !cli.Terminal(a.stdin) {
			return nil, fmt.Errorf("%q has a passphrase and there is no terminal to ask for it; put the key into ssh-agent and name its .pub file", path)
		}
		return cli.Passphrase(a.stdin.(*os.File), a.stderr, "passphrase of "+path+": ")
	}
}
