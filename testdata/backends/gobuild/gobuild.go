// Package gobuild builds programs with the go command and says how far it is, for builds that a person waits for.
package gobuild

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/testdata/backends/child"
)

// stopWithin is how long an interrupted build may take to end its compilers before it is killed.
const stopWithin = 20 * time.Second

// A Build is one run of "go build".
type Build struct {
	Dir     string   // where the go command runs
	Package string   // as seen from there
	Output  string   // the binary
	Flags   []string // besides those every build has
	Env     []string // added to this process's environment
}

// Run builds. Each line that the go command writes is handed to talk as it comes: "go: downloading MODULE VERSION", or the path of a
// package that was compiled. The error of a failed build holds what the command said besides.
func (b Build) Run(ctx context.Context, talk func(line string)) error {
	args := append([]string{"build", "-v", "-trimpath", "-o", b.Output}, b.Flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, b.Package)...)
	cmd.Dir = b.Dir
	cmd.Env = append(append(os.Environ(), "PWD="+b.Dir), b.Env...)
	cmd.Cancel = func() error { return child.Interrupt(cmd.Process) }
	cmd.WaitDelay = stopWithin
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	var trouble bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(reader)
		for lines.Scan() {
			line := lines.Text()
			talk(line)
			if strings.Contains(line, " ") && !strings.HasPrefix(line, "go: downloading ") {
				fmt.Fprintln(&trouble, line)
			}
		}
		_, _ = io.Copy(io.Discard, reader) // after a line too long to scan
	}()
	err := cmd.Run()
	writer.Close()
	<-read
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", b.Package, err, strings.TrimSpace(trouble.String()))
	}
	return nil
}
