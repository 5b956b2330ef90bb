//go:build unix

package program

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What others could exchange between the look at it and the run is not run.
func TestGuarded(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(dir, path string) error
		want  string
	}{
		"one's own":   {func(string, string) error { return nil }, ""},
		"its group's": {func(_, path string) error { return os.Chmod(path, 0o770) }, ""},
		"anybody's":   {func(_, path string) error { return os.Chmod(path, 0o777) }, "anybody may change"},
		"in a folder of anybody's": {
			func(dir, _ string) error { return os.Chmod(dir, 0o777) }, "anybody may change",
		},
		"in one where nobody removes what is others'": {
			func(dir, _ string) error { return os.Chmod(dir, 0o777|os.ModeSticky) }, "",
		},
		"behind a link to a folder of anybody's": {func(dir, path string) error {
			open := filepath.Join(dir, "open")
			return first(os.Mkdir(open, 0o700), os.Rename(path, filepath.Join(open, "program")), os.Symlink("open/program", path), os.Chmod(open, 0o777))
		}, "anybody may change"},
		"behind a link of one's own": {func(dir, path string) error {
			return first(os.Rename(path, filepath.Join(dir, "real")), os.Symlink("real", path))
		}, ""},
		"behind a link to itself": {func(_, path string) error {
			return first(os.Remove(path), os.Symlink(path, path))
		}, "too many links"},
		"somebody else's": {func(_, path string) error {
			if os.Geteuid() != 0 {
				t.Skip("only root can give a file away")
			}
			return os.Chown(path, 4711, -1)
		}, "belongs to user 4711"},
	} {
		t.Run(name, func(t *testing.T) {
			path := script(t, "true")
			p := bound(t, path)
			if err := c.spoil(filepath.Dir(path), path); err != nil {
				t.Fatal(err)
			}
			for what, err := range map[string]error{"Check": p.Check(), "Run": p.Run(t.Context(), call)} {
				if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%s: %v, want %q", what, err, c.want)
				}
			}
		})
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Ctrl-C goes to the processes of the terminal's session; a program is in one of its own, so that an act is not cut short.
func TestASessionOfItsOwn(t *testing.T) {
	in, hold := io.Pipe()
	told, out := io.Pipe()
	c := call
	c.In, c.Out = in, out
	p, ended := bound(t, script(t, "echo $$; read -r line")), make(chan error, 1)
	go func() { ended <- p.Run(t.Context(), c) }()
	text := make([]byte, 32)
	n, err := told.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		t.Fatal(err)
	}
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("process %d is in group %d, %v", pid, group, err)
	}
	if _, err := io.WriteString(hold, "end\n"); err != nil {
		t.Fatal(err)
	}
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What a program has started ends with it when it is ended.
func TestDescendantsEnd(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	p := bound(t, script(t, `exec 3>"$1"; sleep 3600 & echo started >&3; wait`), pipe)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, call) }()
	f, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(f, make([]byte, len("started\n"))); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err == nil || !strings.HasSuffix(err.Error(), "was interrupted") {
		t.Errorf("it ended with %v", err)
	}
	if rest, err := io.ReadAll(f); err != nil || len(rest) > 0 { // the end comes when nobody has the pipe open any more
		t.Errorf("what it started is still there: %q, %v", rest, err)
	}
}
