package rotatortest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// A Cut is what happens to a call on the Wire.
type Cut int

// The ways to disturb a call.
const (
	Through Cut = iota
	Before      // it does not arrive, and the connection breaks
	After       // it arrives and is answered, and the answer is lost
	Refuse      // it does not arrive, and is answered with 403
	Crowded     // it does not arrive, and is answered with 503
)

// A Wire stands between a rotator and its back end, counts calls, and disturbs them.
type Wire struct {
	URL string

	mu      sync.Mutex
	back    http.Handler
	writes  func(r *http.Request, body []byte) bool
	calls   int    // that arrived at the wire
	safe    []bool // of each of these: it changes nothing
	written int    // calls that write, and went through to the back end
	disturb func(call int, write bool) Cut
	refusal []byte
}

// NewWire listens on loopback before a back end. Writes tells calls that write from others. What a refused call is answered is refusal.
func NewWire(t testing.TB, back http.Handler, writes func(r *http.Request, body []byte) bool, refusal string) *Wire {
	t.Helper()
	w := &Wire{back: back, writes: writes, refusal: []byte(refusal)}
	s := httptest.NewUnstartedServer(w)
	s.Config.SetKeepAlivesEnabled(false) // a client must not take a broken connection for one that it may try again on
	s.Start()
	t.Cleanup(s.Close)
	w.URL = s.URL
	return w
}

// ServeHTTP passes a call on, or disturbs it.
func (w *Wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	w.safe = append(w.safe, safe(r, body))
	write, cut := w.writes(r, body), Through
	if w.disturb != nil {
		cut = w.disturb(w.calls, write)
	}
	switch cut {
	case Before:
		panic(http.ErrAbortHandler)
	case Refuse:
		out.WriteHeader(http.StatusForbidden)
		_, _ = out.Write(w.refusal)
		return
	case Crowded:
		out.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	answer := httptest.NewRecorder()
	w.back.ServeHTTP(answer, r)
	if write {
		w.written++
	}
	if cut == After {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(out.Header(), answer.Header())
	out.WriteHeader(answer.Code)
	_, _ = out.Write(answer.Body.Bytes())
}

// disturbed has calls disturbed from now on; nil: none. Calls count from 1 anew.
func (w *Wire) disturbed(by func(call int, write bool) Cut) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disturb, w.calls, w.safe = by, 0, nil
}

// changes says whether a call since disturbed was last called may have changed something.
func (w *Wire) changes(call int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.safe[call-1]
}

// safe tells a call that changes nothing, by its method or, where all are POST, by the name that AWS gives it.
func safe(r *http.Request, body []byte) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, "LIST":
		return true
	}
	_, name, aws := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if form, err := url.ParseQuery(string(body)); !aws && err == nil {
		name = form.Get("Action")
	}
	return strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe")
}

// counts are the calls since disturbed was last called, and the calls that have written since the beginning.
func (w *Wire) counts() (calls, written int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls, w.written
}
