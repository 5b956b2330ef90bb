package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	rotateaws "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/plan"
	rotatevault "github.com/keyreeve/keyreeve/remediate/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func (a *app) permissions() *cobra.Command {
	return &cobra.Command{
		Use:       "permissions PLAN [vault|aws]",
		ValidArgs: []string{"vault", "aws"},
		Short:     "Print the least that applying this plan needs",
		Long: `Prints, for each Vault and namespace of the plan, the policy that its steps need, or,
for each account of AWS, the session policy, and nothing more. Give it to the job
that runs apply, for as long as the plan lives. A plan for both wants to be told
which.`,
		Example: `  keyreeve-rotate permissions plan.json | vault policy write rotate -
  aws sts assume-role --role-arn ROLE --role-session-name rotate \
      --policy "$(keyreeve-rotate permissions plan.json aws)"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return cli.Hinted(errors.New(cmd.CommandPath()+" wants a plan file and, where the plan is for both, vault or aws"), "keyreeve-rotate permissions plan.json vault")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readPlan(args[0])
			if err != nil {
				return err
			}
			n := needsOf(p)
			which := ""
			switch {
			case len(args) == 2:
				which = args[1]
			case len(n.vault) > 0 && len(n.aws) > 0:
				return cli.Hinted(errors.New("the plan is for Vault and for AWS"), "say which: %s %s vault, or aws", cmd.CommandPath(), args[0])
			case len(n.aws) > 0:
				which = "aws"
			}
			text := n.hcl()
			switch which {
			case "", "vault":
			case "aws":
				var long []string
				if text, long, err = n.iam(); err != nil {
					return err
				}
				for _, account := range long {
					fmt.Fprintf(a.stderr, "note: the policy for account %s has more than the %d characters that AWS takes for a session; attach it to the role instead, or plan less at a time with --only\n", account, sessionPolicy)
				}
			default:
				return cli.Hinted(fmt.Errorf("%q is no back end", which), "they are vault and aws")
			}
			if text == "" {
				a.say("note: applying this plan needs no permission there")
			}
			_, err = io.WriteString(a.stdout, text)
			return err
		},
	}
}

// needs are what a plan needs: rules by scope of Vault, permissions by account of AWS.
type needs struct {
	vault map[string][]string
	aws   map[string][]rotateaws.Permission
}

func needsOf(p *plan.Plan) needs {
	n := needs{map[string][]string{}, map[string][]rotateaws.Permission{}}
	for _, r := range p.Rotations {
		for _, k := range kinds {
			if k.rotator != r.Rotator {
				continue
			}
			if k.policy != nil {
				n.vault[r.Scope] = append(n.vault[r.Scope], k.policy(r)...)
			}
			if k.allow != nil {
				account := inventory.Scope(r.Scope).Parts()[2]
				n.aws[account] = append(n.aws[account], k.allow(r)...)
			}
		}
		if scope, id := rotateaws.StoreOf(r); strings.HasPrefix(scope, "vault/") {
			n.vault[scope] = append(n.vault[scope], rotatevault.KVStorePolicy(scope, id)...)
		}
	}
	return n
}

// hcl is a policy for each namespace of a Vault.
func (n needs) hcl() string {
	var b strings.Builder
	for _, scope := range slices.Sorted(maps.Keys(n.vault)) {
		fmt.Fprintf(&b, "# %s\n", scope)
		rules := n.vault[scope]
		slices.Sort(rules)
		for _, rule := range slices.Compact(rules) {
			fmt.Fprintln(&b, rule)
		}
	}
	return b.String()
}

// statement is one of a policy of IAM.
type statement struct {
	Effect    string                       `json:"Effect"`
	Action    []string                     `json:"Action"`
	Resource  string                       `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// sessionPolicy is how many characters AWS takes as a session policy (sts:AssumeRole, parameter Policy).
const sessionPolicy = 2048

// iam is a policy for each account: one account, one document. Those of some accounts are too long for a session.
func (n needs) iam() (text string, long []string, err error) {
	var b strings.Builder
	for _, account := range slices.Sorted(maps.Keys(n.aws)) {
		type on struct {
			resource string
			when     rotateaws.Condition
		}
		by := map[on][]string{}
		for _, p := range n.aws[account] {
			at := on{p.Resource, p.If}
			by[at] = append(by[at], p.Action)
		}
		var statements []statement
		order := func(a, b on) int {
			return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.when.Key, b.when.Key), cmp.Compare(a.when.Value, b.when.Value))
		}
		for _, at := range slices.SortedFunc(maps.Keys(by), order) {
			slices.Sort(by[at])
			s := statement{Effect: "Allow", Action: slices.Compact(by[at]), Resource: at.resource}
			if at.when.Key != "" {
				s.Condition = map[string]map[string]string{"StringEquals": {at.when.Key: at.when.Value}}
			}
			statements = append(statements, s)
		}
		document := map[string]any{"Version": "2012-10-17", "Statement": statements}
		text, err := json.MarshalIndent(document, "", "  ")
		if err == nil && len(text) > sessionPolicy {
			text, err = json.Marshal(document)
		}
		if err != nil {
			return "", nil, err
		}
		if len(text) > sessionPolicy {
			long = append(long, account)
		}
		b.Write(append(text, '\n'))
	}
	return b.String(), long, nil
}
