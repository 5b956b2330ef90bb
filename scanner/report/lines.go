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
//
// What has no file has its scope in its place. Waived findings and unknown verdicts are left out.
func writeLines(w io.Writer, v *view, _ Options) error {
	live, _ := v.listed()
	for _, f := range failing(live) {
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
