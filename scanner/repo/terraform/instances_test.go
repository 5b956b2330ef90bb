package terraform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// archive makes a tree of the files in a txtar text.
func archive(text string) *declare.Tree {
	t := &declare.Tree{Name: "shop"}
	for _, f := range txtar.Parse([]byte(text)).Files {
		t.Files = append(t.Files, declare.File{Path: f.Name, Data: f.Data})
	}
	slices.SortFunc(t.Files, func(a, b declare.File) int { return strings.Compare(a.Path, b.Path) })
	return t
}

// found is all instances as one text, a line each, with the gaps after them.
func found(t *testing.T, tree *declare.Tree) string {
	t.Helper()
	list, notes := instancesOf(t.Context(), tree, func(string) bool { return true })
	gaps := notes.gaps()
	var out strings.Builder
	for _, in := range list {
		if in.Root != "" {
			fmt.Fprintf(&out, "%s: ", in.Root)
		}
		fmt.Fprintf(&out, "%s %s\n", in.Address, show(in.Values))
	}
	for _, g := range gaps {
		fmt.Fprintf(&out, "gap %s: %s: %s\n", g.Why, g.What, g.Err)
	}
	return out.String()
}

// show writes a value in short: ? for what is unknown, with what is known of its beginning and why it is unknown.
func show(v cty.Value) string {
	bare, marks := v.Unmark()
	if !bare.IsKnown() {
		if of, ok := decoded(v); ok {
			return "?json" + show(of)
		}
		s := "?"
		if bare.Type() == cty.String {
			s += bare.Range().StringPrefix()
		}
		why := map[string]bool{}
		for m := range marks {
			switch m := m.(type) {
			case Reference:
				why[string(m)] = true
			case Unset:
				why[string(m)] = true
			}
		}
		if len(why) > 0 {
			s += "<" + strings.Join(slices.Sorted(maps.Keys(why)), " ") + ">"
		}
		return s
	}
	if len(marks) > 0 {
		return "MARKED" + show(bare)
	}
	ty := bare.Type()
	switch {
	case bare.IsNull():
		return "null"
	case ty == cty.String:
		return strconv.Quote(bare.AsString())
	case ty == cty.Number:
		return bare.AsBigFloat().Text('f', -1)
	case ty == cty.Bool:
		return strconv.FormatBool(bare.True())
	}
	var items []string
	for it := bare.ElementIterator(); it.Next(); {
		k, item := it.Element()
		if ty.IsObjectType() || ty.IsMapType() {
			items = append(items, k.AsString()+"="+show(item))
		} else {
			items = append(items, show(item))
		}
	}
	if ty.IsObjectType() || ty.IsMapType() {
		return "{" + strings.Join(items, " ") + "}"
	}
	return "[" + strings.Join(items, " ") + "]"
}

func TestInstances(t *testing.T) {
	for _, file := range txtarFiles(t) {
		t.Run(strings.TrimSuffix(file.name, ".txtar"), func(t *testing.T) {
			head, rest, _ := strings.Cut(file.text, "-- want --\n")
			got := found(t, archive(head))
			if *update {
				file.write(t, head+"-- want --\n"+got)
				return
			}
			if diff := cmp.Diff(rest, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
