package collectortest

import (
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// table checks the table of calls itself.
func table(_ *testing.T, b Backend) []string {
	var out []string
	if len(b.Calls) == 0 {
		out = append(out, "the table is empty")
	}
	for _, c := range b.Calls {
		if c.Name == "" || c.Permission == "" {
			out = append(out, fmt.Sprintf("the row %+v has no name or no permission", c))
		}
		if _, known := inventory.TypeOf(c.Type); !known {
			out = append(out, fmt.Sprintf("%s: type %q is not listed in inventory.Types", c.Name, c.Type))
		}
		for _, f := range c.Facts {
			if !isPath(f) {
				out = append(out, fmt.Sprintf("%s: %q is no path into a resource", c.Name, f))
			}
		}
	}
	return out
}

// healthy wants everything known, every row used and every call counted.
func healthy(t *testing.T, b Backend) []string {
	w := world(b, some(b))
	res, out := run(t, b, w)
	for _, g := range res.gaps {
		out = append(out, "a healthy back end has a gap: "+g.Error())
	}
	for _, err := range res.errs {
		out = append(out, "a healthy back end has an error: "+err.Error())
	}
	for _, r := range res.resources {
		for _, u := range r.Unknown {
			out = append(out, fmt.Sprintf("%s: %s is unknown (%s, %s) although the back end is healthy", r.ID, u.Fact, u.Why, u.Call))
		}
		before := len(r.Unknown)
		r.Complete()
		for _, u := range r.Unknown[min(before, len(r.Unknown)):] {
			out = append(out, fmt.Sprintf("%s: the collector forgot %s", r.ID, u.Fact))
		}
	}
	if n := res.items(b); n != w.Items {
		out = append(out, fmt.Sprintf("read %d resources of type %s, the back end holds %d", n, b.Item, w.Items))
	}
	arrived, counted := map[string]int{}, map[string]int{}
	for _, a := range res.opened.Arrivals() {
		arrived[a.Call]++
	}
	for _, r := range res.reports {
		for call, n := range r.Calls {
			counted[call] += n
		}
	}
	for _, c := range b.Calls {
		if arrived[c.Name] == 0 && c.Instead == "" {
			out = append(out, c.Name+" is in the table, but was never made")
		}
		// The back end may see more: a connection that broke is tried again, and retries are not counted.
		if n := counted[c.Name]; n > arrived[c.Name] || n == 0 && arrived[c.Name] > 0 {
			out = append(out, fmt.Sprintf("reported %d calls of %s, the back end saw %d", n, c.Name, arrived[c.Name]))
		}
	}
	return out
}

func (res *result) items(b Backend) int {
	n := 0
	for _, r := range res.resources {
		if r.Type == b.Item {
			n++
		}
	}
	return n
}

// equalRuns reads one fake twice with the same sources, and then an equal fake.
func equalRuns(t *testing.T, b Backend) []string {
	w := world(b, some(b))
	first, out := run(t, b, w)
	second, more := collect(t.Context(), b, w, first.opened)
	out = append(out, more...)
	if first.encode() != second.encode() {
		out = append(out, fmt.Sprintf("reading the same sources again differs:\n%s\n%s", first.encode(), second.encode()))
	}
	third, more := run(t, b, world(b, some(b)))
	out = append(out, more...)
	if first.encode() != third.encode() {
		out = append(out, fmt.Sprintf("reading an equal back end differs:\n%s\n%s", first.encode(), third.encode()))
	}
	return out
}

// pageEdges reads lists that end just before, on and just after the end of a page.
func pageEdges(t *testing.T, b Backend) []string {
	var out []string
	page := max(b.Page, 2)
	for _, n := range []int{0, 1, page - 1, page, page + 1, 2 * page, 2*page + 1} {
		res, more := run(t, b, world(b, n))
		out = append(out, more...)
		if got := res.items(b); got != n {
			out = append(out, fmt.Sprintf("read %d resources of type %s, the back end holds %d", got, b.Item, n))
		}
		for _, g := range res.gaps {
			out = append(out, fmt.Sprintf("with %d items there is a gap: %v", n, g.Error()))
		}
	}
	return out
}

// throttledTwice wants throttling to be waited out: the result is the healthy one.
func throttledTwice(row inventory.Call) func(*testing.T, Backend) []string {
	return func(t *testing.T, b Backend) []string {
		want, out := run(t, b, world(b, some(b)))
		w := world(b, some(b))
		w.Fault = Fault{Kind: Throttle, Call: row.Name, Times: 2}
		got, more := run(t, b, w)
		out = append(out, more...)
		if want.encode() != got.encode() {
			out = append(out, fmt.Sprintf("two throttled calls of %s change the result:\n%s\n%s", row.Name, want.encode(), got.encode()))
		}
		return out
	}
}

// oneCallFails wants exactly what the call answers for to be a gap or unknown, with the reason, and all else as it was.
func oneCallFails(row inventory.Call, kind FaultKind) func(*testing.T, Backend) []string {
	return func(t *testing.T, b Backend) []string {
		want, out := run(t, b, world(b, some(b)))
		w := world(b, some(b))
		w.Fault = Fault{Kind: kind, Call: row.Name}
		got, more := run(t, b, w)
		out = append(out, more...)
		out = append(out, compare(want, got)...)
		for _, err := range got.errs {
			out = append(out, fmt.Sprintf("ended with an error that is no gap: %v", err))
		}
		if len(row.Facts) == 0 {
			return append(out, listFails(row, kind, got)...)
		}
		return append(out, readFails(row, kind, got)...)
	}
}

// reason is why a fact was not read, where the fault leaves no doubt.
func (k FaultKind) reason() inventory.Reason {
	switch k {
	case Deny:
		return inventory.Denied
	case Throttle:
		return inventory.Throttled
	}
	return ""
}

func listFails(row inventory.Call, kind FaultKind, got *result) []string {
	// A call that opens an account closes several scopes when it fails, each of which holds other types.
	found, covered := false, false
	var out []string
	for _, g := range got.gaps {
		if g.Call != row.Name {
			continue
		}
		covered = covered || g.Covers(row.Type)
		if r := kind.reason(); r != "" && g.Why != r {
			out = append(out, fmt.Sprintf("gap %q has the reason %q, want %q", g.What, g.Why, r))
		}
		found = true
	}
	switch {
	case !found:
		out = append(out, fmt.Sprintf("%s failed (%s), but no gap names it", row.Name, kind))
	case !covered:
		out = append(out, fmt.Sprintf("%s failed (%s), but no gap that names it covers %s", row.Name, kind, row.Type))
	}
	return out
}

func readFails(row inventory.Call, kind FaultKind, got *result) []string {
	var out []string
	unread := map[string]bool{}
	for i := range got.resources {
		r := &got.resources[i]
		hit := false
		for _, u := range r.Unknown {
			if u.Call != row.Name {
				continue
			}
			hit = true
			if want := kind.reason(); want != "" && u.Why != want {
				out = append(out, fmt.Sprintf("%s: %s has the reason %q, want %q", r.ID, u.Fact, u.Why, want))
			}
		}
		if !hit || r.Type != row.Type {
			continue
		}
		for _, f := range row.Facts {
			if unknownOf(r, f) != nil {
				unread[f] = true
			} else if _, known := facts(*r)[f]; !known {
				out = append(out, fmt.Sprintf("%s: %s failed, and %s is neither known nor unknown", r.ID, row.Name, f))
			}
		}
	}
	for _, f := range row.Facts {
		if !unread[f] {
			out = append(out, fmt.Sprintf("%s failed (%s), but %s became unknown on no %s", row.Name, kind, f, row.Type))
		}
	}
	return out
}

// nothingAnswers wants a gap with a next step from a back end that answers nothing, and no resource.
func nothingAnswers(kind FaultKind) func(*testing.T, Backend) []string {
	return func(t *testing.T, b Backend) []string {
		w := world(b, some(b))
		w.Fault = Fault{Kind: kind}
		res, out := run(t, b, w)
		if len(res.gaps) == 0 {
			out = append(out, "nothing was read, but there is no gap")
		}
		for _, g := range res.gaps {
			if g.Hint == "" {
				out = append(out, fmt.Sprintf("gap %q has no hint", g.What))
			}
			if kind == Down && g.Why != inventory.Unreachable {
				out = append(out, fmt.Sprintf("gap %q has the reason %q, want %q", g.What, g.Why, inventory.Unreachable))
			}
		}
		for _, r := range res.resources {
			out = append(out, fmt.Sprintf("%s was read from a back end that answers nothing", r.ID))
		}
		return out
	}
}
