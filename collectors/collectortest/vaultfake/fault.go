package vaultfake

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
)

// refuses are the faults with which the server does not even do what it is asked. With the others it does, and the answer is lost.
var refuses = map[collectortest.FaultKind]bool{
	collectortest.Deny: true, collectortest.BadCredential: true, collectortest.Unknown: true, collectortest.Throttle: true,
}

// write sends an answer, or what a fault makes of it. Headers and body leave together.
func (s *Server) write(w http.ResponseWriter, r *http.Request, kind collectortest.FaultKind, status int, body []byte) {
	contentType := "application/json"
	spoil := func(rep reply) {
		status = rep.status
		body, _ = json.Marshal(rep.body)
	}
	switch kind {
	case collectortest.Deny:
		spoil(denied())
	case collectortest.BadCredential:
		spoil(denied("invalid token"))
	case collectortest.Unknown:
		spoil(unknownPath(r.URL.Path))
	case collectortest.Throttle:
		spoil(failed(http.StatusTooManyRequests, "request path \""+r.URL.Path+"\": rate limit quota exceeded"))
		if s.opts.RetryAfter != "" {
			w.Header().Set("Retry-After", s.opts.RetryAfter)
		}
	case collectortest.CutBody:
		status, body = http.StatusOK, body[:len(body)/2]
	case collectortest.Blank:
		status, body = http.StatusOK, nil
	case collectortest.Markup:
		status, body, contentType = http.StatusInternalServerError, []byte("<html><body>Internal Server Error</body></html>"), "text/html"
	case collectortest.Hang:
		s.mu.Lock()
		select {
		case <-s.hanging:
		default:
			close(s.hanging)
		}
		s.mu.Unlock()
		_, _ = io.Copy(io.Discard, r.Body) // net/http notices that a client has gone only when its body was read
		<-r.Context().Done()
		return
	case collectortest.CutConnection:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection without a word in the log
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone away is not the server's concern
}

// RoundTrip answers without a network. It has no connection to cut, so that fault needs a real listener.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &recorder{header: http.Header{}}
	s.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(r), nil
}
