package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/hashicorp/vault/api"
)

// A Connection makes calls to one namespace with the credentials of a configuration, each once and without retries, for
// those who have to know whether a call was carried out. The collector itself never uses one.
type Connection struct {
	server *server
	api    *api.Client
}

// A CallError is a call that did not bring a good answer.
type CallError struct {
	Status int    // of the answer; 0: there was none
	Text   string // the cause, free of secrets
}

func (e *CallError) Error() string { return e.Text }

// Refused says that the server answered and did not act. Of any other error nobody can tell.
func (e *CallError) Refused() bool { return e.Status >= 400 && e.Status < 500 }

// Connect logs in where that is needed. An error means that the configuration or the credentials cannot be used.
func Connect(ctx context.Context, c Config, o Options, namespace string) (*Connection, error) {
	c, err := c.check()
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := newServer(c, o, transport)
	if err != nil {
		return nil, err
	}
	if s.login != nil {
		if err := s.renew(ctx, ""); err != nil {
			return nil, fmt.Errorf("log in to Vault %q: %w", c.Name, err)
		}
	}
	once := s.api.Clone
	client, err := once()
	if err != nil {
		return nil, fmt.Errorf("vault %q: make a client: %w", c.Name, err)
	}
	client.SetMaxRetries(0)
	client = client.WithRequestCallbacks(func(r *api.Request) { r.ClientToken = string(s.currentToken()) })
	client.SetHeaders(s.api.Headers())
	client.SetWrappingLookupFunc(func(string, string) string { return "" })
	if namespace != "" && namespace != "root" {
		client = client.WithNamespace(namespace)
	}
	return &Connection{s, client}, nil
}

// Call makes one call and returns the body of a good answer, whose fields are as Vault writes them; nil when the answer has none. An error is a
// *CallError or the context's. At most 8 MiB of an answer are read. The body of a PATCH is a JSON merge patch.
func (c *Connection) Call(ctx context.Context, method, at string, body any) (map[string]json.RawMessage, error) {
	return c.call(ctx, method, at, nil, "", body)
}

// Get is Call with a query.
func (c *Connection) Get(ctx context.Context, at string, query url.Values) (map[string]json.RawMessage, error) {
	return c.call(ctx, http.MethodGet, at, query, "", nil)
}

// Wrapped is Call with the answer wrapped: what comes is a token for it, valid for ttl, such as "10m".
func (c *Connection) Wrapped(ctx context.Context, method, at, ttl string, body any) (map[string]json.RawMessage, error) {
	return c.call(ctx, method, at, nil, ttl, body)
}

func (c *Connection) call(ctx context.Context, method, at string, query url.Values, wrap string, body any) (map[string]json.RawMessage, error) {
	if at != path.Clean(at) || at == "." {
		return nil, &CallError{Status: http.StatusBadRequest, Text: "the name has an empty or dotted segment, so the path would lead elsewhere"}
	}
	r := c.api.NewRequest(method, "/v1/"+at)
	r.WrapTTL, r.Params = wrap, query
	if method == http.MethodPatch {
		r.Headers.Set("Content-Type", "application/merge-patch+json")
	}
	if body != nil {
		if err := r.SetJSONBody(body); err != nil {
			return nil, &CallError{Status: http.StatusBadRequest, Text: "the body of the call cannot be written as JSON"}
		}
	}
	//lint:ignore SA1019 what is offered instead retries, or takes no method
	resp, err := c.api.RawRequestWithContext(ctx, r)
	if resp != nil {
		defer resp.Body.Close()
	}
	if err != nil {
		e := &CallError{Text: c.server.refused(resp, err).Error()}
		if resp != nil {
			e.Status = resp.StatusCode
		}
		return nil, e
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return nil, &CallError{Text: "the answer was cut off"}
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	var answer struct {
		Data     map[string]json.RawMessage `json:"data"`
		WrapInfo map[string]json.RawMessage `json:"wrap_info"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, &CallError{Text: "the answer is not the JSON that Vault writes"}
	}
	if answer.WrapInfo != nil {
		return answer.WrapInfo, nil
	}
	return answer.Data, nil
}

// Time is the server's clock, to the second below.
func (c *Connection) Time(ctx context.Context) (time.Time, error) {
	health, err := c.api.WithNamespace("").Sys().HealthWithContext(ctx) // it is the root's alone
	if err != nil {
		return time.Time{}, &CallError{Text: c.server.refused(nil, err).Error()}
	}
	if health.ServerTimeUTC <= 0 {
		return time.Time{}, &CallError{Text: "sys/health does not tell the time"}
	}
	return time.Unix(health.ServerTimeUTC, 0).UTC(), nil
}

// NotFound says that the server knows the path and that nothing is there.
func NotFound(err error) bool {
	var e *CallError
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}
