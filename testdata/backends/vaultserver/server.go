package vaultserver

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
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

const (
	startWithin = 2 * time.Minute // a start takes about 0.1 s; a loaded machine may take longer
	stopWithin  = 20 * time.Second
)

// A Server is one running Vault, on loopback.
type Server struct {
	Address string // "http://127.0.0.1:PORT"
	Token   string // the initial root token

	cmd    *exec.Cmd
	stdin  io.Closer
	stderr *bytes.Buffer
	ended  chan struct{} // closed when the process has ended; then err is set
	err    error
}

// Start runs binary on the data in dir, which may be empty, with its wall clock moved by offset (whole seconds; negative is the past).
// The server ends with Stop, with ctx, and with this process.
func Start(ctx context.Context, binary, dir string, offset time.Duration) (*Server, error) {
	cmd := exec.CommandContext(ctx, binary, "-data", dir)
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = stopWithin
	// Nothing of the caller's environment: it may hold settings of another Vault.
	cmd.Env = []string{clockEnv + "=" + strconv.FormatInt(int64(offset/time.Second), 10), "HOME=" + dir, "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	stdin, err := cmd.StdinPipe() // the server ends when this does
	if err != nil {
		return nil, err
	}
	// Not StdoutPipe, which Wait closes under the reader.
	reader, writer := io.Pipe()
	s := &Server{cmd: cmd, stdin: stdin, stderr: new(bytes.Buffer), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = writer, s.stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the Vault server: %w", err)
	}
	first := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(reader).ReadString('\n') // an early end gives "", and ended says why
		first <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, reader)
	}()
	go func() {
		s.err = cmd.Wait()
		writer.Close()
		close(s.ended)
	}()
	if err := s.started(first, dir); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// started waits for the server's address, and reads the root token.
func (s *Server) started(first <-chan string, dir string) error {
	select {
	case s.Address = <-first:
	case <-time.After(startWithin):
		return fmt.Errorf("the Vault server did not answer within %s", startWithin)
	}
	if u, err := url.Parse(s.Address); err != nil || u.Host == "" {
		return errors.New("the Vault server ended before it could answer")
	}
	token, err := os.ReadFile(filepath.Join(dir, "root-token"))
	s.Token = string(token)
	return err
}

// Stop ends the server and waits until it has ended. Its error holds what the server wrote to standard error, if it did not end well.
func (s *Server) Stop() error {
	s.stdin.Close()
	select {
	case <-s.ended:
	case <-time.After(stopWithin):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
	if s.err != nil {
		return fmt.Errorf("the Vault server: %w\n%s", s.err, strings.TrimSpace(s.stderr.String()))
	}
	return nil
}

// Client returns a client of the server that holds token and nothing of the environment.
func (s *Server) Client(token string) (*api.Client, error) {
	client, err := api.NewClient(&api.Config{Address: s.Address, MaxRetries: 2, Timeout: time.Minute})
	if err != nil {
		return nil, err
	}
	client.ClearNamespace()
	client.SetToken(token)
	return client, nil
}
