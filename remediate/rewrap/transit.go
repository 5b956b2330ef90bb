package rewrap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/vault"
)

// A Caller makes one call to a Vault: a *vault.Connection.
type Caller interface {
	Call(ctx context.Context, method, path string, body any) (map[string]json.RawMessage, error)
}

// Transit is a key of Vault Transit. It needs "read" on MOUNT/keys/NAME and "update" on MOUNT/rewrap/NAME.
type Transit struct {
	Vault Caller
	Key   string // MOUNT/keys/NAME
}

// Latest is the version that Vault re-wraps to.
func (t Transit) Latest(ctx context.Context) (int, error) {
	data, err := t.Vault.Call(ctx, http.MethodGet, t.Key, nil)
	if vault.NotFound(err) {
		return 0, fmt.Errorf("read %s: there is no such key", t.Key)
	}
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", t.Key, err)
	}
	var latest int
	var encrypts bool
	if json.Unmarshal(data["latest_version"], &latest) != nil || latest < 1 || json.Unmarshal(data["supports_encryption"], &encrypts) != nil {
		return 0, fmt.Errorf("read %s: the answer lacks its latest version", t.Key)
	}
	if !encrypts {
		return 0, fmt.Errorf("%s does not encrypt, so there is nothing to re-wrap", t.Key)
	}
	return latest, nil
}

// Tries of one call. Re-wrapping changes nothing in Vault, so that trying again is harmless.
const (
	tries     = 5
	firstWait = 250 * time.Millisecond // then twice as long each time
)

// Rewrap makes one call (POST MOUNT/rewrap/NAME with batch_input), and tries again while Vault does not answer or is too busy.
func (t Transit) Rewrap(ctx context.Context, items []Item) ([]Result, error) {
	type input struct {
		Ciphertext string `json:"ciphertext"`
		Context    string `json:"context,omitempty"`
		Nonce      string `json:"nonce,omitempty"`
	}
	var batch []input
	for _, i := range items {
		batch = append(batch, input(i))
	}
	i := strings.LastIndex(t.Key, "/keys/")
	path := t.Key[:i] + "/rewrap/" + t.Key[i+len("/keys/"):]
	var data map[string]json.RawMessage
	var err error
	for n, wait := 1, firstWait; ; n, wait = n+1, 2*wait {
		data, err = t.Vault.Call(ctx, http.MethodPost, path, map[string]any{"batch_input": batch})
		if err == nil || n == tries || !passing(err) {
			break
		}
		time.Sleep(wait)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var results []Result
	if json.Unmarshal(data["batch_results"], &results) != nil {
		return nil, fmt.Errorf("%s: the answer lacks its results", path)
	}
	for i, r := range results {
		if (r.Ciphertext == "") == (r.Error == "") {
			return nil, fmt.Errorf("%s: result %d holds neither a ciphertext nor an error", path, i+1)
		}
	}
	return results, nil
}

// passing reports whether an error may be gone the next time.
func passing(err error) bool {
	var e *vault.CallError
	return errors.As(err, &e) && (!e.Refused() || e.Status == http.StatusTooManyRequests)
}
