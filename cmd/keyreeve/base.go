package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/repo"
)

// base is the revision that lint --base compares with.
//
// What judges a change must not come from the change: configuration, waivers, rules, known leaks, and the files of the repository
// that leave something out are taken from the revision. They are written to a folder of their own; the work tree stays as it is.
// What lies outside of the repository is taken from where it lies.
type base struct {
	*repo.Revision
	app    *app
	folder string
}

// openBase finds the revision and points what lint was asked for at it.
func (a *app) openBase(ctx context.Context, rev string, j *judging, o *repo.Options) (b *base, err error) {
	found, err := repo.Resolve(ctx, o.Root, rev, o.Logger)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "keyreeve-base-")
	if err != nil {
		return nil, fmt.Errorf("make room for the settings of %s: %w", rev, err)
	}
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return nil, err
	}
	b = &base{found, a, folder}
	if err := b.settle(ctx, j, o); err != nil {
		return nil, errors.Join(b.named(err), b.close())
	}
	return b, nil
}

func (b *base) close() error { return os.RemoveAll(b.folder) }

// settle reads the configuration of the revision and replaces paths into the repository by what the revision has there.
func (b *base) settle(ctx context.Context, j *judging, o *repo.Options) error {
	for _, name := range leaveOut {
		if _, err := b.Export(ctx, name, b.folder); err != nil {
			return err
		}
	}
	o.Settings = b.folder
	o.Extended = func(path string) (string, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(b.Root(), path)
		}
		found, there, err := b.of(ctx, path)
		if err == nil && !there {
			err = fmt.Errorf("%s extends %q, which %s does not have", ".gitleaks.toml", path, b.Name)
		}
		return found, err
	}
	mine := j.configPath
	if err := b.configure(ctx, j, o.Root); err != nil {
		return err
	}
	if err := b.parses(j, mine, o.Root); err != nil {
		return err
	}
	var err error
	if j.waivers, err = b.all(ctx, "--waivers", j.waivers); err != nil {
		return err
	}
	if j.policyDirs, err = b.all(ctx, "--policies", j.policyDirs); err != nil {
		return err
	}
	known, err := b.all(ctx, "--known-leaks", nonEmpty(o.Baseline))
	o.Baseline = strings.Join(known, "")
	if err != nil {
		return err
	}
	altered, err := b.altered()
	if err == nil && len(altered) > 0 {
		b.say("this change alters %s; it is judged by what %s has", strings.Join(altered, ", "), b.Name)
	}
	return err
}

// parses reads the change's own configuration and ignore file. They do not judge the change, but would break what comes after it.
func (b *base) parses(j *judging, configured, root string) error {
	if configured == "" {
		found, err := config.Find(root)
		if err != nil {
			return err
		}
		configured = found
	}
	if configured != "" {
		if _, err := os.Lstat(configured); !errors.Is(err, fs.ErrNotExist) {
			c, err := config.Read(configured)
			if err != nil {
				return err
			}
			if _, err := relate.New(&inventory.Snapshot{}, c.Classify); err != nil {
				return fmt.Errorf("read %q: %w", configured, err)
			}
			if !reflect.DeepEqual(c.Rules, j.config.Rules) {
				if _, err := evaluate.Load(evaluate.Options{Builtin: policies.FS, Policies: j.policyDirs, Config: c.Rules}); err != nil {
					return fmt.Errorf("read %q: %w", configured, err)
				}
			}
		}
	}
	return repo.CheckIgnores(b.Root())
}

// leaveOut are files at the root that leave something out or accept it.
var leaveOut = []string{".keyreeveignore", ".gitleaks.toml", ".gitleaksignore"}

// altered lists what judges the change and is otherwise in the work tree than in the revision, sorted.
func (b *base) altered() ([]string, error) {
	var out []string
	err := filepath.WalkDir(b.folder, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(b.folder, name)
		if err != nil {
			return err
		}
		was, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if now, err := os.ReadFile(filepath.Join(b.Root(), rel)); err != nil || !bytes.Equal(unbroken(was), unbroken(now)) {
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	for _, name := range leaveOut {
		_, before := os.Lstat(filepath.Join(b.folder, name))
		if _, now := os.Lstat(filepath.Join(b.Root(), name)); errors.Is(before, fs.ErrNotExist) && now == nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, err
}

// unbroken writes line breaks as git keeps them, whatever core.autocrlf makes of them in the work tree.
func unbroken(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// configure reads the configuration that was named, or the one that lies nearest above the path in the revision or, above the
// repository, on disk.
func (b *base) configure(ctx context.Context, j *judging, root string) error {
	j.config = &config.Config{}
	at := j.configPath
	if at == "" {
		rel, ok := b.Within(root)
		for dir := rel; ok; dir = path.Dir(dir) {
			there, err := b.Export(ctx, path.Join(dir, config.Name), b.folder)
			if err != nil {
				return err
			}
			if there {
				at = filepath.Join(b.Root(), filepath.FromSlash(dir), config.Name)
				break
			}
			if dir == "." {
				break
			}
		}
		if at == "" {
			above, err := config.Find(filepath.Dir(b.Root()))
			if err != nil {
				return err
			}
			at = above
		}
		if at == "" {
			if mine, _ := config.Find(root); mine != "" {
				b.say("%s has no %s, so the one of this change does not count", b.Name, config.Name)
			}
			return nil
		}
	}
	found, there, err := b.of(ctx, at)
	if err != nil {
		return err
	}
	if !there {
		b.say("%s does not have %q, so it does not count", b.Name, at)
		j.configPath = ""
		return nil
	}
	c, err := config.Read(found)
	if err != nil {
		return err
	}
	if c.Waivers != "" {
		mine := config.Config{Path: at}
		list, err := b.all(ctx, "the waivers that the configuration names,", []string{mine.Resolve(c.Waivers)})
		if err != nil {
			return err
		}
		if c.Waivers = ""; len(list) > 0 {
			if c.Waivers, err = filepath.Abs(list[0]); err != nil {
				return err
			}
		}
	}
	j.config, j.configPath = c, found
	return nil
}

// all replaces paths into the repository by what the revision has there. What it does not have is left out, and said.
func (b *base) all(ctx context.Context, what string, paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		found, there, err := b.of(ctx, p)
		if err != nil {
			return nil, err
		}
		if !there {
			b.say("%s does not have %s %q, so it does not count", b.Name, what, p)
			continue
		}
		out = append(out, found)
	}
	return out, nil
}

// of returns where the revision's file or folder is to be read, and whether the revision has it.
func (b *base) of(ctx context.Context, p string) (string, bool, error) {
	rel, ok := b.Within(p)
	if !ok {
		return p, true, nil
	}
	there, err := b.Export(ctx, rel, b.folder)
	return filepath.Join(b.folder, filepath.FromSlash(rel)), there, err
}

func (b *base) say(format string, args ...any) {
	if !b.app.quiet {
		fmt.Fprintf(b.app.stderr, "keyreeve: "+format+"\n", args...)
	}
}

// named writes paths of the revision in an error as git does: origin/main:keyreeve.yaml. The change that mends such a file is judged
// by the broken one too, so the error says how else.
func (b *base) named(err error) error {
	if err == nil || !strings.Contains(err.Error(), b.folder) {
		return err
	}
	text := strings.ReplaceAll(err.Error(), b.folder+string(filepath.Separator), b.Name+":")
	text = strings.ReplaceAll(text, b.folder, b.Name)
	hint := "what " + b.Name + " has judges the change; to judge by the work tree's, as for the change that mends it, leave out --base"
	var f *cli.Hint
	if errors.As(err, &f) {
		hint = f.Step + "\nhint: " + hint
	}
	return &cli.Hint{Err: errors.New(text), Step: hint}
}

// compare judges the revision and marks what is new in the result of now. It settles the later snapshot before that is judged.
func (b *base) compare(ctx context.Context, source *repo.Source, snap *inventory.Snapshot, j *judging) (*finding.Result, error) {
	then := source.At(b.Revision)
	old, err := b.app.collectOne(ctx, then)
	if err != nil {
		return nil, err
	}
	change := repo.Compare(then, source, old, snap)
	if n := change.Settle(); n > 0 {
		b.say("credentials that only this change accepts, by a comment or a list, count all the same: %d", n)
	}
	before, err := b.app.judged(ctx, "lint", old, j)
	if err != nil {
		return nil, err
	}
	result, err := b.app.judged(ctx, "lint", snap, j)
	if err != nil {
		return nil, err
	}
	result.CompareChange(before, b.Name, change)
	c := result.Summary.Compared
	if c.Refused > 0 {
		b.say("findings that a comment moved with its code does not waive, because they were not there before: %d", c.Refused)
	}
	b.say("compared with %s (%.12s): %d new, %d fixed, %d unchanged", b.Name, b.Commit, c.New, c.Fixed, c.Unchanged)
	if c.NewGaps > 0 {
		b.say("new gaps, of what could not be read or is left open: %d", c.NewGaps)
	}
	return result, nil
}

// collectOne reads one repository.
func (a *app) collectOne(ctx context.Context, source *repo.Source) (*inventory.Snapshot, error) {
	p := a.progress(1)
	defer p.finish()
	return scanner.Collect(ctx, []inventory.Source{source}, scanner.CollectOptions{Now: a.now(), Tool: toolVersion(), Logger: a.logger(), Progress: p})
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
