package repo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// place is a work tree, or a folder that git knows nothing of.
type place struct {
	root string // the top folder, absolute
	git  *git   // nil: a plain folder
	name string
}

// locate finds the work tree that holds dir.
func locate(dir string, log *slog.Logger) (place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return place{}, fmt.Errorf("open repository: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return place{}, fmt.Errorf("open repository: %w", err)
	}
	if !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil { // a walk does not enter a link
		return place{}, fmt.Errorf("open repository: %w", err)
	}
	top := upwards(dir)
	if _, err := exec.LookPath("git"); err != nil {
		return withoutGit(dir, top, log)
	}
	if top == "" {
		return outside(dir, log)
	}
	g := newGit(top, false)
	if hook := newGit(top, true); len(hook.env) > len(g.env) && hook.folder() == g.folder() {
		g = hook // git's variables speak of this repository, and may name the index that is being committed
	}
	root, err := g.output(context.Background(), "rev-parse", "--show-toplevel")
	if err != nil {
		if bare, _ := g.output(context.Background(), "rev-parse", "--is-bare-repository"); bare == "true" {
			return place{}, bareError(top)
		}
		return place{}, fmt.Errorf("open repository: %w", withHint(err))
	}
	root = filepath.FromSlash(root)
	g.dir = root
	return place{root: root, git: g, name: g.name(root)}, nil
}

// upwards returns the nearest folder, from dir up, that has a .git in it: a folder, or the file of a worktree or submodule.
func upwards(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// withoutGit reads a folder where there is no git to ask.
func withoutGit(dir, top string, log *slog.Logger) (place, error) {
	if top == "" {
		top = dir
	}
	if bare(dir) {
		return place{}, bareError(dir)
	}
	log.Info("git is not installed: reading every file below the folder, those that git would ignore too", "folder", top)
	return place{root: top, name: filepath.Base(top)}, nil
}

// outside reads a folder that is in no repository.
func outside(dir string, log *slog.Logger) (place, error) {
	g := newGit(dir, false)
	if answer, err := g.output(context.Background(), "rev-parse", "--is-bare-repository"); answer == "true" || err != nil && bare(dir) {
		return place{}, bareError(dir)
	}
	log.Info("this folder is in no git repository: reading every file below it", "folder", dir)
	return place{root: dir, name: filepath.Base(dir)}, nil
}

// bare reports whether a folder looks like a repository without a work tree.
func bare(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

func bareError(dir string) error {
	return fmt.Errorf("open repository %q: it is bare, so there are no files to read\nhint: make a work tree of it: git -C %q worktree add FOLDER BRANCH", dir, dir)
}

// withHint adds what to do when git refuses a folder that somebody else owns, as it does in many containers.
func withHint(err error) error {
	var g *gitError
	if errors.As(err, &g) && strings.Contains(strings.Join(g.talk, " "), "dubious ownership") {
		return fmt.Errorf("%w\nhint: if you trust it: git config --global --add safe.directory %q", err, g.dir)
	}
	return err
}

// folder is where git keeps this work tree's state, or "" where it cannot be told.
func (g *git) folder() string {
	folder, err := g.output(context.Background(), "rev-parse", "--absolute-git-dir")
	if err != nil {
		return ""
	}
	return folder
}

// name of a repository: the last element of its remote's address, else of the folder that holds its .git, which all its
// worktrees share. No other part of the address is kept: it may hold a password.
func (g *git) name(root string) string {
	if url, err := g.output(context.Background(), "config", "--get", "remote.origin.url"); err == nil {
		url = strings.TrimSuffix(strings.TrimRight(url, "/\\"), ".git")
		if i := strings.LastIndexAny(url, "/\\:"); i >= 0 {
			url = url[i+1:]
		}
		if strings.Trim(url, ".") != "" && !strings.Contains(url, "@") {
			return url
		}
	}
	if common, err := g.output(context.Background(), "rev-parse", "--git-common-dir"); err == nil {
		if !filepath.IsAbs(common) {
			common = filepath.Join(root, common)
		}
		if filepath.Base(common) == ".git" {
			return filepath.Base(filepath.Dir(common))
		}
	}
	return filepath.Base(root)
}
