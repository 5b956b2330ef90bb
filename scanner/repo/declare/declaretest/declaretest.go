// Package declaretest runs a dialect on files and holds what it yields to what every dialect promises.
package declaretest

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// Read has a dialect read those of the files, by path, that it wants. It is an error if a resource lacks a required fact without
// listing it, has no place, or shares its ID.
func Read(t testing.TB, d declare.Dialect, files map[string]string) declare.Declared {
	t.Helper()
	tree := &declare.Tree{Name: "shop", Scope: "repo/shop"}
	for path, data := range files {
		if d.Wants(path) {
			tree.Files = append(tree.Files, declare.File{Path: path, Data: []byte(data)})
		}
	}
	slices.SortFunc(tree.Files, func(a, b declare.File) int { return strings.Compare(a.Path, b.Path) })
	out := d.Read(t.Context(), tree)
	ids := map[inventory.ID]bool{}
	for _, r := range out.Resources {
		r.Complete()
		for _, u := range r.Unknown {
			if u.Why == inventory.NotRead {
				t.Errorf("%s: %s was forgotten", r.ID, u.Fact)
			}
		}
		if r.Location.StartLine < 1 || r.Location.EndLine < r.Location.StartLine {
			t.Errorf("%s: location %+v", r.ID, *r.Location)
		}
		if ids[r.ID] {
			t.Errorf("two resources are %s", r.ID)
		}
		ids[r.ID] = true
	}
	return out
}
