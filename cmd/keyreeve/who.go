package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach"
	"github.com/keyreeve/keyreeve/scanner/report"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// asking is what who-can and can have in common: what they read, and how they answer.
type asking struct {
	judging judging
	file    string
	format  string
	lines   int
}

func (q *asking) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&q.file, "snapshot", "", "answer from this snapshot file; without it live back ends are read")
	f.StringVarP(&q.judging.configPath, "config", "c", "", "configuration file (keyreeve.yaml) that names the back ends")
	f.StringVarP(&q.format, "output", "o", "text", "text, or json")
	f.IntVar(&q.lines, "max-lines", 10, "entries that text shows of each list; 0 shows all")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
	_ = cmd.MarkFlagFilename("snapshot", "ndjson")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

// complete completes the name of a key or secret, the argument at an index, from the snapshot file if one was given. Other arguments are
// no files either.
func (q *asking) complete(at int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) != at || q.file == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		snap, err := readSnapshot(q.file)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for i := range snap.Resources {
			if r := &snap.Resources[i]; r.Name != "" && (r.Kind == inventory.KindKey || r.Kind == inventory.KindSecret) {
				names = append(names, r.Name)
			}
		}
		slices.Sort(names)
		return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
	}
}

func (a *app) whoCan() *cobra.Command {
	var q asking
	var why string
	cmd := &cobra.Command{
		Use:   "who-can ACTION KEY",
		Short: "List who may do something to a key or secret, how surely, and by becoming whom",
		Long: `List who may do ACTION to KEY by all documents that have a say: key policies, grants,
policies of identities and groups, boundaries, controls of organizations; in Vault
the policies of tokens, logins, entities and groups; in Azure, from a snapshot, role
and deny assignments, access policies and groups.

  MAY         whatever the request is like
  MAY IF      only the request itself can tell: through which service, from where, ...
  UNKNOWN     a document that decides was not read; NOT READ says which and why
  CAN BECOME  may not by itself, or only if, and can become one who may; with the shortest way
  UNREAD      where more who may can be, as nobody could list them

ACTION is one of AWS, such as kms:Decrypt or secretsmanager:GetSecretValue, what Vault
does with a key: encrypt, decrypt, sign, read, ..., or one of Azure, such as decrypt,
getSecret or Microsoft.KeyVault/vaults/delete. KEY is an ARN, ID, alias, path or
name. With --why the answer is about one PRINCIPAL: by which statements,
or by which way, and the smallest change after which it may not.

Without --snapshot live back ends are read as keyreeve scan reads them.

With -o json an object: "holders" are those who may ("decision" allowed) or may if
(conditional, which hangs on "residual" or, where that is not empty, on "unread"),
"indirect" those who can become one, each with its "path"; "unread" is where more can be.

Exit codes: 0 answered, 2 usage or configuration, 3 answered, but something that
decides was not read, 4 nothing could be read.`,
		Example: `  keyreeve who-can kms:Decrypt alias/orders --snapshot tonight.ndjson
  keyreeve who-can secretsmanager:GetSecretValue shop/stripe -c keyreeve.yaml
  keyreeve who-can decrypt transit/keys/payments --snapshot tonight.ndjson -o json
  keyreeve who-can getSecret shop/stripe --snapshot tonight.ndjson
  keyreeve who-can kms:Decrypt alias/orders --why role/ci --snapshot tonight.ndjson`,
		Args:              cli.Exactly(2, "an action and a key"),
		ValidArgsFunction: q.complete(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := given(cmd, "why", "snapshot", "config"); err != nil {
				return err
			}
			if why != "" {
				x, err := answer(cmd.Context(), a, &q, report.WriteExplanation, func(e *reach.Estate) (access.Explanation, error) {
					return e.Can(why, args[0], args[1])
				})
				if err != nil {
					return err
				}
				return complete(len(x.Unread))
			}
			h, err := answer(cmd.Context(), a, &q, report.WriteHolders, func(e *reach.Estate) (access.Holders, error) {
				return e.WhoCan(args[0], args[1])
			})
			if err != nil {
				return err
			}
			return complete(unreadOf(h))
		},
	}
	q.flags(cmd)
	cmd.Flags().StringVar(&why, "why", "", "say of this principal by what it may, and the smallest change after which it may not")
	return cmd
}

func (a *app) can() *cobra.Command {
	var q asking
	cmd := &cobra.Command{
		Use:   "can PRINCIPAL ACTION KEY",
		Short: "Say whether somebody may do something to a key or secret",
		Long: `Say whether PRINCIPAL may do ACTION to KEY, by which statements or by becoming whom, on
what it hangs, and the smallest change after which it may not. PRINCIPAL is an ARN or,
where only one has it, a name such as role/app, or "*", whoever else no document names;
in Vault a login, such as auth/approle/role/app, or an entity; in Azure an object ID, or
a name such as managed-identity/app. ACTION and KEY are as in keyreeve who-can.

With -o json an object: "direct" is what it may by itself, as keyreeve decide answers,
"unread" what that or the rest hangs on, "path" the shortest way to "holder", who may,
and "fix" the change.

Exit codes, for scripts: 0 it may, by itself, whatever the request is like; 1 it may
not, and becomes nobody who may by the ways that keyreeve follows (see Limitations in
its README); 2 usage or configuration; 3 it hangs on the
request, on a document that was not read, or on becoming somebody; 4 nothing could
be read.`,
		Example: `  keyreeve can role/app kms:Decrypt alias/orders --snapshot tonight.ndjson
  keyreeve can auth/approle/role/ci decrypt transit/keys/payments -c keyreeve.yaml`,
		Args:              cli.Exactly(3, "a principal, an action and a key"),
		ValidArgsFunction: q.complete(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := given(cmd, "snapshot", "config"); err != nil {
				return err
			}
			x, err := answer(cmd.Context(), a, &q, report.WriteExplanation, func(e *reach.Estate) (access.Explanation, error) {
				return e.Can(args[0], args[1], args[2])
			})
			if err != nil {
				return err
			}
			return verdictOf(x)
		},
	}
	q.flags(cmd)
	return cmd
}

// answer reads what is asked about, asks, and writes the answer.
func answer[T any](ctx context.Context, a *app, q *asking, write func(io.Writer, T, report.Options) error, ask func(*reach.Estate) (T, error)) (T, error) {
	var none T
	if q.format != "text" && q.format != "json" {
		said := ""
		if a.env("KEYREEVE_OUTPUT") == q.format {
			said = "the environment variable KEYREEVE_OUTPUT says so; "
		}
		return none, cli.Hinted(errors.New(strictyaml.Unknown("format", q.format, []string{"text", "json"})), "%sgive -o text or -o json", said)
	}
	if q.lines < 0 {
		return none, cli.Hinted(fmt.Errorf("--max-lines %d is less than 0", q.lines), "0 shows all")
	}
	if _, err := cli.Colored(a.color, a.stdout, a.env); err != nil {
		return none, err
	}
	type answered struct {
		out T
		err error
	}
	done := make(chan answered, 1)
	go func() {
		out, err := answerTo(ctx, a, q, ask)
		done <- answered{out, err}
	}()
	var out T
	select { // what reads a large file, or waits for one that is a pipe, cannot be interrupted by itself
	case is := <-done:
		switch out = is.out; {
		case ctx.Err() != nil:
			return none, interrupted("nothing is answered")
		case is.err != nil:
			return none, is.err
		}
	case <-ctx.Done():
		return none, interrupted("nothing is answered")
	}
	if q.format == "json" {
		return out, report.WriteJSON(a.stdout, out)
	}
	return out, write(a.stdout, out, a.reportOptions(&outputs{lines: q.lines}, a.stdout))
}

// answerTo reads what is asked about, and asks.
func answerTo[T any](ctx context.Context, a *app, q *asking, ask func(*reach.Estate) (T, error)) (T, error) {
	var none T
	snap, err := a.observed(ctx, q)
	if err != nil {
		return none, err
	}
	estate, err := reach.New(snap)
	if err != nil {
		return none, err
	}
	out, err := ask(estate)
	if err != nil {
		return none, a.asked(err, snap, estate)
	}
	return out, nil
}

// observed is the snapshot of a file, or of live back ends.
func (a *app) observed(ctx context.Context, q *asking) (*inventory.Snapshot, error) {
	if q.file != "" {
		if q.judging.configPath != "" {
			return nil, cli.Hinted(errors.New("both --snapshot and -c are given"), "give one: a snapshot is read as it is")
		}
		return readSnapshot(q.file)
	}
	q.judging.config = &config.Config{}
	if q.judging.configPath != "" {
		c, err := cli.Configuration(q.judging.configPath)
		if err != nil {
			return nil, err
		}
		q.judging.config = c
	}
	snap, err := a.read(ctx, &q.judging)
	if errors.Is(err, errNoSource) {
		return nil, cli.Hinted(errors.New("nothing to answer from: neither a snapshot nor a configuration was given, and the environment offers no back end"),
			"give --snapshot FILE, which keyreeve collect writes; or else %s", stepToSource)
	}
	return snap, err
}

// asked says what is wrong with a question, and what to do next.
func (a *app) asked(err error, snap *inventory.Snapshot, e *reach.Estate) error {
	var key *reach.NoKey
	switch {
	case !errors.As(err, &key):
		return err
	case len(key.Several) > 0:
		names := make([]string, 0, len(key.Several))
		for _, id := range key.Several {
			names = append(names, string(id))
		}
		return cli.Hinted(err, "give one of %s", strings.Join(names[:min(5, len(names))], ", "))
	case e.Empty() && len(snap.Resources) == 0:
		fmt.Fprintf(a.stderr, "keyreeve: nothing could be read, so nobody can be told of\n")
		return cli.Status(exitNothing)
	case e.Empty():
		return cli.Hinted(err, "it holds no key and no secret; keyreeve permissions prints what reading them needs")
	}
	if strings.HasPrefix(key.Name, "kms:") || strings.HasPrefix(key.Name, "secretsmanager:") {
		return cli.Hinted(err, "the action comes before the key, as in keyreeve who-can %s KEY", key.Name)
	}
	var hints []string
	if len(key.Near) > 0 {
		hints = append(hints, "did you mean "+strings.Join(key.Near, ", or ")+"?")
	}
	if n := len(snap.Gaps); n > 0 {
		g := &snap.Gaps[0]
		hints = append(hints, fmt.Sprintf("it may be among what could not be read: %s of %s, %s (%d in all, which keyreeve check lists)", g.What, g.Scope.Short(), g.Why, n))
	}
	if len(hints) == 0 {
		names, there := e.Names(), "there is one, "
		if len(names) > 1 {
			there = fmt.Sprintf("there are %d, such as ", len(names))
		}
		hints = append(hints, "give its ARN, ID, alias or path; "+there+strings.Join(names[:min(3, len(names))], ", "))
	}
	return cli.Hinted(err, "%s", strings.Join(hints, "; "))
}

// unreadOf counts what was not read and may decide.
func unreadOf(h access.Holders) int {
	n := len(h.Unread)
	for _, holder := range slices.Concat(h.Holders, h.Indirect) {
		n += len(holder.Unread)
	}
	return n
}

// complete is the exit code of an answer.
func complete(unread int) error {
	if unread > 0 {
		return cli.Status(exitIncomplete)
	}
	return nil
}

// verdictOf is the exit code of can.
func verdictOf(x access.Explanation) error {
	switch {
	case x.Direct.Decision == access.Allowed:
		return nil
	case x.Direct.Decision == access.Denied && len(x.Path) == 0 && len(x.Unread) == 0:
		return cli.Status(exitFindings)
	}
	return cli.Status(exitIncomplete)
}
