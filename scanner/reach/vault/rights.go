package vault

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// rights are what a set may do with a target, a bit for each of its actions in their order. Those that it may certainly do once it has
// changed the target's settings, which it may change, are apart.
type rights struct{ sure, possible, unlocks uint64 }

func (r *rights) add(i int, t access.Truth) {
	if t == access.Yes {
		r.sure |= 1 << i
	}
	if t > access.No {
		r.possible |= 1 << i
	}
}

// view is what a set's rules say of one mount. Most of them speak of all that is in it alike, so the evaluator is asked once for all
// targets whose names differ only where no rule says a word about it.
type view struct {
	words   map[string]bool // segments that rules spell out
	starts  []string        // what segments begin with where rules leave the rest open, longest first
	numbers bool            // some of these may be about versions of keys
	known   map[string]rights
	buffer  []byte // of keys
}

// rights is what the set may do with a target, by policies and by the target's own facts.
func (x *set) rights(t *target) rights {
	prefix, ok := x.space.within(t.space)
	if !ok {
		return rights{}
	}
	if x.acl.Root() {
		return t.can
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	v, seen := x.views[t.scope]
	if !seen {
		v = x.view(prefix + t.mount + "/*")
		x.views[t.scope] = v
	}
	if v == nil {
		return rights{}
	}
	key := append(v.key(t.name), t.facts...)
	if v.numbers {
		key = strconv.AppendInt(append(strconv.AppendInt(append(key, ' '), int64(t.oldest), 10), '-'), int64(t.latest), 10)
	}
	v.buffer = key
	r, ok := v.known[string(key)]
	if !ok {
		r = x.decide(t)
		v.known[string(key)] = r
	}
	return r
}

// decide asks the evaluator.
func (x *set) decide(t *target) (r rights) {
	for i := range t.actions {
		truth := access.No
		for j := range t.actions[i].options {
			o := &t.actions[i].options[j]
			holds := t.holds(o.when)
			if holds == access.No || truth == access.Yes && !o.unlocks {
				continue
			}
			one := x.may(x.requests(t, o)).And(holds)
			if !o.unlocks {
				truth = truth.Or(one)
			} else if one == access.Yes {
				r.unlocks |= 1 << i
			}
		}
		r.add(i, truth)
	}
	return r
}

// view is nil where no rule speaks of the mount.
func (x *set) view(pattern string) *view {
	if len(x.within(pattern)) == 0 {
		return nil
	}
	words, starts := x.spelled(pattern)
	v := &view{words: map[string]bool{}, starts: starts, known: map[string]rights{}}
	for _, word := range words {
		v.words[word] = true
	}
	v.numbers = slices.ContainsFunc(append(words, starts...), func(s string) bool {
		return s == "v" || strings.ContainsAny(strings.TrimPrefix(s, "v")[:min(1, len(strings.TrimPrefix(s, "v")))], "0123456789")
	})
	return v
}

// within are the paths of rules that speak of what one of some patterns matches.
func (x *set) within(patterns ...string) (paths []string) {
	for _, pattern := range patterns {
		paths = append(paths, x.acl.Within(pattern)...)
		for _, o := range x.open {
			paths = append(paths, o.Within(pattern)...)
		}
	}
	return paths
}

// spelled are segments that rules about paths which one of some patterns matches spell out, and what segments begin with where rules leave
// the rest open, longest first.
func (x *set) spelled(patterns ...string) (words, starts []string) {
	for _, path := range x.within(patterns...) {
		text, open := strings.CutSuffix(path, "*")
		parts := strings.Split(text, "/")
		if last := len(parts) - 1; open {
			if parts[last] != "" {
				starts = append(starts, parts[last])
			}
			parts = parts[:last]
		}
		words = append(words, parts...)
	}
	slices.Sort(words)
	slices.SortFunc(starts, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(words), slices.Compact(starts)
}

// key is the same for names of which no rule can tell one from the other: that have as many segments, and in each the same word or
// beginning of those that rules have.
func (v *view) key(name string) []byte {
	out := v.buffer[:0]
	n := 0
	for part := range strings.SplitSeq(name, "/") {
		if n++; v.words[part] {
			out = strconv.AppendQuote(strconv.AppendInt(out, int64(n), 10), part)
			continue
		}
		for _, start := range v.starts {
			if strings.HasPrefix(part, start) {
				out = append(strconv.AppendQuote(strconv.AppendInt(out, int64(n), 10), start), '*')
				break
			}
		}
	}
	return strconv.AppendInt(append(out, ' '), int64(n), 10)
}

// rights is what holders may do with a target. Hangs is what was not read and might decide otherwise.
func (p *profile) rights(t *target) (r rights, hangs []*cause) {
	if _, ok := p.space.within(t.space); !ok {
		return rights{}, nil
	}
	for i, x := range p.sets {
		one := x.rights(t)
		r.possible |= one.possible
		if p.choice || i == 0 {
			r.sure |= one.sure
		} else {
			r.sure &= one.sure
		}
		hangs = append(hangs, x.causes()...)
	}
	return r, hangs
}

// causes are what might give the set more, or take from it. The policy root is above that.
func (x *set) causes() []*cause {
	if x.acl.Root() {
		return nil
	}
	return x.unread
}

// admin reports whether holders may do everything.
func (p *profile) admin() bool {
	return !slices.ContainsFunc(p.sets, func(x *set) bool { return !x.admin })
}
