package repo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Revision is a commit, read from git's objects: no file is checked out.
type Revision struct {
	Name   string // as it was asked for: "origin/main"
	Commit string // its ID
	place  place
}

// Resolve finds a commit of the repository that holds dir. The errors are those of Open, a folder that is in no repository, and a
// name that names no commit; that says what to do where a clone is shallow.
func Resolve(ctx context.Context, dir, rev string, log *slog.Logger) (*Revision, error) {
	at, err := locate(dir, cmp.Or(log, slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, err
	}
	if at.git == nil {
		return nil, fmt.Errorf("find revision %q: %q is in no git repository, or git is not installed\nhint: leave out --base to judge all that is there", rev, at.root)
	}
	id, err := at.git.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || id == "" {
		return nil, fmt.Errorf("find revision %q: there is no such commit in %q\nhint: %s", rev, at.root, at.git.whereIs(ctx, rev))
	}
	return &Revision{Name: rev, Commit: id, place: at}, nil
}

// Root is the top folder of the repository.
func (v *Revision) Root() string { return v.place.root }

// whereIs says how to get at a commit that is not there.
func (g *git) whereIs(ctx context.Context, rev string) string {
	if _, err := g.output(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil && rev == "HEAD" {
		return "nothing is committed yet; leave out --base to judge all that is there"
	}
	shallow, _ := g.output(ctx, "rev-parse", "--is-shallow-repository")
	switch {
	case strings.Contains(rev, ".."):
		return `name one commit; where a branch left another is: --base "$(git merge-base origin/main HEAD)"`
	case shallow == "true":
		return "this clone is shallow; run git fetch --unshallow, or clone it whole (fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 of GitLab)"
	}
	return "git fetch the branch, or name a commit, a tag or a branch that git log shows"
}

// Within tells where in the repository a path lies: relative to its root, with slashes. A link in the work tree does not lead out of
// it, because a change can bring one.
func (v *Revision) Within(path string) (string, bool) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", false
	}
	if rel, ok := descend(v.place.root, abs); ok {
		return rel, true
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return descend(v.place.root, real)
	}
	return "", false
}

// descend finds the outermost folder of a path that is the root, whatever it is called there, and returns what follows.
func descend(root, path string) (string, bool) {
	rest, found := "", false
	for dir := path; ; {
		if real, err := filepath.EvalSymlinks(dir); err == nil && real == root {
			rest, found = strings.TrimPrefix(path[len(dir):], string(filepath.Separator)), true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return filepath.ToSlash(filepath.Clean(rest)), found
		}
		dir = up
	}
}

// maxExport bounds a file that is exported.
const maxExport = 4 << 20

// Export writes a file of the commit, or all files of a folder, below dir, at the path that they have in the repository. It reports
// whether there is any. Symbolic links are none.
func (v *Revision) Export(ctx context.Context, path, dir string) (bool, error) {
	var paths []string
	if path != "." {
		paths = append(paths, path)
	}
	list, _, err := v.place.git.files(ctx, v.Commit, paths...)
	if err != nil {
		return false, err
	}
	list = slices.DeleteFunc(list, func(f listed) bool { return f.kind != regular })
	err = v.place.git.contents(ctx, list, func(f listed, size int64, content io.Reader) error {
		switch {
		case size == lacking:
			return fmt.Errorf("%q of %s is not in this clone\nhint: git fetch it, or clone without --filter", f.path, v.Name)
		case size > maxExport:
			return fmt.Errorf("%q of %s is larger than %d bytes", f.path, v.Name, maxExport)
		case !filepath.IsLocal(filepath.FromSlash(f.path)):
			return fmt.Errorf("%q of %s is no path that can be written here", f.path, v.Name)
		}
		name := filepath.Join(dir, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		return os.WriteFile(name, data, 0o600)
	})
	return len(list) > 0, err
}

// At returns a source that reads a revision of the same repository as another, with the same eyes: the same rules, the same paths left
// out.
func (s *Source) At(v *Revision) *Source {
	return &Source{
		place: s.place, scope: s.scope, mode: ModeRevision, revision: v, ignore: s.ignore, maxBytes: s.maxBytes,
		log: s.log, skips: s.skips, detector: s.detector, dialects: s.dialects, files: s.files, remember: s.remember,
	}
}
