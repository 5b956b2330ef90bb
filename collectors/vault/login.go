package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// credentials finds the token, or the way to log in. An error says which variable is empty.
func (s *server) credentials() error {
	auth := s.config.Auth
	env := func(name, what string) (secret, error) {
		if v := strings.TrimSpace(s.opts.Env(name)); v != "" {
			return secret(v), nil
		}
		return "", fmt.Errorf("vault %q: no %s: the environment variable %s is empty", s.config.Name, what, name)
	}
	switch {
	case auth.Kubernetes.Role != "":
		s.login = func(ctx context.Context) (secret, error) {
			jwt, err := os.ReadFile(auth.Kubernetes.JWTPath) // read at each login: Kubernetes renews the file
			if err != nil {
				return "", &refusal{call: logIn.Name, why: inventory.Unreadable, text: err.Error(), hint: "set auth.kubernetes.jwt_path, or run in a pod with a service account"}
			}
			return s.exchange(ctx, auth.Kubernetes.Mount, map[string]string{"role": auth.Kubernetes.Role, "jwt": strings.TrimSpace(string(jwt))})
		}
	case auth.AppRole.RoleID != "":
		secretID, err := env(auth.AppRole.SecretIDEnv, "secret-id")
		if err != nil {
			return err
		}
		s.login = func(ctx context.Context) (secret, error) {
			return s.exchange(ctx, auth.AppRole.Mount, map[string]string{"role_id": auth.AppRole.RoleID, "secret_id": string(secretID)})
		}
	default:
		token, err := env(auth.TokenEnv, "token")
		s.token = token
		return err
	}
	return nil
}

// exchange turns proof of identity into a token.
func (s *server) exchange(ctx context.Context, mount string, proof map[string]string) (secret, error) {
	mount = strings.Trim(mount, "/")
	home := s.in(s.config.Namespace)
	home.count(logIn)
	defer func() { s.add(home.calls) }()
	text, err := home.send(ctx, place{mount: mount}.path(logIn), nil, proof)
	if err != nil {
		if r, ok := err.(*refusal); ok {
			for _, secret := range []string{proof["jwt"], proof["secret_id"]} {
				if secret != "" {
					r.text = strings.ReplaceAll(r.text, secret, redacted)
				}
			}
			r.call = logIn.Name
			if r.why == inventory.Denied || r.why == inventory.Unreadable {
				r.hint = fmt.Sprintf("check the role and the mount %q in the configuration of Vault %q", mount, s.config.Name)
			}
		}
		return "", err
	}
	var answer struct {
		Auth struct {
			Token string `json:"client_token"`
		} `json:"auth"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Auth.Token == "" {
		return "", &refusal{call: logIn.Name, why: inventory.Unreadable, text: "the answer to the login holds no token"}
	}
	return secret(answer.Auth.Token), nil
}

// renew logs in again unless somebody else already has since the token turned stale.
func (s *server) renew(ctx context.Context, stale secret) error {
	if err := s.renewing.take(ctx); err != nil {
		return err
	}
	defer s.renewing.pass()
	if s.currentToken() != stale {
		return nil
	}
	token, err := s.login(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
	return nil
}

func (s *server) tokenHint() string {
	if s.login != nil {
		return fmt.Sprintf("Vault %q no longer accepts the token it gave: check the time to live of the role's tokens", s.config.Name)
	}
	return fmt.Sprintf("check the token in the environment variable %s: Vault does not know it, or it has expired", s.config.Auth.TokenEnv)
}
