package reach

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// steps reads "a>b" as a certain step and "a?b" as one that hangs on something.
func steps(list string) (out []access.Step) {
	for _, f := range strings.Fields(list) {
		s := access.Step{By: "sts:AssumeRole", Decision: access.Allowed}
		var found bool
		if s.From, s.To, found = strings.Cut(f, ">"); !found {
			s.From, s.To, _ = strings.Cut(f, "?")
			s.Decision = access.Conditional
		}
		out = append(out, s)
	}
	return out
}

func written(path []access.Step) string {
	var out []string
	for _, s := range path {
		sign := ">"
		if s.Decision != access.Allowed {
			sign = "?"
		}
		out = append(out, s.From+sign+s.To)
	}
	return strings.Join(out, " ")
}

func holders(list string) (out []access.Holder) {
	for _, f := range strings.Fields(list) {
		name, perhaps := strings.CutSuffix(f, "?")
		d := access.Allowed
		if perhaps {
			d = access.Conditional
		}
		out = append(out, access.Holder{Principal: name, Decision: d})
	}
	return out
}

func into(list []access.Step) Steps {
	return func(to string, matters func(string) bool) (out []access.Step) {
		for _, s := range list {
			if s.To == to && matters(s.From) {
				out = append(out, s)
			}
		}
		return out
	}
}

func TestWays(t *testing.T) {
	for _, c := range []struct{ name, steps, holders, from, path, holder string }{
		{"itself", "a>b", "a b", "a", "", "a"},
		{"one step", "a>b", "b", "a", "a>b", "b"},
		{"the shorter, though it hangs on something", "a>x x>b a?b", "b", "a", "a?b", "b"},
		{"the certain one of two", "a?x x>b a>y y>b", "b", "a", "a>y y>b", "b"},
		{"the first by name of equals", "a>y a>x x>b y>b", "b", "a", "a>x x>b", "b"},
		{"the certain holder of two", "a>b a>c", "b? c", "a", "a>c", "c"},
		{"a holder that is there twice counts for the better", "a>b a>c", "b? c b", "a", "a>b", "b"},
		{"a ring", "a>x x>a x>b b>a", "b", "a", "a>x x>b", "b"},
		{"four steps", "a>1 1>2 2>3 3>b", "b", "a", "a>1 1>2 2>3 3>b", "b"},
		{"five are too many", "a>1 1>2 2>3 3>4 4>b", "b", "a", "none", ""},
		{"nothing leads there", "b>a", "b", "a", "none", ""},
		{"what everybody can do", "*>x x>b", "b", "a", "*>x x>b", "b"},
		{"its own step before that of everybody", "*>b a>b", "b", "a", "a>b", "b"},
		{"everybody's where its own hangs on something", "*>b a?b", "b", "a", "*>b", "b"},
		{"holders that are not listed are nobody to become", "a>*", "*", "a", "none", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, holder, ok := NewWays(holders(c.holders), into(steps(c.steps))).From(c.from)
			got := written(path)
			if !ok {
				got = "none"
			}
			if got != c.path || holder != c.holder {
				t.Errorf("From(%q) = %q to %q, want %q to %q", c.from, got, holder, c.path, c.holder)
			}
		})
	}
}

func TestDeniedStepsLeadNowhere(t *testing.T) {
	list := steps("a>b")
	list[0].Decision = access.Denied
	if path, _, ok := NewWays(holders("b"), into(list)).From("a"); ok {
		t.Errorf("there is a way by a step that is denied: %v", path)
	}
}

func TestAll(t *testing.T) {
	w := NewWays(holders("b c"), into(steps("a>b x?a *>x c>b q>p")))
	if got, want := w.All(), []string{"*", "a", "x"}; !slices.Equal(got, want) {
		t.Errorf("All() = %q, want %q", got, want)
	}
}

// TestAsksOnce holds the cost down: a principal is asked for the steps to it at most once, and not beyond the way that was found.
func TestAsksOnce(t *testing.T) {
	list, asked := steps("a>b c>b d>a d>c e>d"), map[string]int{}
	w := NewWays(holders("b"), func(to string, matters func(string) bool) []access.Step { asked[to]++; return into(list)(to, matters) })
	for range 2 {
		w.From("d")
	}
	if want := map[string]int{"b": 1, "a": 1, "c": 1}; !reflect.DeepEqual(asked, want) {
		t.Errorf("asked for steps to %v, want %v", asked, want)
	}
}

// TestWhoMatters holds the cost down, too: nobody is asked about who has a way as good, and a holder has the best.
func TestWhoMatters(t *testing.T) {
	var asked []string
	w := NewWays(holders("b c?"), func(to string, matters func(string) bool) (out []access.Step) {
		for _, s := range into(steps("b>c c>b a>b a>c d?b d>c e>a f>d e>d"))(to, matters) {
			asked = append(asked, written([]access.Step{s}))
			out = append(out, s)
		}
		return out
	})
	w.All()
	if want := []string{"a>b", "d?b", "e>a", "f>d"}; !slices.Equal(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}

// TestWaysAreShortest compares with all ways there are, on random graphs.
func TestWaysAreShortest(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 7))
		n := 3 + r.IntN(6)
		name := func() string {
			if r.IntN(12) == 0 {
				return "*"
			}
			return strconv.Itoa(r.IntN(n))
		}
		var graph []access.Step
		for range r.IntN(3 * n) {
			s := access.Step{From: name(), To: name(), By: "x", Decision: []access.Decision{access.Allowed, access.Conditional}[r.IntN(2)]}
			if !slices.ContainsFunc(graph, func(o access.Step) bool { return o.From == s.From && o.To == s.To }) {
				graph = append(graph, s)
			}
		}
		var who []access.Holder
		for range 1 + r.IntN(2) {
			who = append(who, access.Holder{Principal: name(), Decision: []access.Decision{access.Allowed, access.Conditional}[r.IntN(2)]})
		}
		shuffled := slices.Clone(graph)
		r.Shuffle(n/2, func(i, j int) {
			if max(i, j) < len(shuffled) {
				shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
			}
		})
		heedless := func(to string, _ func(string) bool) []access.Step {
			return into(shuffled)(to, func(string) bool { return true })
		}
		w, other := NewWays(who, into(graph)), NewWays(who, heedless)
		for from := range n {
			from := strconv.Itoa(from)
			path, holder, ok := w.From(from)
			best, exists := brute(graph, who, from)
			if ok != exists || ok && (len(path) != best[0] || doubts(path)+doubt(who, holder) != best[1]) {
				t.Fatalf("seed %d: From(%s) = %q (%v), want length and doubts %v (%v)\n%s to %v", seed, from, written(path), ok, best, exists, written(graph), who)
			}
			for i, s := range path {
				if i > 0 && s.From != path[i-1].To || i == 0 && s.From != from && s.From != "*" {
					t.Fatalf("seed %d: the way %q is broken", seed, written(path))
				}
			}
			if again, _, _ := other.From(from); !reflect.DeepEqual(path, again) {
				t.Fatalf("seed %d: the order of steps, or those that do not matter, change the way: %q, %q", seed, written(path), written(again))
			}
		}
	}
}

func doubts(path []access.Step) (n int) {
	for _, s := range path {
		n += unsure(s.Decision)
	}
	return n
}

func doubt(who []access.Holder, holder string) int {
	least := 1
	for _, h := range who {
		if h.Principal == holder {
			least = min(least, unsure(h.Decision))
		}
	}
	return least
}

// brute tries every way and returns the least length, and then the least number of doubts.
func brute(graph []access.Step, who []access.Holder, from string) (best [2]int, found bool) {
	var walk func(at string, path []access.Step)
	walk = func(at string, path []access.Step) {
		if slices.ContainsFunc(who, func(h access.Holder) bool { return h.Principal == at }) {
			is := [2]int{len(path), doubts(path) + doubt(who, at)}
			if !found || cmp.Or(cmp.Compare(is[0], best[0]), cmp.Compare(is[1], best[1])) < 0 {
				best, found = is, true
			}
		}
		if len(path) == 4 {
			return
		}
		for _, s := range graph {
			if s.To != "*" && (s.From == at || s.From == "*") {
				walk(s.To, append(slices.Clone(path), s))
			}
		}
	}
	walk(from, nil)
	return best, found
}
