// Package repo holds the sources that read a repository: offline, without credentials, one reader folder a dialect. This
// version reads one dialect, credentials in any file (folder secrets).
//
//	ModeTree     the work tree: tracked files and those that git would add
//	ModeStaged   what is staged for commit: the added lines of git diff --staged
//
// Without git a tree is every file below the folder. Symbolic links are not followed; submodules and repositories nested
// in the tree are repositories of their own and left out.
//
// It leaves judgement to the rules: a credential that the repository accepts (gitleaks:allow, .gitleaksignore, a baseline)
// is yielded and says so.
package repo

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

// Mode says which state of a repository is read.
type Mode string

// The modes. The zero Mode is ModeTree.
const (
	ModeTree   Mode = "tree"
	ModeStaged Mode = "staged"
)

// DefaultMaxFileBytes is the size from which on a file is reported as not read. gitleaks has no limit by default; here a
// dump of a database that lies in the tree does not hold up a hook, and is not passed over without a word either.
const DefaultMaxFileBytes = 100_000_000

// maxMatches bounds what one file can yield. What comes after is a gap.
const maxMatches = 10_000

// Options say what to read.
type Options struct {
	Root         string   // the repository, or any path inside; "" is the working directory
	Name         string   // in scope and IDs; "" is taken from the remote "origin", else from the folder
	Mode         Mode     //
	Baseline     string   // a JSON report of gitleaks whose findings are known
	Ignore       []string // globs of paths to leave out: "testdata", "docs/**/*.pem"
	MaxFileBytes int64    // larger files are a gap; 0 is DefaultMaxFileBytes
	Logger       *slog.Logger
}

// detector recognises credentials in text. *secrets.Scanner is one.
type detector interface {
	Detect(context.Context, secrets.Fragment) ([]secrets.Match, error)
}

// Source reads one repository.
type Source struct {
	place    place
	scope    inventory.Scope
	mode     Mode
	ignore   globs
	maxBytes int64
	log      *slog.Logger
	skips    func(path string) bool
	detector detector
	files    files

	mu     sync.Mutex
	report inventory.Report
}

// Open finds the repository and reads the rules that its credentials are sought with. The returned source is a
// *Source, which is also an inventory.Reporter.
//
// Errors: a path that does not exist, a bare repository, a repository that git refuses, staged mode without git, a bad glob,
// a .gitleaks.toml or baseline that cannot be read.
func Open(o Options) (inventory.Source, error) {
	log := cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	at, err := locate(cmp.Or(o.Root, "."), log)
	if err != nil {
		return nil, err
	}
	mode := cmp.Or(o.Mode, ModeTree)
	if mode != ModeTree && mode != ModeStaged {
		return nil, fmt.Errorf("open repository %q: mode %q is none of %q, %q", at.root, mode, ModeTree, ModeStaged)
	}
	if mode == ModeStaged && at.git == nil {
		return nil, fmt.Errorf("open repository %q: nothing can be staged without git and a repository\nhint: leave out --staged to read the files as they are, or run git init", at.root)
	}
	ignore, err := newGlobs(o.Ignore)
	if err != nil {
		return nil, err
	}
	scanner, err := secrets.Load(secrets.Options{Root: at.root, Baseline: o.Baseline, Logger: log})
	if err != nil {
		return nil, err
	}
	at.name = cmp.Or(o.Name, at.name)
	return &Source{
		place: at, scope: inventory.NewScope("repo", at.name), mode: mode, ignore: ignore, maxBytes: cmp.Or(o.MaxFileBytes, DefaultMaxFileBytes),
		log: log, skips: scanner.Skips, detector: scanner, files: osFiles{},
	}, nil
}

// Scope is repo/NAME.
func (s *Source) Scope() inventory.Scope { return s.scope }

// Report says what the last reading did.
func (s *Source) Report() inventory.Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report
}

// Resources yields the credentials of the repository, sorted by ID, after all of it was read, and then what could not be
// read. The error that ends it is a context that ended, or git that failed.
func (s *Source) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		r := newRun(ctx, s)
		read := r.tree
		if s.mode == ModeStaged {
			read = r.staged
		}
		found, err := read()
		if err != nil {
			yield(inventory.Resource{}, err)
			return
		}
		s.mu.Lock()
		s.report = inventory.Report{Types: []string{credentialType}, Calls: r.calls}
		s.mu.Unlock()
		for _, resource := range resources(s.scope, s.place.name, found) {
			if !yield(resource, nil) {
				return
			}
		}
		for _, gap := range r.gaps {
			if !yield(inventory.Resource{}, gap) {
				return
			}
		}
	}
}
