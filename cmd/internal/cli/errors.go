// Package cli holds what both commands do alike where people meet them: errors that name a next step, arguments, and colours.
package cli

import (
	"errors"
	"fmt"
	"io"
)

// Hint is an error with a next step for the user. Error and step are printed on lines of their own.
type Hint struct {
	Err  error
	Step string
}

func (h *Hint) Error() string { return h.Err.Error() }
func (h *Hint) Unwrap() error { return h.Err }

// Hinted adds a next step to an error.
func Hinted(err error, format string, args ...any) error {
	return &Hint{err, fmt.Sprintf(format, args...)}
}

// Status ends a verb with an exit code and no message: its output has said everything.
type Status int

func (s Status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// Print writes an error of a command, and its next step.
func Print(w io.Writer, command string, err error) {
	fmt.Fprintf(w, "%s: %v\n", command, err)
	var h *Hint
	if errors.As(err, &h) {
		fmt.Fprintf(w, "hint: %s\n", h.Step)
	}
}
