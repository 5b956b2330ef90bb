package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// guards are the flags that can weaken a gate. They are read from the command line only, so that nothing that can set a
// variable can wave a finding through.
var guards = map[string]bool{"policies": true, "waivers": true, "fail-on": true, "baseline": true, "base": true, "known-leaks": true, "as-of": true, "help": true}

// fromEnvironment sets every harmless flag that was not given from KEYREEVE_FLAG.
func fromEnvironment(cmd *cobra.Command, env func(string) string) error {
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "KEYREEVE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := env(name)
		if value == "" || f.Changed || guards[f.Name] || err != nil {
			return
		}
		if e := cmd.Flags().Set(f.Name, value); e != nil {
			err = fmt.Errorf("environment variable %s: %w", name, e)
		}
	})
	return err
}
