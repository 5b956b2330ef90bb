package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// writeGitHub writes commands that GitHub Actions turns into annotations of the lines they name, worst first:
//
//	::error file=infra/keys.tf,line=12,endLine=12,title=rotation/automatic-rotation-off::it could rotate itself, ...
//
// GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest without a word, so the last line says how many
// there are. It needs no permission and no code scanning. Waived findings are left out; unknown verdicts are counted. What could not be
// read follows what fails, and in a strict run what is unknown or left open.
//
// The form is that of the workflow commands of the documentation of GitHub Actions.
func writeGitHub(w io.Writer, v *view, o Options) error {
	live, _ := v.listed()
	fails := failing(live)
	gaps, _ := v.listedGaps()
	for _, f := range append(failing(live), v.lacks(gaps, live, o)...) {
		title := ",title=" + property(f.Rule)
		at := ""
		if l := f.Resource.Location; l != nil && l.Path != "" {
			at = fmt.Sprintf("file=%s,line=%d,endLine=%d", property(l.Path), startLine(l), endLine(l))
		} else {
			title = title[1:]
		}
		text := sentence(f)
		if at == "" {
			text = place(f.Resource.Scope) + ": " + text
		}
		if _, err := fmt.Fprintf(w, "::%s %s%s::%s\n", annotation(f.Severity), at, title, data(text)); err != nil {
			return err
		}
	}
	unknowns := len(unknown(live))
	if len(fails)+unknowns+len(gaps) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "::notice title=keyreeve::%s\n", data(plural(len(fails), "finding fails", "findings fail")+", "+
		plural(unknowns, "verdict is", "verdicts are")+" unknown, "+
		plural(len(gaps), "gap", "gaps")+"; GitHub shows ten annotations of a kind"))
	return err
}

func annotation(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	}
	return "notice"
}

// data writes what follows the second colons of a command, property a value before them.
func data(s string) string     { return commandData.Replace(clean(s)) }
func property(s string) string { return commandProperty.Replace(clean(s)) }

var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
