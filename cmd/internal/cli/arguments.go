package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Exactly is cobra.ExactArgs with an error that says what is wanted. An empty argument, as a variable of a script may be, is none.
func Exactly(n int, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return Hinted(errors.New(cmd.CommandPath()+" wants "+want), "%s --help shows examples", cmd.CommandPath())
		}
		if empty := slices.Index(args, ""); empty >= 0 {
			return Hinted(fmt.Errorf("%s wants %s, and argument %d is empty", cmd.CommandPath(), want, empty+1), "%s --help shows examples", cmd.CommandPath())
		}
		return nil
	}
}

// NoVerb is cobra.NoArgs with the verbs that may have been meant.
func NoVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2 // letters that a misspelt verb may differ in
	err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		return Hinted(err, "did you mean %s %s?", cmd.CommandPath(), strings.Join(like, " or "))
	}
	return Hinted(err, "%s --help lists the commands", cmd.CommandPath())
}
