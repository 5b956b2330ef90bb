package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/vault/api"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A client makes the calls of one namespace and counts them.
type client struct {
	server *server
	api    *api.Client
	prefix string // what stands before a path in a policy: the namespace, relative to the one the token lives in

	mu    sync.Mutex
	calls map[string]int
}

// read returns the data of one thing. An error is a context's or a *refusal.
func (c *client) read(ctx context.Context, call inventory.Call, at place) (map[string]json.RawMessage, error) {
	data, _, err := c.data(ctx, call, at, nil, nil)
	return data, err
}

// lookUp is a read that Vault wants as a POST.
func (c *client) lookUp(ctx context.Context, call inventory.Call, body any) (map[string]json.RawMessage, error) {
	data, _, err := c.data(ctx, call, place{}, nil, body)
	return data, err
}

// list returns the names in a collection, in the server's order. What Vault answers with 404 and no errors is an empty list.
//
// Lists come whole. OpenBao could page them, but asking Vault for a page makes it answer an empty list with 200 and no keys,
// which could not be told from an answer that lost them.
func (c *client) list(ctx context.Context, call inventory.Call, at place) ([]string, error) {
	data, warnings, err := c.data(ctx, call, at, url.Values{"list": {"true"}}, nil)
	var r *refusal
	if errors.As(err, &r) && r.gone {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	if raw := data["keys"]; raw == nil || string(raw) == "null" || json.Unmarshal(raw, &names) != nil {
		return nil, &refusal{call: call.Name, why: inventory.Unreadable, text: "the answer lacks a list of keys"}
	}
	if slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, "partial response") }) { // of entities, when there are many
		return nil, &refusal{call: call.Name, why: inventory.Unreachable, text: "the server ran out of time and answered with a part of the list"}
	}
	return names, nil
}

func (c *client) data(ctx context.Context, call inventory.Call, at place, query url.Values, body any) (data map[string]json.RawMessage, warnings []string, err error) {
	text, err := c.fetch(ctx, call, at, query, body)
	if err != nil {
		return nil, nil, err
	}
	var answer struct {
		Data     map[string]json.RawMessage `json:"data"`
		Warnings []string                   `json:"warnings"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, nil, malformed(call, err)
	}
	if answer.Data == nil {
		return nil, nil, &refusal{call: call.Name, why: inventory.Unreadable, text: "the answer has no data"}
	}
	return answer.Data, answer.Warnings, nil
}

// fetch makes one call, retries included, and returns the body of a good answer. When the server no longer accepts a token that
// keyreeve got by logging in, it logs in again, once.
func (c *client) fetch(ctx context.Context, call inventory.Call, at place, query url.Values, body any) ([]byte, error) {
	asked := at.path(call)
	if asked != path.Clean(asked) {
		return nil, &refusal{call: call.Name, why: inventory.Unreadable, text: "the name has an empty or dotted segment, so the path would lead elsewhere"}
	}
	c.count(call)
	token := c.server.currentToken()
	text, err := c.send(ctx, asked, query, body)
	var r *refusal
	if errors.As(err, &r) && r.badToken && c.server.login != nil {
		if err := c.server.renew(ctx, token); err != nil {
			return nil, err
		}
		text, err = c.send(ctx, asked, query, body)
	}
	if errors.As(err, &r) {
		r.call = call.Name
	}
	return text, err
}

func (c *client) send(ctx context.Context, asked string, query url.Values, body any) ([]byte, error) {
	var resp *api.Response
	var err error
	if body == nil {
		resp, err = c.api.Logical().ReadRawWithDataWithContext(ctx, asked, query)
	} else {
		var sent []byte
		if sent, err = json.Marshal(body); err == nil {
			resp, err = c.api.Logical().WriteRawWithContext(ctx, asked, sent)
		}
	}
	if resp != nil {
		defer resp.Body.Close()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || resp.StatusCode == http.StatusTooManyRequests { // of sys/health, the SDK takes 429 for a good answer
		return nil, c.server.refused(resp, err)
	}
	var text bytes.Buffer
	if _, err := io.Copy(&text, resp.Body); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, c.server.refused(nil, err)
	}
	return text.Bytes(), nil
}

func (c *client) count(call inventory.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[call.Name]++
}

// refused turns what the SDK says of a failed call into a refusal.
func (s *server) refused(resp *api.Response, err error) *refusal {
	if resp == nil {
		return s.redacted(noAnswer(err))
	}
	var said []string
	wellFormed := false
	if e := (*api.ResponseError)(nil); errors.As(err, &e) && !e.RawError {
		said, wellFormed = e.Errors, e.Errors != nil
	}
	text := sentence(said)
	r := &refusal{why: inventory.Unreachable, text: "HTTP " + strconv.Itoa(resp.StatusCode)}
	if text != "" {
		r.text += ": " + text
	}
	switch resp.StatusCode {
	case http.StatusForbidden:
		r.why = inventory.Denied
		if r.badToken = strings.Contains(text, "invalid token") || strings.Contains(text, "bad token"); r.badToken {
			r.hint = s.tokenHint()
		}
	case http.StatusUnauthorized:
		r.why = inventory.Denied
	case http.StatusTooManyRequests:
		r.why = inventory.Throttled
	case http.StatusNotFound:
		// Vault's own "nothing here" is an empty list of errors. Another 404 is a path it does not know, or another server.
		r.why, r.gone = inventory.Unsupported, wellFormed && len(said) == 0
		r.unmounted = strings.HasPrefix(text, "no handler for route")
		r.none = strings.Contains(text, "enterprise-only feature")
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		r.why = inventory.Unsupported
	case http.StatusBadRequest:
		r.why = inventory.Unreadable
		r.gone = strings.Contains(text, "invalid accessor") // the token ended since the accessors were listed
	case http.StatusServiceUnavailable:
		if asksToSlowDown(resp.Response) {
			r.why = inventory.Throttled
		}
	}
	return s.redacted(r)
}
