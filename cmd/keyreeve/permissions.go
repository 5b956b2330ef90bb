package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/collectors"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

func (a *app) permissions() *cobra.Command {
	var j judging
	var names []string
	for _, b := range collectors.Backends {
		names = append(names, b.Name)
	}
	cmd := &cobra.Command{
		Use:   "permissions BACKEND",
		Short: "Print the least that keyreeve needs to read a back end",
		Long: `Print the least-privilege policy for reading a back end, in its own language: HCL for
Vault, an IAM policy document for AWS, words for the ledger of rotations. It is made from the same tables that the
collectors work by, so it grants what they call and nothing else. With -c it covers
what the configuration asks for, such as listing tokens.`,
		Example: `  keyreeve permissions vault -c keyreeve.yaml | vault policy write keyreeve-read -
  keyreeve permissions aws > keyreeve-read.json`,
		Args:      cli.Exactly(1, "the name of a back end"),
		ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			i := slices.IndexFunc(collectors.Backends, func(b collectors.Backend) bool { return b.Name == args[0] })
			if i < 0 {
				return cli.Hinted(fmt.Errorf("%s", strictyaml.Unknown("back end", args[0], names)), "back ends are %v", names)
			}
			if err := a.prepare(&j); err != nil {
				return err
			}
			_, err := fmt.Fprint(a.stdout, collectors.Backends[i].Permissions(j.config.Sources.Config))
			return err
		},
	}
	cmd.Flags().StringVarP(&j.configPath, "config", "c", "", "configuration file (keyreeve.yaml)")
	return cmd
}
