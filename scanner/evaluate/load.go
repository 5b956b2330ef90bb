package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// Options say which rules an engine runs.
type Options struct {
	Builtin  fs.FS                 // the built-in rules; see folder for the layout
	Policies []string              // folders with more rules, of the same layout
	Config   map[string]RuleConfig // by rule ID
}

// rule is one rule, ready to run.
type rule struct {
	finding.Rule
	source   *source
	config   configured
	settings map[string]map[string]any // by tier, resolved
	terms    map[string]*ast.Term      // by tier: input.settings; tiers with equal settings share one
	replaces []string
	lowered  []finding.Severity // what its denies ask for below its own severity, from the highest
	program  *program
	gate     memo // whether it applies
	memo     memo
}

// Load reads, checks and compiles rules. Every mistake it finds is in the error, joined, each with file and line where there is one.
func Load(o Options) (*Engine, error) {
	lib, err := readAll(o.Builtin, o.Policies, false)
	if err != nil {
		return nil, err
	}
	rules, err := lib.configure(o.Config)
	if err != nil {
		return nil, err
	}
	if err := lib.checkCustom(rules); err != nil {
		return nil, err
	}
	e, err := compile(rules, lib.libs())
	if err != nil {
		return nil, err
	}
	for _, s := range lib.sources {
		if e.find(s.id) == nil {
			e.off = append(e.off, s.id)
		}
	}
	return e, nil
}

// library is all folders of rules of one run, merged.
type library struct {
	folders []*folder
	sources []*source // sorted by ID; overridden ones left out
}

func (l *library) libs() []*file {
	var out []*file
	for _, f := range l.folders {
		out = append(out, f.libs...)
	}
	return out
}

// readAll reads the built-in rules and more folders. With check it reads all of them for checking and testing; otherwise only those
// of the folders, since the built-in ones are checked by their tests.
func readAll(builtin fs.FS, dirs []string, check bool) (*library, error) {
	l := &library{}
	var errs []error
	add := func(fsys fs.FS, dir string, check bool) {
		f, err := readFolder(fsys, dir, check)
		if err != nil {
			errs = append(errs, err)
			return
		}
		l.folders = append(l.folders, f)
	}
	if builtin != nil {
		add(builtin, "", check)
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			errs = append(errs, fmt.Errorf("read rules: %q is no folder", dir))
			continue
		}
		add(os.DirFS(dir), dir, true)
	}
	if len(errs) == 0 {
		errs = append(errs, l.merge())
	}
	return l, errors.Join(errs...)
}

// merge puts the rules of all folders together. A rule of the same name replaces an earlier one only with "override: true".
func (l *library) merge() error {
	byID := map[string]*source{}
	libs := map[string]*folder{}
	var errs []error
	for _, f := range l.folders {
		for _, s := range f.rules {
			old, taken := byID[s.id]
			override := s.header.Custom.Override
			switch {
			case taken && !override:
				errs = append(errs, &mistake{s.headFile, s.header.line, fmt.Sprintf("there is a rule %q already, in %s; give this one another name, or set custom.override: true to replace it", s.id, old.headFile)})
			case !taken && override:
				errs = append(errs, &mistake{s.headFile, s.header.line, fmt.Sprintf("custom.override is set, but there is no rule %q to replace", s.id)})
			}
			byID[s.id] = s
		}
		for _, file := range f.libs {
			pkg := packageText(file.module.Package.Path)
			if owner, taken := libs[pkg]; taken && owner != f {
				errs = append(errs, &mistake{file.name, file.module.Package.Location.Row, fmt.Sprintf("the package %s is another folder's; choose another name, such as %s.own", pkg, pkg)})
			}
			libs[pkg] = f
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		l.sources = append(l.sources, byID[id])
	}
	for _, s := range l.sources {
		c := s.header.Custom
		for _, other := range append(slices.Clone(c.Replaces), slices.Sorted(maps.Values(c.SettingsFrom))...) {
			if byID[other] == nil {
				errs = append(errs, &mistake{s.headFile, s.header.line, unknown("rule", other, slices.Collect(maps.Keys(byID)))})
			}
		}
	}
	return errors.Join(errs...)
}

// A ConfigError is about the configuration of rules rather than their files.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }
func (e *ConfigError) Unwrap() error { return e.Err }

// configure makes the rules that are to run, with their settings. The error is a *ConfigError.
func (l *library) configure(config map[string]RuleConfig) ([]*rule, error) {
	var errs []error
	byID := map[string]*rule{}
	var all []*rule
	for _, s := range l.sources {
		c, err := configure(s.id, s.header, config[s.id])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		r := &rule{Rule: s.header.rule(s.id, s.folder.custom()), source: s, config: c, replaces: s.header.Custom.Replaces}
		if c.severity != nil {
			r.Severity, r.ByTier = c.severity.worst(), c.severity.byTier
		}
		r.lowered, _ = r.severities()
		byID[s.id] = r
		all = append(all, r)
	}
	for _, id := range slices.Sorted(maps.Keys(config)) {
		if byID[id] == nil && !slices.ContainsFunc(l.sources, func(s *source) bool { return s.id == id }) {
			var known []string
			for _, s := range l.sources {
				known = append(known, s.id)
			}
			errs = append(errs, fmt.Errorf("rules: %s", unknown("rule", id, known)))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &ConfigError{err}
	}
	var out []*rule
	for _, r := range all {
		r.resolve(byID)
		if !r.config.disabled {
			out = append(out, r)
		}
	}
	return out, nil
}

func (r *rule) resolve(byID map[string]*rule) {
	r.settings, r.terms = map[string]map[string]any{}, map[string]*ast.Term{}
	for _, tier := range tiers {
		values := r.source.header.resolve(r.config, tier)
		for alias, id := range r.source.header.Custom.SettingsFrom {
			values[alias] = byID[id].source.header.resolve(byID[id].config, tier)
		}
		r.settings[tier], r.terms[tier] = values, settingsTerm(values)
		for _, t := range tiers {
			if old := r.terms[t]; old != nil && old.Equal(r.terms[tier]) {
				r.terms[tier] = old
				break
			}
		}
	}
}

// checkCustom checks the rules of --policies: types, and the constructs that would defeat the procedure for unknown facts. The
// built-in rules have passed both in their tests.
func (l *library) checkCustom(rules []*rule) error {
	var custom []*rule
	for _, r := range rules {
		if r.Custom {
			custom = append(custom, r)
		}
	}
	if len(custom) == 0 {
		return nil
	}
	if err := checkTypes(custom, l.libs()); err != nil {
		return err
	}
	var errs []error
	for _, p := range forbidden(custom, customLibs(l)) {
		if !p.Warning {
			errs = append(errs, &mistake{p.File, p.Line, p.Text})
		}
	}
	return errors.Join(errs...)
}

func customLibs(l *library) []*file {
	var out []*file
	for _, f := range l.folders {
		if f.custom() {
			out = append(out, f.libs...)
		}
	}
	return out
}

// compile makes an engine of rules. It rewrites their modules.
func compile(rules []*rule, libs []*file) (*Engine, error) {
	e := &Engine{rules: rules, libs: libs, byType: map[string][]*rule{}, patience: patience}
	var err error
	for _, r := range rules {
		prepare(r.source.modules())
	}
	if e.compiler, err = compileModules(rules, libs); err != nil {
		return nil, err
	}
	e.store = inmem.New()
	if e.txn, err = e.store.NewTransaction(context.Background()); err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	for _, r := range rules {
		r.program = newProgram(r.source)
	}
	slices.SortFunc(e.rules, func(a, b *rule) int { return strings.Compare(a.ID, b.ID) })
	e.dispatch()
	return e, nil
}

// modules are the parsed files of a rule.
func (s *source) modules() []*ast.Module {
	out := make([]*ast.Module, len(s.files))
	for i, f := range s.files {
		out[i] = f.module
	}
	return out
}

// compileModules compiles the prepared modules of rules. The compiler works on copies of its own, down to the last term.
func compileModules(rules []*rule, libs []*file) (*ast.Compiler, error) {
	modules := map[string]*ast.Module{}
	for _, l := range libs {
		modules[l.name] = l.module
	}
	for _, r := range rules {
		for _, f := range r.source.files {
			modules[f.name] = f.module
		}
	}
	c := ast.NewCompiler().WithCapabilities(laxCapabilities())
	if c.Compile(modules); c.Failed() {
		return nil, explainRego(c.Errors)
	}
	return c, nil
}
