//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Ctrl-C ends a run of tests that waits for its file, which may be a pipe that nobody writes to.
func TestTestsThatDoNotComeAreInterrupted(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "tests.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("no pipes with names here: %v", err)
	}
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, said bytes.Buffer
	a := &app{stdout: &out, stderr: &said, env: func(string) string { return "" }, color: "never"}
	if code := a.run(ctx, []string{"decide", "--test", pipe}); code != 130 || out.Len() > 0 || !strings.Contains(said.String(), "interrupted; the tests are not all decided") {
		t.Errorf("exits %d and says %q and %q", code, out.String(), said.String())
	}
}
