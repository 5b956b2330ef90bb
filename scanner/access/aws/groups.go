package aws

import (
	"encoding/binary"
	"slices"
	"strings"
)

// sign describes all that counts of a member for the resources of other accounts that do not name it, nor it them: two with the same sign
// are alike to these. A statement about resources of its own account says nothing of them; one about a certain other account puts the
// member on a list, to be held against the resources there by itself.
func (ix *Index) sign(f *facts, m *member, id int32) string {
	out := make([]byte, 0, 256)
	add := func(p pair) {
		out = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(out, uint64(p.t)), uint64(p.p))
	}
	terms := func(list []*term, sparing func(*term) bool) {
		ids := make([]int, 0, len(list))
		for _, t := range list {
			if !t.span.only(m.caller.account) && !sparing(t) {
				ids = append(ids, t.id)
			}
		}
		slices.Sort(ids)
		for _, n := range slices.Compact(ids) {
			out = binary.AppendUvarint(append(out, 't'), uint64(n))
		}
		for _, t := range list {
			if len(t.ofCaller()) > 0 && slices.Contains(ids, t.id) {
				out = f.write(append(out, 'f'), t.ofCaller())
			}
		}
		out = append(out, ';')
	}
	elsewhere := func(t *term) bool {
		for _, a := range t.span.accounts {
			if list := ix.literal[a]; a != m.caller.account && (len(list) == 0 || list[len(list)-1] != id) {
				ix.literal[a] = append(list, id)
			}
		}
		return t.span.accounts != nil
	}
	none := func(*term) bool { return false }
	out = append(out, byte(m.caller.kind))
	for r := range m.own {
		o := &m.own[r]
		add(o.identity.fixed)
		add(o.limits())
		add(o.capped)
		add(o.denied)
		terms(o.identity.rest, elsewhere)
		terms(o.boundary.rest, elsewhere)
		terms(o.denials, elsewhere)
		terms(o.scpDenials, none)
		for _, c := range o.scps {
			add(c.fixed)
			terms(c.rest, none)
		}
	}
	flags := byte(0)
	if m.caller.linked() {
		flags |= 1
	}
	if m.own[keys].bounded {
		flags |= 2
	}
	if m.caller.maybeLinked() {
		flags |= 4
	}
	out = append(out, flags)
	return string(out) + strings.Join(m.unknown, ",")
}

// write writes what is known of some condition keys.
func (f *facts) write(out []byte, keys []string) []byte {
	for _, key := range keys {
		values, state := f.of(key)
		out = binary.AppendUvarint(append(append(out, key...), byte(state)), uint64(len(values)))
		for _, v := range values {
			out = append(binary.AppendUvarint(out, uint64(len(v))), v...)
		}
	}
	return out
}

// division is the members in groups of those that are alike and of whom some condition keys say the same.
type division struct {
	of     []int32   // the group of each member
	groups [][]int32 // sorted
}

// divisionsKept bounds how many divisions are kept. Each takes eight bytes a member.
const divisionsKept = 64

// divide returns the division by some condition keys, sorted.
func (ix *Index) divide(keys []string) *division {
	name := strings.Join(keys, " ")
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if d := ix.divisions[name]; d != nil {
		return d
	}
	d := &division{of: make([]int32, len(ix.members))}
	f := facts{context: map[string]Values{}, request: &Request{}}
	signs := map[string]int32{}
	buffer := make([]byte, 0, 256)
	for i, m := range ix.members {
		f.sit(m, ix.unknown, nil)
		buffer = f.write(binary.AppendVarint(buffer[:0], int64(ix.alike[i])), keys)
		g, there := signs[string(buffer)]
		if !there {
			g = int32(len(d.groups))
			signs[string(buffer)] = g
			d.groups = append(d.groups, nil)
		}
		d.of[i] = g
		d.groups[g] = append(d.groups[g], int32(i))
	}
	if len(ix.divisions) >= divisionsKept {
		clear(ix.divisions)
	}
	ix.divisions[name] = d
	return d
}
