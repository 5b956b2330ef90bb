package evaluate

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// LintOptions say which rules to lint: those of Policies, or the built-in ones where it is empty.
type LintOptions struct {
	Builtin  fs.FS
	Policies []string
}

// Lint finds what compiles but would make a verdict wrong or undecidable, and what a rule lacks: tests, examples of every verdict,
// settings that are used. The problems are sorted by place. The error is about files that cannot be read at all.
func Lint(o LintOptions) ([]Problem, error) {
	lib, err := readAll(o.Builtin, o.Policies, true)
	if err != nil {
		return asProblems(err)
	}
	rules, err := lib.configure(nil)
	if err != nil {
		return nil, err
	}
	if err := checkTypes(rules, lib.libs()); err != nil {
		return asProblems(err)
	}
	var chosen []*rule
	for _, r := range rules {
		if len(o.Policies) == 0 || r.Custom {
			chosen = append(chosen, r)
		}
	}
	libs := lib.libs()
	if len(o.Policies) > 0 {
		libs = customLibs(lib)
	}
	out := forbidden(chosen, libs)
	for _, r := range chosen {
		out = append(out, r.unusedSettings()...)
		out = append(out, r.unanswered()...)
		out = append(out, r.untested()...)
	}
	return sortProblems(out), nil
}

// forbidden lints the Rego itself.
func forbidden(rules []*rule, libs []*file) []Problem {
	var out []Problem
	for _, r := range rules {
		for _, f := range r.source.files {
			out = append(out, lintFile(f, r.settings[tiers[0]])...)
		}
		out = append(out, conflicts(r.source.files)...)
		_, wrong := r.severities()
		out = append(out, wrong...)
	}
	for _, f := range libs {
		out = append(out, lintFile(f, nil)...)
	}
	byPackage := map[string][]*file{}
	for _, f := range libs {
		pkg := packageText(f.module.Package.Path)
		byPackage[pkg] = append(byPackage[pkg], f)
	}
	for _, pkg := range slices.Sorted(maps.Keys(byPackage)) {
		out = append(out, conflicts(byPackage[pkg])...)
	}
	return sortProblems(out)
}

// unusedSettings finds settings that the rule does not mention. A rule that hands on input.settings as a whole may use any.
func (r *rule) unusedSettings() []Problem {
	used := map[string]bool{}
	whole := false
	for _, f := range r.source.files {
		ast.WalkRefs(f.module, func(ref ast.Ref) bool {
			if len(ref) < 2 || !ref[0].Equal(ast.InputRootDocument) || !ref[1].Equal(settingsKey) {
				return false
			}
			if len(ref) == 2 || !ref[2].IsGround() {
				whole = true
				return false
			}
			if name, ok := ref[2].Value.(ast.String); ok {
				used[string(name)] = true
			}
			return false
		})
	}
	if whole {
		return nil
	}
	var out []Problem
	c := r.source.header.Custom
	for _, name := range append(slices.Sorted(maps.Keys(c.Settings)), slices.Sorted(maps.Keys(c.SettingsFrom))...) {
		if !used[name] {
			out = append(out, Problem{File: r.source.headFile, Line: r.source.header.line, Text: fmt.Sprintf("the setting %q is used nowhere; use input.settings.%s or remove it", name, name)})
		}
	}
	return out
}

// untested finds what a rule's folder lacks: Rego tests, and examples that fail, pass and cannot be told.
func (r *rule) untested() []Problem {
	s := r.source
	var out []Problem
	missing := func(file, format string, args ...any) {
		out = append(out, Problem{File: file, Text: fmt.Sprintf(format, args...)})
	}
	tests := 0
	for _, f := range s.tests {
		for _, t := range f.module.Rules {
			if strings.HasPrefix(t.Head.Ref()[0].Value.String(), "test_") {
				tests++
			}
		}
	}
	if tests == 0 {
		missing(s.folder.name(s.id+"/rule_test.rego"), "the rule has no Rego test; write one, in package %s", packageText(packageOf(s.id+"_test")))
	}
	if s.examples == "" {
		missing(s.folder.name(s.id+"/examples.yaml"), "the rule has no examples; give one resource that fails, one that passes and one that cannot be told")
		return out
	}
	name := s.folder.name(s.examples)
	list, err := readExamples(s.folder.fsys, s.examples, name)
	if err != nil {
		if e, ok := err.(*strictyaml.Error); ok {
			return append(out, Problem{File: e.File, Line: e.Line, Text: e.Text})
		}
		missing(name, "%v", err)
		return out
	}
	for _, want := range []finding.Verdict{finding.Fail, finding.Pass, finding.Unknown} {
		if !slices.ContainsFunc(list, func(x *example) bool { return x.Verdict == want }) {
			missing(name, "no example is %s; give at least one each of fail, pass and unknown", want)
		}
	}
	return out
}
