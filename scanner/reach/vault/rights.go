package vault

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// rights are what a set may do with a target, a bit for each of its actions in their order.
type rights struct{ sure, possible uint64 }

// view is what a set's rules say of one mount. Most of them speak of all that is in it alike, so the evaluator is asked once for all
// targets whose names differ only where no rule says a word about it.
type view struct {
	words  map[string]bool // segments that rules spell out
	starts []string        // what segments begin with where rules leave the rest open, longest first
	known  map[string]rights
}

// rights is what the set may do with a target by policies, whatever the target's own facts rule out.
func (x *set) rights(t *target) rights {
	prefix, ok := x.space.within(t.space)
	if !ok {
		return rights{}
	}
	if x.acl.Root() {
		return rights{1<<len(t.actions) - 1, 1<<len(t.actions) - 1}
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
	key := v.key(t.name)
	r, ok := v.known[key]
	if !ok {
		r = x.decide(t, prefix)
		v.known[key] = r
	}
	return r
}

// decide asks the evaluator.
func (x *set) decide(t *target, prefix string) (r rights) {
	for i := range t.actions {
		wants := t.requests(&t.actions[i])
		for j := range wants {
			wants[j].Path = prefix + wants[j].Path
		}
		switch x.may(wants) {
		case access.Yes:
			r.sure |= 1 << i
			r.possible |= 1 << i
		case access.Maybe:
			r.possible |= 1 << i
		}
	}
	return r
}

// view is nil where no rule speaks of the mount.
func (x *set) view(pattern string) *view {
	paths := x.acl.Within(pattern)
	for _, o := range x.open {
		paths = append(paths, o.Within(pattern)...)
	}
	if len(paths) == 0 {
		return nil
	}
	v := &view{words: map[string]bool{}, known: map[string]rights{}}
	for _, path := range paths {
		text, open := strings.CutSuffix(path, "*")
		parts := strings.Split(text, "/")
		for i, part := range parts {
			if open && i == len(parts)-1 {
				if part != "" {
					v.starts = append(v.starts, part)
				}
			} else {
				v.words[part] = true
			}
		}
	}
	slices.SortFunc(v.starts, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	v.starts = slices.Compact(v.starts)
	return v
}

// key is the same for names of which no rule can tell one from the other: that have as many segments, and in each the same word or
// beginning of those that rules have.
func (v *view) key(name string) string {
	var out []byte
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
	return string(strconv.AppendInt(append(out, ' '), int64(n), 10))
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
	r.sure &= t.can.sure
	r.possible &= t.can.possible
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
