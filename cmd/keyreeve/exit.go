package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
)

// Exit codes. Scripts rely on them; the README prints this table.
const (
	exitOK          = 0   // judged, and nothing at or above --fail-on
	exitFindings    = 1   // lint and gate: a finding at or above --fail-on
	exitUsage       = 2   // a flag, the configuration, a rule or an input file is wrong; nothing was judged
	exitIncomplete  = 3   // something could not be read, such as a broken file, and nobody accepted that
	exitNothing     = 4   // nothing could be read: no back end answered, no file could be opened
	exitInterrupted = 130 // Ctrl-C; no report was written or overwritten
)

// interrupted ends with Ctrl-C a verb that writes no report, and says what is not done.
type interrupted string

func (i interrupted) Error() string { return "interrupted; " + string(i) }

// finish prints an error and returns the exit code that goes with it.
func (a *app) finish(ctx context.Context, err error) int {
	var code cli.Status
	var stopped interrupted
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &stopped):
		fmt.Fprintf(a.stderr, "keyreeve: %v\n", stopped)
		return exitInterrupted
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "keyreeve: interrupted; no report was written")
		return exitInterrupted
	}
	cli.Print(a.stderr, "keyreeve", err)
	return exitUsage
}
