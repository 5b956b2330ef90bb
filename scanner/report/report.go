// Package report shows a finding.Result: as text for people, as JSON for programs, as SARIF for code scanning. A format is a
// function in a file of its own and a line in the table below.
//
// It leaves it to the caller which findings matter: nothing is judged, filtered or counted anew here.
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// A Format is one way to show a result.
type Format struct {
	Name  string // as given to -o: "sarif"
	About string // one line for the help text
	write func(w io.Writer, v *view, o Options) error
}

var formats = []Format{
	{"text", "for people: grouped by rule and cause, worst first", writeText},
	{"json", "the whole result, for programs; keyreeve reads it back", writeJSON},
	{"sarif", "SARIF 2.1.0, for code scanning", writeSARIF},
	{"lines", "a line a finding: file:line:1: severity rule: message, for editors (the column is always 1)", writeLines},
	{"github", "annotations of GitHub Actions", writeGitHub},
	{"codequality", "GitLab's Code Quality report, for merge requests", writeCodeQuality},
}

// Formats lists the formats in the order in which help shows them.
func Formats() []Format { return append([]Format(nil), formats...) }

// Options say how a result is shown. The zero value is good: plain text as wide as it needs to be, everything listed,
// waived findings left out of SARIF.
type Options struct {
	Strict   bool // lines, github, codequality: what is unknown or left open makes the run fail, so it is listed
	Color    bool // text: colour with terminal escapes; the caller has looked at NO_COLOR and the terminal
	Width    int  // text: columns of the terminal; 0: no terminal, so nothing is shortened
	MaxLines int  // text: findings listed of each rule and cause; 0: all

	// Suppressed says what SARIF does with waived findings: "omit" (also "") leaves them out, "include" writes them with their
	// suppressions.
	Suppressed string
	// Category is the part of SARIF's automationDetails.id that keeps uploads of different scans apart; "" is "keyreeve/VERB".
	Category string
	// Anchor is a file of the repository, relative to its root, to which SARIF ties findings that have no file; "" gives each
	// resource a path of its own.
	Anchor string
	// Unknowns has SARIF list each unknown verdict as a result of kind "open". They are always told as notifications.
	Unknowns bool
}

// Write shows a result in the named format. Equal results give equal bytes, whatever the order of their lists.
//
// The errors are an unknown format, an option that has no such value, and those of w; what was written before an error is of no use.
func Write(w io.Writer, format string, r *finding.Result, o Options) error {
	var names []string
	for _, f := range formats {
		if f.Name == format {
			buffered := bufio.NewWriterSize(w, 1<<16)
			err := f.write(buffered, newView(r), o)
			if err == nil {
				err = buffered.Flush()
			}
			if err != nil {
				return fmt.Errorf("write %s report: %w", format, err)
			}
			return nil
		}
		names = append(names, f.Name)
	}
	return fmt.Errorf("unknown report format %q; formats are %s", format, strings.Join(names, ", "))
}
