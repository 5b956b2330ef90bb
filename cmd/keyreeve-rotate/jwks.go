package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/collectors/aws"
	format "github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/jwks"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report"
)

func (a *app) jwks() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "jwks ID[=ALG]... [--out FILE]",
		Short: "Render the public keys that have to be accepted now, as a JWKS",
		Long: `Reads the public halves of signing keys where they are kept and writes them as a JSON
Web Key Set: the new ones, the current ones and those that are being retired. Run it
as often as a scheduler likes; the same keys give the same bytes.

A key is named by its ID in a scan:
  vault:CLUSTER/NAMESPACE/MOUNT/keys/NAME     a Transit key: every version from its
      min_decryption_version on, so raising that (plan --retire) takes one out
  arn:aws:kms:REGION:ACCOUNT:alias/NAME       the key that an alias leads to, and the
      one before or after it while the ledger says that a rotation is under way (a key
      with several aliases is rotated under the first of them). What a person makes in
      a rotation by hand is not in the ledger: name it besides
  arn:aws:kms:REGION:ACCOUNT:key/ID           one key, for as long as it is enabled

An RSA key does not tell how it signs: write ID=RS256 or ID=PS256. The kid of a key
is its SHA-256 thumbprint (RFC 7638); those who sign put it into the header of what
they sign. Vault signs with the latest version unless it is told a key_version, so
those who sign name the version before until everybody has the new set.

A key that cannot be read, or that a JWKS cannot hold, ends it with exit code 1: no
file is written then and the one that is there stays, as a set that lacks a key logs
people out.

It needs "read" on MOUNT/keys/NAME in Vault; kms:DescribeKey and kms:GetPublicKey in
AWS.`,
		Example: `  keyreeve-rotate jwks vault:eu/root/transit/keys/jwt -c keyreeve.yaml --out /srv/www/.well-known/jwks.json

  keyreeve-rotate jwks vault:eu/root/transit/keys/jwt arn:aws:kms:eu-west-1:111122223333:alias/session=PS256 \
      -c keyreeve.yaml`,
		Args: someKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := a.reach()
			if err != nil {
				return err
			}
			before, err := kidsOf(out)
			if err != nil {
				return err
			}
			s := &selector{app: a, desk: d, dial: a.dialer(d)}
			var all []jwks.Key
			for _, text := range args {
				read, err := s.find(cmd.Context(), text)
				if err != nil {
					return err
				}
				keys, err := read(cmd.Context())
				if err != nil {
					return a.unread(cmd.Context(), out, err)
				}
				all = append(all, keys...)
			}
			set, err := jwks.NewSet(all)
			if err == nil && len(set.Keys) == 0 {
				err = errors.New("no key is accepted any more")
			}
			if err != nil {
				return a.unread(cmd.Context(), out, err)
			}
			document, err := set.Bytes()
			if err != nil {
				return err
			}
			if out == "" {
				if _, err := a.stdout.Write(document); err != nil {
					return err
				}
			} else if err := report.WritePublicFile(out, func(w io.Writer) error {
				_, err := w.Write(document)
				return err
			}); err != nil {
				return err
			}
			a.sayKeys(set, before, out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write, whole or not at all; without it the set goes to standard output")
	_ = cmd.MarkFlagFilename("out", "json")
	return cmd
}

// someKeys wants at least one key.
func someKeys(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cli.Hinted(errors.New("no key is named"), "name the signing keys: vault:CLUSTER/NAMESPACE/MOUNT/keys/NAME, or the ARN of a KMS key or alias")
	}
	return nil
}

// unread says what could not be read, and that nothing was written.
func (a *app) unread(ctx context.Context, out string, err error) error {
	if ctx.Err() != nil {
		fmt.Fprintln(a.stderr, "keyreeve-rotate: interrupted; no key set was written")
		return cli.Status(exitInterrupted)
	}
	fmt.Fprintf(a.stderr, "keyreeve-rotate: %v\n", err)
	if out != "" {
		fmt.Fprintf(a.stderr, "hint: %s was not written; what is there stays\n", out)
	}
	return cli.Status(exitStopped)
}

// kidsOf reads the kids of a set that was written before. A file that is none is not overwritten.
func kidsOf(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the key set that is there: %w", err)
	}
	kids, err := jwks.KIDs(text)
	if err != nil {
		return nil, cli.Hinted(fmt.Errorf("read %q: %w", path, err), "it is not overwritten; remove it, or name another file")
	}
	return kids, nil
}

// sayKeys tells which key has which kid, and what is new or gone against the set before.
func (a *app) sayKeys(set *jwks.Set, before []string, out string) {
	for _, k := range set.Keys {
		mark := ""
		if before != nil && !slices.Contains(before, k.KID) {
			mark = " (new)"
		}
		a.say("%s %s %s%s", k.KID, k.Alg, strings.Join(k.From, ", "), mark)
	}
	for _, kid := range before {
		if !slices.ContainsFunc(set.Keys, func(k jwks.Named) bool { return k.KID == kid }) {
			a.say("%s is not accepted any more", kid)
		}
	}
	if out != "" {
		a.say("wrote %s: %s", out, count(len(set.Keys), "key"))
	}
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// A selector finds what reads a key that an argument names.
type selector struct {
	app   *app
	desk  *desk
	dial  *dialer
	aws   everyAccount
	rolls []jwks.Roll // read once an alias was named
	told  bool
}

// find returns what reads the keys of a selection. Its error means that the selection itself is wrong; what it returns has the errors of reading.
func (s *selector) find(ctx context.Context, text string) (func(context.Context) ([]jwks.Key, error), error) {
	of, err := jwks.ParseSelection(text)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(of.ID, "vault:"):
		cluster, namespace, path, err := s.desk.transitKey(of.ID)
		return func(ctx context.Context) ([]jwks.Key, error) {
			conn, err := s.dial.vault(ctx, cluster, namespace)
			if err != nil {
				return nil, err
			}
			return jwks.Transit(ctx, conn, path, of)
		}, err
	case strings.HasPrefix(of.ID, "arn:") && strings.Contains(of.ID, ":kms:"):
		if err := s.openAWS(); err != nil {
			return nil, err
		}
		if strings.Contains(of.ID, ":alias/") && !s.told {
			log, err := s.ledger(ctx)
			if err != nil {
				return nil, fmt.Errorf("whether a rotation of %s is under way is in the ledger: %w", of.ID, err)
			}
			s.rolls, s.told = jwks.Rolls(log), true
		}
		return func(ctx context.Context) ([]jwks.Key, error) {
			keys, retired, err := jwks.KMS(ctx, s.aws, of, s.rolls)
			for _, text := range retired {
				s.app.say("%s, so it is not accepted any more", text)
			}
			return keys, err
		}, nil
	}
	return nil, cli.Hinted(fmt.Errorf("%q is no signing key that can be read", of.ID), "IDs are vault:CLUSTER/NAMESPACE/MOUNT/keys/NAME, or the ARN of a KMS key or alias")
}

// ledger reads the ledger that section rotation names; Vault's keys and KMS keys by their own ARN need none.
func (s *selector) ledger(ctx context.Context) (*format.Log, error) {
	settings, err := remediate.ReadSettings(s.app.configPath)
	if err != nil {
		return nil, err
	}
	return (&desk{settings: settings}).reading(ctx)
}

// transitKey takes the ID of a Transit key apart. Where a namespace ends and the mount begins, an ID does not tell; the configuration may, and Vault
// takes a namespace at the front of a path as well.
func (d *desk) transitKey(id string) (cluster, namespace, path string, err error) {
	cluster, path, _ = strings.Cut(strings.TrimPrefix(id, "vault:"), "/")
	parts := strings.Split(path, "/")
	if len(parts) < 4 || parts[len(parts)-2] != "keys" {
		return "", "", "", cli.Hinted(fmt.Errorf("%q is no Transit key", id), "its ID is vault:CLUSTER/NAMESPACE/MOUNT/keys/NAME; the root namespace is root")
	}
	i := slices.IndexFunc(d.config.Sources.Vault, func(c vault.Config) bool { return c.Name == cluster })
	if i < 0 {
		return "", "", "", cli.Hinted(fmt.Errorf("%s: %q names no Vault of sources.vault", id, cluster), "what stands between vault: and the first slash is the name of a Vault in the configuration")
	}
	namespace = "root"
	for _, ns := range append([]string{d.config.Sources.Vault[i].Namespace}, d.config.Sources.Vault[i].Namespaces...) {
		if ns = inventory.VaultNamespace(ns); strings.HasPrefix(path, ns+"/") && (namespace == "root" || len(ns) > len(namespace)) {
			namespace = ns
		}
	}
	return cluster, namespace, strings.TrimPrefix(path, namespace+"/"), nil
}

// openAWS makes a reader for each entry of sources.aws.
func (s *selector) openAWS() error {
	if s.aws != nil {
		return nil
	}
	for _, c := range s.desk.config.Sources.AWS {
		c.CAFile = s.desk.config.Resolve(c.CAFile)
		s.aws = append(s.aws, aws.NewPublicKeys(c, aws.Options{Env: s.app.env, Now: s.app.now, Version: version}))
	}
	if s.aws == nil {
		return cli.Hinted(errors.New("the configuration names no AWS"), "write sources.aws: [{}] to use the credentials that the environment offers")
	}
	return nil
}

// everyAccount reads from the first entry of sources.aws that leads to a key's account.
type everyAccount []*aws.PublicKeys

// Read reads a key by the ARN of it or of an alias.
func (all everyAccount) Read(ctx context.Context, id string) (k aws.PublicKey, err error) {
	for _, p := range all {
		if k, err = p.Read(ctx, id); !errors.Is(err, aws.ErrOtherAccount) {
			break
		}
	}
	return k, err
}
