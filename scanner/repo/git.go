package repo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// git runs git commands that only read, in the top folder of a work tree.
type git struct {
	dir string
	env []string
}

// settings override what a user's or a repository's configuration may hold and what would change the output or run a
// program: core.fsmonitor names a command. Names are asked for with quotation marks and octal escapes, so that one that is
// not UTF-8 comes through whole. What has an option of its own is set by that, in diffArgs.
var settings = []string{
	"-c", "core.fsmonitor=false", "-c", "core.quotepath=true", "-c", "diff.renames=true", "-c", "diff.suppressBlankEmpty=false",
	"-c", "diff.indentHeuristic=true",
}

// quiet is the environment of every git command: no translation, no lock taken, no question asked, nothing fetched.
var quiet = []string{"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1"}

// local lists the variables that point git at one repository. git sets some of them for hooks.
var local = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE",
	"GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}

// newGit returns a git for dir. Unless inherit is set, variables that point at some repository are left out.
func newGit(dir string, inherit bool) *git {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, "GIT_TRACE") || name == "GIT_DIFF_OPTS" || !inherit && slices.Contains(local, name)
	})
	return &git{dir: dir, env: append(env, quiet...)}
}

// maxTalk bounds what is kept of git's standard error.
const maxTalk = 16 << 10

// stream runs git and gives its standard output to read. It returns the lines of standard error of a run that succeeded;
// those of one that failed are in the error. An error of read stops git and is returned as it is.
func (g *git) stream(ctx context.Context, read func(io.Reader) error, args ...string) ([]string, error) {
	return g.pipe(ctx, nil, read, args...)
}

// pipe is stream for a command that reads its standard input.
func (g *git) pipe(ctx context.Context, in io.Reader, read func(io.Reader) error, args ...string) ([]string, error) {
	running, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(running, "git", append(slices.Clone(settings), args...)...)
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.WaitDelay = time.Second // a grandchild that keeps the pipes open does not hold us
	talk := &limited{max: maxTalk}
	cmd.Stdin, cmd.Stderr = in, talk
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("run git %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run git %s: %w", args[0], err)
	}
	readErr := read(out)
	if readErr != nil {
		stop()
	}
	waitErr := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case waitErr != nil && (readErr == nil || cmd.ProcessState.ExitCode() > 0): // git's own failure explains output that was cut off
		return nil, &gitError{args: args, dir: g.dir, talk: talk.lines(), err: waitErr}
	case readErr != nil:
		return nil, readErr
	}
	return talk.lines(), nil
}

// output runs git and returns its standard output without the last line break.
func (g *git) output(ctx context.Context, args ...string) (string, error) {
	var out bytes.Buffer
	_, err := g.stream(ctx, func(r io.Reader) error { _, err := io.Copy(&out, r); return err }, args...)
	return strings.TrimSuffix(out.String(), "\n"), err
}

// gitError is a git command that failed.
type gitError struct {
	args []string
	dir  string
	talk []string
	err  error
}

func (e *gitError) Error() string {
	s := fmt.Sprintf("git %s in %q: %v", e.args[0], e.dir, e.err)
	if len(e.talk) > 0 {
		s += ": " + strings.Join(e.talk, " ")
	}
	return s
}

func (e *gitError) Unwrap() error { return e.err }

// harmless are beginnings of what git says while its output is complete all the same.
var harmless = []string{
	"warning: exhaustive rename detection was skipped",
	"warning: inexact rename detection was skipped",
	"warning: you may want to set your diff.renameLimit variable",
	"Auto packing the repository",
	"See \"git help gc\"",
}

// limited keeps the first max bytes that are written to it.
type limited struct {
	buf bytes.Buffer
	max int
}

func (l *limited) Write(p []byte) (int, error) {
	l.buf.Write(p[:min(len(p), l.max-l.buf.Len())])
	return len(p), nil
}

func (l *limited) lines() []string {
	var lines []string
	for line := range strings.Lines(l.buf.String()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
