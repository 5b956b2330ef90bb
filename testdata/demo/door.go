package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// A door stands before the Vault server and passes everything on. Once, on request, it loses an answer.
type door struct {
	*httptest.Server
	mu   sync.Mutex
	path string
	then func()
}

func newDoor(address string) (*door, error) {
	to, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	d := &door{}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error { d.lose(r.Request.URL.Path); return nil },
	}
	d.Server = httptest.NewServer(proxy)
	return d, nil
}

// loseAnswer has something done when Vault has answered the next call whose path ends so, in place of passing the answer on.
func (d *door) loseAnswer(path string, then func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.path, d.then = path, then
}

func (d *door) lose(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.then == nil || !strings.HasSuffix(path, d.path) {
		return
	}
	d.then()
	d.then = nil
	panic(http.ErrAbortHandler)
}
