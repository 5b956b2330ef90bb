// Command pages writes the page of every built-in rule, README.md in the rule's folder, from the rule and its examples. It runs in the
// folder policies: go generate ./policies.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	e, err := evaluate.Load(evaluate.Options{Builtin: policies.FS})
	if err != nil {
		return err
	}
	for _, r := range e.Rules() {
		page, err := e.Page(r.ID)
		if err != nil {
			return fmt.Errorf("page of %s: %w", r.ID, err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(r.ID), "README.md"), page, 0o644); err != nil {
			return err
		}
	}
	return nil
}
