package vault

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// droppers are the fields that Vault leaves out when they are empty, and what users wrote. Without them an answer says something
// else, rightly.
var droppers = []string{"team", "floor", "role_name", "cost", "ref", "version", "log_raw", "audience", "period", "bound_cidrs", "identity_policies", "external_namespace_policies"}

// Taking a field out of an answer may make facts unknown; it may never change one, or make one absent.
func TestNoFieldIsAssumed(t *testing.T) {
	estate := fullEstate(3, "canary")
	estate["root"].Tokens = append(estate["root"].Tokens, vaultfake.Token{ID: "root-token", Accessor: "root", Policies: []string{"root"}, Created: daysAgo(1), Root: true})
	estate["root"].Mounts[0].Keys = append(estate["root"].Mounts[0].Keys, vaultfake.TransitKey{Name: "imported", Type: "ed25519", Versions: []time.Time{daysAgo(1)}, Imported: true},
		vaultfake.TransitKey{Name: "hmac", Type: "hmac", KeySize: 32, Versions: []time.Time{daysAgo(1)}})
	open := func(w *without) *reading {
		w.next = vaultfake.New(estate, vaultfake.Options{Now: func() time.Time { return noon }})
		c, err := Config{Name: "eu", Address: "http://vault.test", Namespaces: []string{"*"}, Tokens: Tokens{List: true}, Budget: Budget{RPS: 1e6, Concurrency: 1}, Emulated: true}.check()
		if err != nil {
			t.Fatal(err)
		}
		sources, err := open(t.Context(), c, Options{Env: func(string) string { return "root-token" }, Now: func() time.Time { return noon }}, w)
		if err != nil {
			t.Fatal(err)
		}
		return drain(t, t.Context(), sources)
	}
	seen := &without{seen: map[string]bool{}}
	whole := open(seen)
	if len(seen.seen) < 60 {
		t.Fatalf("saw only the fields %v", slices.Sorted(maps.Keys(seen.seen)))
	}
	for field := range seen.seen {
		got := open(&without{field: field})
		for id, want := range whole.resources {
			have, there := got.resources[id]
			if !there {
				if !slices.ContainsFunc(got.gaps, func(g inventory.Gap) bool { return g.Covers(want.Type) }) {
					t.Errorf("without %s, %s is missing and no gap says so", field, id)
				}
				continue
			}
			unknown, facts := names(have.Unknown), flat(t, have)
			for fact, value := range flat(t, want) {
				if now, known := facts[fact]; (!known || now != value) && !covered(unknown, fact) {
					t.Errorf("without %s, %s has %s = %q, not %q, and does not list it as unknown (%v)", field, id, fact, now, value, unknown)
				}
			}
		}
	}
}

// covered reports whether a fact, or something that holds it, is listed.
func covered(unknown []string, fact string) bool {
	return fact == "name" || slices.ContainsFunc(unknown, func(u string) bool { return fact == u || strings.HasPrefix(fact, u+".") })
}

// flat is a resource as paths and their values in JSON.
func flat(t *testing.T, r inventory.Resource) map[string]string {
	t.Helper()
	r.Unknown = nil
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	var walk func(string, json.RawMessage)
	walk = func(path string, raw json.RawMessage) {
		var tree map[string]json.RawMessage
		if json.Unmarshal(raw, &tree) != nil || len(tree) == 0 {
			out[strings.TrimSuffix(path, ".")] = string(raw)
		}
		for k, v := range tree {
			walk(path+k+".", v)
		}
	}
	walk("", data)
	return out
}

// without is a transport that takes one field out of every answer, wherever in data it stands.
type without struct {
	next  http.RoundTripper
	field string
	seen  map[string]bool // when not nil: collects all fields instead
}

func (w *without) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&body); err != nil {
		return nil, err
	}
	w.strip(body["data"])
	if text, err = json.Marshal(body); err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return resp, nil
}

func (w *without) strip(v any) {
	if list, ok := v.([]any); ok {
		for _, sub := range list {
			w.strip(sub)
		}
		return
	}
	tree, ok := v.(map[string]any)
	if !ok {
		return
	}
	for k, sub := range tree {
		if _, err := strconv.Atoi(k); err == nil || strings.HasSuffix(k, "/") || slices.Contains(droppers, k) {
			w.strip(sub)
			continue
		}
		if w.seen != nil {
			w.seen[k] = true
		} else if k == w.field {
			delete(tree, k)
		}
		w.strip(sub)
	}
}

// Whatever a server answers, reading it does not panic, and what comes of it can be written down.
func FuzzAnyAnswerCanBeWritten(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"type":"hmac","key_size":32,"keys":null}`, `{"keys":{"1":1700000000,"x":{}},"latest_version":1,"auto_rotate_period":90000}`,
		`{"versions":{"1":{"created_time":"2026-01-01T00:00:00Z","deletion_time":"","destroyed":false}},"current_version":1}`,
		`{"creation_time":99999999999999,"expire_time":"9999-12-31T23:59:59-23:59"}`, `{"policies":[null],"token_policies":"x"}`,
		`{"aliases":[{"id":"x","name":null},null],"alias":{"mount_path":1},"metadata":{"a":null},"direct_group_ids":[""]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(data, &fields) != nil {
			return
		}
		s := &server{config: Config{Name: "eu"}.withDefaults(), opts: Options{Now: func() time.Time { return noon }}}
		r := &run{source: &source{server: s, namespace: "root"}, client: s.in("root")}
		var results []inventory.Resource
		for _, e := range append([]engine{entities, groups, tokenRoles}, engines...) {
			res := r.resource(e.read.Type, "x", "x")
			e.start(&res, "x")
			e.fill(r, &answer{Resource: &res, call: e.read, fields: fields})
			results = append(results, res)
		}
		token := r.resource("vault.token", "x", "x")
		token.Credential = &inventory.Credential{}
		r.fillToken(&answer{Resource: &token, call: lookUpToken, fields: fields})
		for _, res := range append(results, token) {
			res.Complete()
			if _, err := json.Marshal(res); err != nil {
				t.Errorf("%s: %v", res.Type, err)
			}
		}
	})
}
