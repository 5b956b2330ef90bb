package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/ledger"
)

func (a *app) ledger() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Make, show, sign and verify the ledger",
		Args:  cli.NoVerb,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.ledgerInit(), a.ledgerShow(), a.ledgerVerify(), a.ledgerCheckpoint(), a.ledgerReview())
	return cmd
}

func (a *app) ledgerInit() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use: "init", Short: "Make the ledger that the configuration names", Args: cobra.NoArgs,
		Example: `  keyreeve-rotate ledger init -c keyreeve.yaml --as ana@example.com`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			if as == "" {
				return cli.Hinted(errors.New("who makes it is not said"), "give --as PRINCIPAL")
			}
			if err := d.known([]string{as}, "--as"); err != nil {
				return err
			}
			store, err := ledger.OpenStore(cmd.Context(), d.settings.Ledger)
			if err != nil {
				return err
			}
			id, err := ledger.Init(cmd.Context(), store, as, a.now())
			if errors.Is(err, ledger.ErrExists) {
				return cli.Hinted(err, "it is in %s: go on with it, or name another place in rotation.ledger", d.settings.Ledger)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "made ledger %s in %s\n", id, d.settings.Ledger)
			return nil
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who you are: a principal of the file of signers")
	return cmd
}

func (a *app) ledgerShow() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use: "show", Short: "Print the entries", Args: cobra.NoArgs,
		Example: `  keyreeve-rotate ledger show -c keyreeve.yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			log, err := d.reading(cmd.Context())
			if err != nil {
				return err
			}
			var b strings.Builder
			for _, e := range log.Entries {
				switch output {
				case "text":
					b.WriteString(entryLine(&e))
				case "json":
					b.Write(e.Bytes())
				default:
					return cli.Hinted(fmt.Errorf("-o %q", output), "formats are text and json (one entry a line)")
				}
			}
			_, err = io.WriteString(a.stdout, b.String())
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "format: text or json (one entry a line)")
	return cmd
}

// entryLine is an entry for people. What somebody else may have written is quoted where it holds anything but plain text.
func entryLine(e *format.Entry) string {
	var parts []string
	for _, text := range []string{e.By, e.Rotation, e.Step, e.Note} {
		if text != "" {
			parts = append(parts, plain(text))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Facts)) {
		parts = append(parts, plain(name)+"="+plain(e.Facts[name]))
	}
	return fmt.Sprintf("%5d  %s  %-10s %s\n", e.Seq, day(e.At), e.Kind, strings.Join(parts, "  "))
}

func plain(text string) string {
	quoted := fmt.Sprintf("%q", text)
	if quoted == `"`+text+`"` {
		return text
	}
	return quoted
}

func (a *app) ledgerVerify() *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use: "verify", Short: "Check that the ledger is whole and unchanged", Args: cobra.NoArgs,
		Long: `Checks every entry and the chain of their hashes, and the signatures of checkpoints.
That finds what was changed or taken out, but somebody who can write all of it can
write another whole one. With --head, a hash that was kept elsewhere, or a signed
checkpoint, the ledger up to there is proven; without, it is "consistent, not
authenticated".`,
		Example: `  keyreeve-rotate ledger verify -c keyreeve.yaml --head 5c1f...`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := a.open()
			if err != nil {
				return err
			}
			log, err := d.reading(cmd.Context())
			if errors.As(err, new(*format.BrokenError)) {
				a.broken(err)
				return cli.Status(exitStopped)
			}
			if err != nil {
				return err
			}
			return a.verdict(d, log, cmp.Or(head, d.settings.LedgerHead))
		},
	}
	cmd.Flags().StringVar(&head, "head", "", "hash of an entry, as kept elsewhere; without it, rotation.ledger_head of the configuration")
	return cmd
}

// broken says what to do with a ledger that does not hang together.
func (a *app) broken(err error) {
	cli.Print(a.stderr, "keyreeve-rotate", cli.Hinted(err, "nothing is done by it: bring its entries back from a copy, or make another ledger, and plan anew"))
}

// verdict says how far the ledger is proven.
func (a *app) verdict(d *desk, log *format.Log, head string) error {
	said, err := log.Verify(head)
	if errors.As(err, new(*format.BrokenError)) {
		a.broken(err)
		return cli.Status(exitStopped)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "ledger %s: %s\n", log.ID, said)
	for i := range log.Entries {
		e := &log.Entries[i]
		if e.Kind != format.Checkpoint {
			continue
		}
		who, err := checkpoint(d, log, e)
		if err != nil {
			fmt.Fprintf(a.stderr, "keyreeve-rotate: the checkpoint in entry %d does not hold: %v\n", e.Seq, err)
			return cli.Status(exitStopped)
		}
		fmt.Fprintf(a.stdout, "entries up to %s are as %s signed them on %s\n", e.Facts["seq"], plain(who), day(e.At))
	}
	fmt.Fprintf(a.stdout, "head %s\n", log.Head())
	return nil
}

// checkpoint checks the signature of a checkpoint and says whose it is.
func checkpoint(d *desk, log *format.Log, e *format.Entry) (who string, err error) {
	var s approval.Signature
	if err := json.Unmarshal(e.Signature, &s); err != nil {
		return "", errors.New("it is not signed")
	}
	seq, err := strconv.Atoi(e.Facts["seq"])
	if err != nil {
		return "", err
	}
	return s.Principal, d.keys.Signers.Verify(approval.Checkpoint, format.Message(log.ID, seq, e.Facts["head"]), s, e.At)
}

func (a *app) ledgerCheckpoint() *cobra.Command {
	var h hand
	cmd := &cobra.Command{
		Use: "checkpoint", Short: "Sign the ledger as it stands", Args: cobra.NoArgs,
		Example: `  keyreeve-rotate ledger checkpoint -c keyreeve.yaml --as ben@example.com --key ~/.ssh/id_ed25519`,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			d, err := a.open()
			if err != nil {
				return err
			}
			w, err := a.writing(cmd.Context(), d, h.as)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, w.Close()) }()
			log := w.Log()
			signature, err := a.sign(cmd.Context(), d, &h, approval.Checkpoint, format.Message(log.ID, len(log.Entries), log.Head()))
			if err != nil {
				return err
			}
			point := log.Checkpoint()
			point.By, point.Signature = h.as, signature
			e, err := w.Append(cmd.Context(), point)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "signed up to entry %d; head %s\n", e.Seq-1, e.Hash())
			return nil
		},
	}
	h.flags(cmd, false)
	return cmd
}
