package repo

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// moves tells which files of infrastructure code a change has renamed, as git does: a file that is gone and one that is new, of which
// at least half is the same. Contents are compared here, because git sees no renames among files that it does not track yet.
type moves struct {
	repository string
	from       map[string]string   // the earlier path of a renamed file, by the later one, as locations write them
	places     map[string][]string // the earlier places of IDs, by the later one: the files, and the folders that held them
	names      map[string]string   // what gaps called a renamed file, by what they call it now
}

// maxPairs bounds how many pairs of files are compared line by line; equal files are always found.
const maxPairs = 1_000_000

func newMoves(repository string, before, after []declare.File) *moves {
	m := &moves{repository, map[string]string{}, map[string][]string{}, map[string]string{}}
	gone, added := only(before, after), only(after, before)
	left := map[string][]string{}
	for _, f := range gone {
		left[string(f.Data)] = append(left[string(f.Data)], f.Path)
	}
	taken := map[string]bool{}
	for _, f := range added { // a file's own name first, then any
		list := left[string(f.Data)]
		i := max(0, slices.IndexFunc(list, func(p string) bool { return path.Base(p) == path.Base(f.Path) }))
		if i < len(list) {
			m.rename(list[i], f.Path)
			taken[list[i]] = true
			left[string(f.Data)] = slices.Delete(list, i, i+1)
		}
	}
	gone = slices.DeleteFunc(gone, func(f declare.File) bool { return taken[f.Path] })
	added = slices.DeleteFunc(added, func(f declare.File) bool { _, ok := m.from[escape(f.Path, "")]; return ok })
	if len(gone)*len(added) <= maxPairs {
		m.similar(gone, added)
	}
	return m
}

// only returns the files of one state that the other does not have.
func only(files, other []declare.File) []declare.File {
	has := map[string]bool{}
	for _, f := range other {
		has[f.Path] = true
	}
	return slices.DeleteFunc(slices.Clone(files), func(f declare.File) bool { return has[f.Path] })
}

// similar pairs files of which at least half is the same, the most similar first.
func (m *moves) similar(gone, added []declare.File) {
	type pair struct {
		from, to string
		score    float64
	}
	var pairs []pair
	old := make([]map[uint64]int, len(gone))
	for i, f := range gone {
		old[i] = lineSizes(f.Data)
	}
	for _, to := range added {
		lines := lineSizes(to.Data)
		for i, from := range gone {
			common := 0
			for line, size := range lines {
				common += min(size, old[i][line])
			}
			if score := float64(common) / float64(max(len(from.Data), len(to.Data), 1)); score >= 0.5 {
				pairs = append(pairs, pair{from.Path, to.Path, score})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return -cmp.Compare(a.score, b.score) })
	taken := map[string]bool{}
	for _, p := range pairs {
		if _, done := m.from[escape(p.to, "")]; !done && !taken[p.from] {
			taken[p.from] = true
			m.rename(p.from, p.to)
		}
	}
}

var lineSeed = maphash.MakeSeed()

// lineSizes sums the bytes of equal lines, by a hash of the line.
func lineSizes(data []byte) map[uint64]int {
	out := map[uint64]int{}
	for line := range bytes.Lines(data) {
		out[maphash.Bytes(lineSeed, line)] += len(line)
	}
	return out
}

func (m *moves) rename(from, to string) {
	m.from[escape(to, "")] = escape(from, "")
	m.names[file(to)] = file(from)
	for a, b := from, to; ; a, b = path.Dir(a), path.Dir(b) {
		now, was := m.place(b), m.place(a)
		if !slices.Contains(m.places[now], was) {
			m.places[now] = append(m.places[now], was)
		}
		if b != to {
			return // a file, and the folder that holds it
		}
	}
}

// place is what an ID has between its dialect and its address.
func (m *moves) place(p string) string {
	t := declare.Tree{Name: m.repository}
	return strings.TrimSuffix(strings.TrimPrefix(string(t.ID("", p, "")), ":"), "#")
}

// earlier lists the IDs that a resource may have had before the files that declare it were renamed.
func (m *moves) earlier(id inventory.ID) []inventory.ID {
	dialect, rest, _ := strings.Cut(string(id), ":")
	place, address, ok := strings.Cut(rest, "#")
	if !ok {
		return nil
	}
	var out []inventory.ID
	for _, was := range m.places[place] {
		if was != place {
			out = append(out, inventory.ID(dialect+":"+was+"#"+address))
		}
	}
	return out
}

// same reports whether a resource stands in the file in which an earlier one stood, renamed or not.
func (m *moves) same(was, now *inventory.Location) bool {
	if was == nil || now == nil {
		return false
	}
	from, renamed := m.from[now.Path]
	return was.Path == now.Path || renamed && was.Path == from
}
