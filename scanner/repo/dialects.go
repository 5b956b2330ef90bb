package repo

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/repo/cloudformation"
	"github.com/keyreeve/keyreeve/scanner/repo/containers"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/kubernetes"
	"github.com/keyreeve/keyreeve/scanner/repo/terraform"
	"github.com/keyreeve/keyreeve/scanner/repo/vaulthcl"
	"github.com/keyreeve/keyreeve/scanner/repo/workflows"
)

// dialects is the table of readers of infrastructure code: a folder each, and a line here.
var dialects = []*declare.Dialect{
	&cloudformation.Dialect,
	&containers.Dialect,
	&kubernetes.Dialect,
	&terraform.Dialect,
	&vaulthcl.Dialect,
	&workflows.Dialect,
}

// typesOf lists what dialects may yield, sorted.
func typesOf(list []*declare.Dialect) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Types...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// wants returns the dialects that need a file.
func (s *Source) wants(path string) []*declare.Dialect {
	var out []*declare.Dialect
	for _, d := range s.dialects {
		if d.Wants(path) {
			out = append(out, d)
		}
	}
	return out
}

// types lists all that the source may yield, sorted.
func (s *Source) types() []string {
	out := append(typesOf(s.dialects), credentialType)
	slices.Sort(out)
	return out
}
