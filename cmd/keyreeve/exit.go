package main

import (
	"context"
	"errors"
	"fmt"
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

// failure is an error with a next step for the user. Error and hint are printed on lines of their own.
type failure struct {
	err  error
	hint string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// hinted adds a next step to an error.
func hinted(err error, format string, args ...any) error {
	return &failure{err, fmt.Sprintf(format, args...)}
}

// status ends a verb with an exit code and no message: its report has said everything.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// interrupted ends with Ctrl-C a verb that writes no report, and says what is not done.
type interrupted string

func (i interrupted) Error() string { return "interrupted; " + string(i) }

// finish prints an error and returns the exit code that goes with it.
func (a *app) finish(ctx context.Context, err error) int {
	var code status
	var f *failure
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
	case errors.As(err, &f):
		fmt.Fprintf(a.stderr, "keyreeve: %v\nhint: %s\n", err, f.hint)
	default:
		fmt.Fprintf(a.stderr, "keyreeve: %v\n", err)
	}
	return exitUsage
}
