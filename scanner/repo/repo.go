// Package repo holds the sources that read a repository: offline, without credentials. Credentials are sought in any file
// (folder secrets); what infrastructure code declares is read by dialects, a folder each (see dialects).
//
//	ModeTree       the work tree: tracked files and those that git would add
//	ModeStaged     what is staged for commit: the added lines of git diff --staged, and what the staged files declare
//	ModeIndex      all that is staged, changed or not: the tree that a commit would make
//	ModeRevision   the tree of a commit, read from git's objects; no file is checked out
//
// Without git a tree is every file below the folder. Symbolic links are not followed, submodules are repositories of their own,
// and a pointer of Git LFS is no content: what these may hold is left open, and said. Repositories nested in the tree that are no
// submodules are left out, and so is what .keyreeveignore names.
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
	"slices"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

// Mode says which state of a repository is read.
type Mode string

// The modes. The zero Mode is ModeTree.
const (
	ModeTree     Mode = "tree"
	ModeStaged   Mode = "staged"
	ModeIndex    Mode = "index"
	ModeRevision Mode = "revision" // see Source.At
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
	Settings     string   // the folder that holds .keyreeveignore, .gitleaks.toml and .gitleaksignore; "" is the repository's root
	Ignore       []string // globs of paths to leave out, besides those of .keyreeveignore: "testdata", "docs/**/*.pem"
	MaxFileBytes int64    // larger files are a gap; 0 is DefaultMaxFileBytes
	Logger       *slog.Logger
	Remember     bool // what was found in a text, because another state of the repository will be read; see Source.At

	// Extended finds a file that .gitleaks.toml extends. Nil: it lies where its path says, from the folder of settings.
	Extended func(path string) (string, error)
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
	revision *Revision // of ModeRevision
	ignore   globs
	maxBytes int64
	log      *slog.Logger
	skips    func(path string) bool
	detector detector
	dialects []*declare.Dialect
	files    files
	notes    []string
	remember bool

	mu      sync.Mutex
	report  inventory.Report
	touched map[inventory.ID]bool
	values  map[inventory.ID]secrets.Group  // of the credentials
	moved   map[inventory.ID][]inventory.ID // earlier IDs of what is declared
	kept    []declare.File                  // what dialects were given, where it is to be remembered
}

// Open finds the repository and reads the rules that its credentials are sought with, and the paths that it leaves out.
//
// Errors: a path that does not exist, a bare repository, a repository that git refuses, what is staged without git, a bad glob,
// a .gitleaks.toml or baseline that cannot be read.
func Open(o Options) (*Source, error) {
	log := cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	at, err := locate(cmp.Or(o.Root, "."), log)
	if err != nil {
		return nil, err
	}
	mode := cmp.Or(o.Mode, ModeTree)
	if !slices.Contains([]Mode{ModeTree, ModeStaged, ModeIndex}, mode) {
		return nil, fmt.Errorf("open repository %q: mode %q is none of %q, %q, %q", at.root, mode, ModeTree, ModeStaged, ModeIndex)
	}
	if mode != ModeTree && at.git == nil {
		return nil, fmt.Errorf("open repository %q: nothing can be staged without git and a repository\nhint: leave out --staged to read the files as they are, or run git init", at.root)
	}
	ignore, err := newGlobs(o.Ignore)
	if err != nil {
		return nil, err
	}
	settings := cmp.Or(o.Settings, at.root)
	more, err := readIgnores(settings)
	if err != nil {
		return nil, err
	}
	scanner, err := secrets.Load(secrets.Options{Root: at.root, Rules: settings, Extend: o.Extended, Baseline: o.Baseline, Logger: log})
	if err != nil {
		return nil, err
	}
	var detector detector = scanner
	if o.Remember {
		detector = &memory{detector: scanner}
	}
	at.name = cmp.Or(o.Name, at.name)
	return &Source{
		place: at, scope: inventory.NewScope("repo", at.name), mode: mode, ignore: append(ignore, more...), maxBytes: cmp.Or(o.MaxFileBytes, DefaultMaxFileBytes),
		log: log, skips: scanner.Skips, detector: detector, dialects: dialects, files: osFiles{}, notes: scanner.Notes(), remember: o.Remember,
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

// Touched reports whether what the last reading yielded is to be judged. In ModeStaged a declared resource that the change does
// not touch is yielded all the same, because others may refer to it.
func (s *Source) Touched(r *inventory.Resource) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.touched == nil || r.Type == credentialType || s.touched[r.ID]
}

// Resources yields the credentials of the repository, sorted by ID, after all of it was read, then what its files declare, sorted
// by dialect and ID, and then what could not be read. The error that ends it is a context that ended, or git that failed.
func (s *Source) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		r := newRun(ctx, s)
		read := map[Mode]func() (*state, error){ModeTree: r.tree, ModeStaged: r.staged, ModeIndex: r.whole, ModeRevision: r.committed}[s.mode]
		state, err := read()
		if err != nil {
			yield(inventory.Resource{}, err)
			return
		}
		s.mu.Lock()
		s.report = inventory.Report{Types: s.types(), Calls: r.calls, Files: r.opened, Part: s.mode == ModeStaged, Comments: state.comments, Notes: s.notes}
		if s.mode != ModeStaged {
			s.report.Unused = r.ignored.unused()
		}
		if len(r.left) > 0 {
			s.report.LeftOut = r.left
		}
		if s.remember {
			s.kept = r.code
		}
		s.touched, s.moved, s.values = state.touched, state.moved, map[inventory.ID]secrets.Group{}
		for _, f := range state.found {
			s.values[credentialID(s.place.name, f)] = f.Group
		}
		s.mu.Unlock()
		for _, list := range [][]inventory.Resource{resources(s.scope, s.place.name, state.found), state.declared} {
			for _, resource := range list {
				if !yield(resource, nil) {
					return
				}
			}
		}
		for _, gap := range r.gaps {
			if !yield(inventory.Resource{}, gap) {
				return
			}
		}
	}
}
