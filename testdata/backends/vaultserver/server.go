package vaultserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/keyreeve/keyreeve/testdata/backends/child"
)

// A Server is one running Vault, on loopback.
type Server struct {
	*child.Process
	Token string // the initial root token
}

// Start runs binary on the data in dir, which may be empty, with its wall clock moved by offset (whole seconds; negative is the past).
func Start(ctx context.Context, binary, dir string, offset time.Duration) (*Server, error) {
	env := []string{clockEnv + "=" + strconv.FormatInt(int64(offset/time.Second), 10), "HOME=" + dir}
	process, err := child.Start(ctx, env, binary, "-data", dir)
	if err != nil {
		return nil, fmt.Errorf("start the Vault server: %w", err)
	}
	token, err := os.ReadFile(filepath.Join(dir, "root-token"))
	if err != nil {
		return nil, errors.Join(err, process.Stop())
	}
	return &Server{process, string(token)}, nil
}

// Client returns a client of the server that holds token.
func (s *Server) Client(token string) (*api.Client, error) {
	client, err := api.NewClient(&api.Config{Address: s.Address, MaxRetries: 2, Timeout: time.Minute})
	if err != nil {
		return nil, err
	}
	client.ClearNamespace() // the environment may name one of another Vault
	client.SetToken(token)
	return client, nil
}
