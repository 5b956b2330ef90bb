package collectortest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// noon is the clock of every world, unless a case needs another.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A result is all that a run of all sources yielded, and what the fake saw of it.
type result struct {
	opened    *Opened
	resources []inventory.Resource // as yielded, sorted by ID, not completed
	gaps      []inventory.Gap
	errs      []error // that are no gaps
	reports   map[inventory.Scope]inventory.Report
	said      string // every log line, error and encoded resource and gap: where a secret could slip out
}

// world is a healthy world with a fresh canary and room for its log.
func world(b Backend, items int) World {
	return World{Items: items, Now: noon, Log: &safeBuffer{}, Canary: "canary" + fmt.Sprint(time.Now().UnixNano())}
}

// some is enough items for two pages.
func some(b Backend) int { return max(b.Page, 2) + 1 }

// run opens a world and reads every source of it, one after the other, so that complaints come in one order.
func run(t *testing.T, b Backend, w World) (*result, []string) {
	t.Helper()
	opened := b.Open(t, w)
	return collect(t.Context(), b, w, opened)
}

// collect reads all sources of an opened world and checks what holds in every world.
func collect(ctx context.Context, b Backend, w World, opened *Opened) (*result, []string) {
	res := &result{opened: opened, reports: map[inventory.Scope]inventory.Report{}}
	var complaints []string
	for _, s := range opened.Sources {
		for r, err := range s.Resources(ctx) {
			var gap *inventory.Gap
			switch {
			case err == nil:
				res.resources = append(res.resources, r)
				complaints = append(complaints, checkPlace(s, &r)...)
			case errors.As(err, &gap):
				res.gaps = append(res.gaps, *gap)
				complaints = append(complaints, checkGap(b, s, gap)...)
			default:
				res.errs = append(res.errs, err)
			}
		}
		if reporter, ok := s.(inventory.Reporter); !ok {
			complaints = append(complaints, fmt.Sprintf("source %s does not report what it did (inventory.Reporter)", s.Scope()))
		} else {
			res.reports[s.Scope()] = reporter.Report()
		}
	}
	for i := range res.resources {
		complaints = append(complaints, checkResource(b, res, &res.resources[i])...)
	}
	slices.SortStableFunc(res.resources, func(a, b inventory.Resource) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(res.resources); i++ {
		if res.resources[i].ID == res.resources[i-1].ID {
			complaints = append(complaints, fmt.Sprintf("two resources are called %q", res.resources[i].ID))
		}
	}
	complaints = append(complaints, checkArrivals(b, opened)...)
	complaints = append(complaints, checkCanary(res, w)...)
	return res, complaints
}

// checkArrivals complains of requests that the table does not list.
func checkArrivals(b Backend, opened *Opened) []string {
	var out []string
	known := callNames(b)
	for _, a := range opened.Arrivals() {
		if !slices.Contains(known, a.Call) && !slices.Contains(out, "made a call that is not in its table: "+a.Call) {
			out = append(out, "made a call that is not in its table: "+a.Call)
		}
	}
	return out
}

// checkCanary looks for the secret in everything that a run says, as it is and in base64.
func checkCanary(res *result, w World) []string {
	var said bytes.Buffer
	enc := json.NewEncoder(&said)
	for _, r := range res.resources {
		_ = enc.Encode(r)
	}
	for _, g := range res.gaps {
		_ = enc.Encode(g)
		said.WriteString(g.Error())
	}
	for _, err := range res.errs {
		said.WriteString(err.Error())
	}
	for _, r := range res.reports {
		_ = enc.Encode(r)
	}
	for _, s := range res.opened.Sources {
		fmt.Fprintf(&said, "%s %v %+v\n", s.Scope(), s, s)
	}
	if log, ok := w.Log.(fmt.Stringer); ok {
		said.WriteString(log.String())
	}
	res.said = said.String()
	for _, form := range []string{w.Canary, base64.StdEncoding.EncodeToString([]byte(w.Canary)), base64.RawURLEncoding.EncodeToString([]byte(w.Canary))} {
		if i := strings.Index(res.said, form); i >= 0 {
			return []string{fmt.Sprintf("a secret slipped out: ...%s...", res.said[max(0, i-120):min(len(res.said), i+len(form)+20)])}
		}
	}
	return nil
}

func callNames(b Backend) []string {
	var names []string
	for _, c := range b.Calls {
		names = append(names, c.Name)
	}
	return names
}

// encode gives the bytes that two equal runs share.
func (res *result) encode() string {
	gaps := slices.Clone(res.gaps)
	slices.SortFunc(gaps, func(a, b inventory.Gap) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.What, b.What), cmp.Compare(a.Call, b.Call))
	})
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, r := range res.resources {
		r.Complete() // sorts Unknown
		_ = enc.Encode(r)
	}
	for _, g := range gaps {
		_ = enc.Encode(g)
	}
	return out.String()
}

// safeBuffer is a buffer that several goroutines write to.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
