package evaluate

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"golang.org/x/sync/errgroup"
)

// A folder of rules looks like this; the path AREA/RULE is the rule's ID and its package is keyreeve.AREA["RULE"]:
//
//	lib/*.rego              what several rules share, in packages lib and lib.NAME
//	AREA/RULE/*.rego        the rule; one of its files holds the header
//	AREA/RULE/*_test.rego   its Rego tests, in package keyreeve.AREA["RULE_test"]
//	AREA/RULE/examples.yaml its examples
//
// Other files are left alone.
type folder struct {
	fsys  fs.FS
	dir   string // how messages name it; "" for the built-in rules
	check bool   // read for checking and testing: with annotations and tests
	rules []*source
	libs  []*file
	tests []*file // of lib
}

// source is one rule as read.
type source struct {
	id       string // AREA/RULE
	header   *header
	headFile string
	files    []*file
	tests    []*file
	examples string // path below the folder; "" when it has none
	folder   *folder
}

// file is one parsed Rego file.
type file struct {
	path   string // below the folder
	name   string // for messages
	text   string
	module *ast.Module
}

func (f *folder) custom() bool { return f.dir != "" }

func (f *folder) name(p string) string {
	if f.dir == "" {
		return p
	}
	return filepath.Join(f.dir, filepath.FromSlash(p))
}

// readFolder reads and parses a folder of rules. It checks what concerns one rule alone; it gives every mistake it finds, joined.
func readFolder(fsys fs.FS, dir string, check bool) (*folder, error) {
	f := &folder{fsys: fsys, dir: dir, check: check}
	areas, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("read rules of %q: %w", dir, err)
	}
	var ids []string
	var errs []error
	for _, area := range areas {
		name := area.Name()
		switch {
		case !area.IsDir() && strings.HasSuffix(name, ".rego"):
			errs = append(errs, &mistake{file: f.name(name), text: "lies in no rule's folder; move it to AREA/RULE/, or to lib/ if rules share it"})
		case !area.IsDir() || strings.HasPrefix(name, ".") || name == "testdata":
		case name == "lib":
			errs = append(errs, f.readLib())
		default:
			more, err := f.listArea(name)
			ids, errs = append(ids, more...), append(errs, err)
		}
	}
	return f, errors.Join(append(errs, f.readRules(ids))...)
}

// readRules reads rules side by side: parsing is most of what loading takes.
func (f *folder) readRules(ids []string) error {
	sources, errs := make([]*source, len(ids)), make([]error, len(ids))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, id := range ids {
		group.Go(func() error {
			sources[i], errs[i] = f.readRule(id)
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in errs, in order
	for _, s := range sources {
		if s != nil {
			f.rules = append(f.rules, s)
		}
	}
	return errors.Join(errs...)
}

func (f *folder) readLib() error {
	var errs []error
	err := fs.WalkDir(f.fsys, "lib", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".rego") {
			return err
		}
		test := strings.HasSuffix(p, "_test.rego")
		if test && !f.check {
			return nil
		}
		file, err := f.parse(p)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		if test {
			f.tests = append(f.tests, file)
			return nil
		}
		if pkg := file.module.Package.Path; len(pkg) < 2 || pkg[1].Value.Compare(ast.String("lib")) != 0 {
			errs = append(errs, &mistake{file.name, file.module.Package.Location.Row, fmt.Sprintf("its package is %s; in lib/ it is lib or begins with lib.", packageText(pkg))})
		}
		f.libs = append(f.libs, file)
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// listArea lists the folders of an area in which a rule may lie.
func (f *folder) listArea(area string) (ids []string, err error) {
	entries, err := fs.ReadDir(f.fsys, area)
	if err != nil {
		return nil, fmt.Errorf("read rules of %q: %w", f.name(area), err)
	}
	var errs []error
	for _, e := range entries {
		p := path.Join(area, e.Name())
		switch {
		case !e.IsDir() && strings.HasSuffix(p, ".rego"):
			errs = append(errs, &mistake{file: f.name(p), text: "lies in an area, not in a rule's folder; move it to " + area + "/RULE/"})
		case e.IsDir() && !strings.HasPrefix(e.Name(), "."):
			ids = append(ids, p)
		}
	}
	return ids, errors.Join(errs...)
}

// readRule reads one rule; nil where the folder holds none.
func (f *folder) readRule(id string) (*source, error) {
	entries, err := fs.ReadDir(f.fsys, id)
	if err != nil {
		return nil, fmt.Errorf("read rule %q: %w", f.name(id), err)
	}
	s := &source{id: id, folder: f}
	var errs []error
	for _, e := range entries {
		p := path.Join(id, e.Name())
		switch {
		case e.Name() == "examples.yaml":
			s.examples = p
		case !strings.HasSuffix(p, ".rego"):
		case strings.HasSuffix(p, "_test.rego"):
			if !f.check {
				continue
			}
			file, err := f.parse(p)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if want := packageOf(id + "_test"); !file.module.Package.Path.Equal(want) {
				errs = append(errs, &mistake{file.name, file.module.Package.Location.Row, fmt.Sprintf("its package is %s; by its folder it is %s", packageText(file.module.Package.Path), packageText(want))})
			}
			s.tests = append(s.tests, file)
		default:
			if err := s.readFile(p); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if len(s.files) == 0 {
		if s.examples == "" && len(s.tests) == 0 {
			return nil, nil
		}
		return nil, &mistake{file: f.name(id), text: "the folder holds no rule; add rule.rego, or see keyreeve policy new"}
	}
	if s.header == nil {
		return nil, &mistake{file: s.files[0].name, line: 1, text: "there is no header; begin the file with a \"# METADATA\" comment directly above its package"}
	}
	if err := s.header.check(s.headFile); err != nil {
		return nil, err
	}
	return s, checkShape(s)
}

func (s *source) readFile(p string) error {
	file, err := s.folder.parse(p)
	if err != nil {
		return err
	}
	if want := packageOf(s.id); !file.module.Package.Path.Equal(want) {
		return &mistake{file.name, file.module.Package.Location.Row, fmt.Sprintf("its package is %s; by its folder it is %s", packageText(file.module.Package.Path), packageText(want))}
	}
	h, ok, err := parseHeader(file.name, file.text)
	if err != nil {
		return err
	}
	if ok && s.header != nil {
		return &mistake{file.name, h.line, "a second header; " + s.headFile + " holds one already"}
	}
	if ok {
		s.header, s.headFile = h, file.name
	}
	s.files = append(s.files, file)
	return nil
}

func (f *folder) parse(p string) (*file, error) {
	data, err := fs.ReadFile(f.fsys, p)
	if err != nil {
		return nil, fmt.Errorf("read rule %q: %w", f.name(p), err)
	}
	out := &file{path: p, name: f.name(p), text: string(data)}
	out.module, err = ast.ParseModuleWithOpts(out.name, out.text, ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: f.check})
	if err != nil {
		return nil, explainRego(err)
	}
	if out.module == nil {
		return nil, &mistake{file: out.name, text: "is empty"}
	}
	return out, nil
}

// packageOf is data.keyreeve.AREA["RULE"].
func packageOf(id string) ast.Ref {
	area, name, _ := strings.Cut(id, "/")
	return ast.Ref{ast.DefaultRootDocument, ast.StringTerm("keyreeve"), ast.StringTerm(area), ast.StringTerm(name)}
}

// packageText spells a package as its clause does.
func packageText(r ast.Ref) string {
	var b strings.Builder
	for i, t := range r[1:] {
		s := strings.Trim(t.Value.String(), `"`)
		switch {
		case strings.ContainsAny(s, "-/ "):
			b.WriteString("[" + strconv.Quote(s) + "]")
		case i > 0:
			b.WriteString("." + s)
		default:
			b.WriteString(s)
		}
	}
	return b.String()
}
