// Package child runs a back end for tests as a child process that cannot outlive the program that started it.
//
// Such a program keeps two rules: the first line it writes to standard output is its address, and it ends when its standard input does,
// which happens however its parent ends. What it serves is left to it.
package child

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	startWithin = 2 * time.Minute // a start takes about 0.1 s; a loaded machine may take longer
	stopWithin  = 20 * time.Second
)

// A Process is one that runs.
type Process struct {
	Address string // "http://127.0.0.1:PORT"

	cmd    *exec.Cmd
	stdin  io.Closer
	stderr bytes.Buffer
	ended  chan struct{} // closed when the process has ended; then err is set
	err    error
}

// Start runs a program with the given environment, which holds nothing of this process's own, and waits for its address. It ends
// with Stop, with ctx, and with this process.
func Start(ctx context.Context, env []string, binary string, args ...string) (*Process, error) {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error { return Interrupt(cmd.Process) }
	cmd.WaitDelay = stopWithin
	cmd.Env = append([]string{"SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}, env...) // Windows opens no socket without it
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	reader, writer := io.Pipe() // not StdoutPipe, which Wait closes under the reader
	cmd.Stdout, cmd.Stderr = writer, &p.stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	first := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(reader).ReadString('\n') // an early end gives "", and Stop says why
		first <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, reader)
	}()
	go func() {
		p.err = cmd.Wait()
		writer.Close()
		close(p.ended)
	}()
	select {
	case p.Address = <-first:
	case <-time.After(startWithin):
		return nil, errors.Join(fmt.Errorf("%s gave no address within %s", cmd.Path, startWithin), p.Stop())
	}
	if u, err := url.Parse(p.Address); err != nil || u.Host == "" {
		return nil, errors.Join(fmt.Errorf("%s ended before it gave its address", cmd.Path), p.Stop())
	}
	return p, nil
}

// Stop ends the process and waits until it has ended. Its error holds what the process wrote to standard error, if it did not end well.
func (p *Process) Stop() error {
	p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(stopWithin):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w\n%s", p.cmd.Path, p.err, strings.TrimSpace(p.stderr.String()))
	}
	return nil
}

// Interrupt asks a process to stop; where the system cannot ask, it is killed.
func Interrupt(p *os.Process) error {
	if err := p.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return p.Kill()
	}
	return nil
}

// Ended is for the other side: it is closed when ctx or the program's standard input ends.
func Ended(ctx context.Context, in io.Reader) <-chan struct{} {
	ended := make(chan struct{})
	input := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in) // an error ends the input as well
		close(input)
	}()
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
		case <-input:
		}
	}()
	return ended
}
