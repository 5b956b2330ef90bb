package report

import (
	"cmp"
	"fmt"
	"io"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// writeLines writes a line for each failing finding, worst first, in the form that editors and their problem matchers know of compilers:
//
//	infra/keys.tf:12:1: high rotation/automatic-rotation-off: it could rotate itself, but automatic rotation is off (aws_kms_key.jwt)
//	vault/eu/root: critical credentials/vault-root-token: a token with the root policy exists (root)
//	infra/old.tf:3:1: high meta/gap: it could not be read or parsed: line 3: ...
//
// What has no file has its scope in its place. What could not be read follows what fails. Waived findings are left out, and unless the
// run is strict so is what declared resources leave open.
func writeLines(w io.Writer, v *view, o Options) error {
	live, _ := v.listed()
	gaps, _ := v.listedGaps()
	for _, f := range append(failing(live), v.lacks(gaps, live, o)...) {
		at := place(f.Resource.Scope)
		if l := f.Resource.Location; l != nil && l.Path != "" {
			at = fmt.Sprintf("%s:%d:1", l.Path, startLine(l))
		}
		if _, err := fmt.Fprintln(w, clean(fmt.Sprintf("%s: %s %s: %s", at, cmp.Or(f.Severity, "unrated"), f.Rule, sentence(f)))); err != nil {
			return err
		}
	}
	return nil
}

// sentence is a finding's message with what it is about.
func sentence(f *finding.Finding) string {
	s := f.Message
	if name := called(f); name != "" {
		s += " (" + name + ")"
	}
	if f.Resource.Emulated {
		s += " (emulated)"
	}
	return s
}
