package repo

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A folder with a variable Dialect is a dialect, and stands in the table.
func TestEveryDialectIsInTheTable(t *testing.T) {
	var folders []string
	names, err := filepath.Glob("*/*.go")
	must(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		must(t, err)
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				for _, s := range g.Specs {
					for _, id := range s.(*ast.ValueSpec).Names {
						if id.Name == "Dialect" {
							folders = append(folders, filepath.Dir(name))
						}
					}
				}
			}
		}
	}
	table, err := os.ReadFile("dialects.go")
	must(t, err)
	for _, folder := range folders {
		if !strings.Contains(string(table), "&"+folder+".Dialect,") {
			t.Errorf("the folder %s holds a Dialect that is not in the table; add &%s.Dialect to dialects.go", folder, folder)
		}
	}
	if len(folders) != len(dialects) {
		t.Errorf("%d folders hold a dialect and the table has %d: %v", len(folders), len(dialects), folders)
	}
}

// What the table promises can be used: names differ, types exist, and a dialect wants some file but not all.
func TestDialects(t *testing.T) {
	var names []string
	for _, d := range dialects {
		if d.Name == "" || slices.Contains(names, d.Name) || len(d.Types) == 0 {
			t.Errorf("dialect %q with types %v: no name, one that is taken, or no types", d.Name, d.Types)
		}
		names = append(names, d.Name)
		for _, typ := range d.Types {
			if _, ok := inventory.TypeOf(typ); !ok {
				t.Errorf("dialect %q: there is no type %q", d.Name, typ)
			}
		}
		if d.Wants("README") {
			t.Errorf("dialect %q wants a file without a name of its own", d.Name)
		}
	}
}
