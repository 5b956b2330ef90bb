package terraform

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// A tree is all configuration of one state of a repository, parsed once and not evaluated.
type tree struct {
	files   map[string]declare.File // by path, for the functions that read files
	modules map[string]*module      // by folder
	plans   []declare.File
	notes   *notes
}

// A module is one folder with configuration.
//
// Files of a folder are one text to Terraform, so their order matters only to overrides: *_override.tf change what the others say.
type module struct {
	dir       string
	variables map[string]*variable
	locals    map[string]*hclsyntax.Attribute
	outputs   map[string]*hclsyntax.Attribute
	calls     map[string]*hclsyntax.Block
	resources map[string]*hclsyntax.Block // by "TYPE.NAME", or "data.TYPE.NAME"
	providers map[string]*hclsyntax.Block // by "NAME", or "NAME.ALIAS"

	moved     []*hclsyntax.Block
	given     map[string]cty.Value // what *.tfvars say
	elsewhere map[string]bool      // variables that other files of values give one
	rooted    bool                 // Terraform is run in it, whoever else calls it
	broken    string               // a file of it that could not be read
	masked    string               // a file of it that overrides others and could not be read
	muddled   bool                 // a file of variable values could not be read, so that none of their values is certain
	names     map[string]bool      // of the attributes that its expressions take from anything
	foreign   map[string]bool      // functions that it calls and that are not known here
}

// wants says which files may matter: configuration, values of variables, plans, and what functions read into the configuration.
func wants(file string) bool {
	if strings.HasPrefix(file, ".terraform/") || strings.Contains(file, "/.terraform/") { // copies of modules and providers
		return false
	}
	switch path.Ext(file) {
	case ".tf", ".tofu", ".tfvars", ".json", ".tftpl", ".tpl", ".tmpl", ".hcl", ".yaml", ".yml":
		return true
	}
	return false
}

// load parses what there is.
func load(ctx context.Context, t *declare.Tree) *tree {
	all := &tree{files: make(map[string]declare.File, len(t.Files)), modules: map[string]*module{}, notes: newNotes(t)}
	for _, f := range t.Files {
		all.files[f.Path] = f
	}
	var overrides, given []declare.File
	for _, f := range t.Files {
		if ctx.Err() != nil {
			return all
		}
		switch k := kind(f.Path); {
		case k == configuration && all.replaced(f.Path):
			all.notes.passedOver(noteTwin, f.Path, "OpenTofu reads the file of the same name that ends in .tofu instead, so this one, which Terraform reads, is not read")
		case k == configuration && override(f.Path):
			overrides = append(overrides, f)
		case k == configuration:
			all.read(f, false)
		case k == values:
			all.module(folder(f.Path)).rooted = true
			given = append(given, f)
		case k == namedValues:
			all.module(folder(f.Path)).rooted = true
			all.readNames(f)
			all.notes.passedOver(noteValues, f.Path, "Terraform reads it only where the command line names it, so the values that it gives to variables are not read")
		case path.Ext(f.Path) == ".json" && looksLikePlan(f.Data):
			all.plans = append(all.plans, f)
		}
	}
	for _, f := range overrides {
		all.read(f, true)
	}
	for _, auto := range []bool{false, true} { // terraform.tfvars before any *.auto.tfvars; what comes later wins
		for _, f := range given {
			if auto == strings.Contains(path.Base(f.Path), ".auto.tfvars") {
				all.readValues(f)
			}
		}
	}
	for dir, m := range all.modules {
		if m.empty() {
			delete(all.modules, dir)
		}
	}
	return all
}

// replaced reports whether OpenTofu reads another file instead: a.tofu for a.tf.
func (t *tree) replaced(file string) bool {
	for _, suffix := range []string{"", ".json"} {
		if stem, ok := strings.CutSuffix(file, ".tf"+suffix); ok {
			_, ok = t.files[stem+".tofu"+suffix]
			return ok
		}
	}
	return false
}

const (
	configuration = iota
	values
	namedValues // of variables, in a file that is read only where the command line names it
	other
)

// kind of a file by its name. Of the files with values only those count that Terraform reads by itself.
func kind(file string) int {
	name := strings.TrimSuffix(path.Base(file), ".json")
	switch {
	case strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tofu"):
		return configuration
	case name == "terraform.tfvars", strings.HasSuffix(name, ".auto.tfvars"):
		return values
	case strings.HasSuffix(name, ".tfvars"):
		return namedValues
	}
	return other
}

// override reports whether a file of configuration changes what others of its folder declare.
func override(file string) bool {
	name, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(path.Base(file), ".json"), ".tf"), ".tofu")
	return name == "override" || strings.HasSuffix(name, "_override")
}

// folder is the folder of a file; "" is the repository itself.
func folder(file string) string {
	if dir := path.Dir(file); dir != "." {
		return dir
	}
	return ""
}

func (t *tree) module(dir string) *module {
	m, ok := t.modules[dir]
	if !ok {
		m = &module{
			dir: dir, variables: map[string]*variable{}, locals: map[string]*hclsyntax.Attribute{}, outputs: map[string]*hclsyntax.Attribute{},
			calls: map[string]*hclsyntax.Block{}, resources: map[string]*hclsyntax.Block{}, providers: map[string]*hclsyntax.Block{}, given: map[string]cty.Value{}, elsewhere: map[string]bool{},
			names: map[string]bool{}, foreign: map[string]bool{},
		}
		t.modules[dir] = m
	}
	return m
}

func (m *module) empty() bool {
	return len(m.variables)+len(m.locals)+len(m.outputs)+len(m.calls)+len(m.resources) == 0
}

// read adds a file of configuration to the module of its folder. One with a mistake is left out as a whole: half a block would
// read as one whose other arguments have their defaults.
func (t *tree) read(f declare.File, overrides bool) {
	m := t.module(folder(f.Path))
	body, ok := t.parse(f)
	var blocks hclsyntax.Blocks
	if ok {
		var diags hcl.Diagnostics
		if blocks, diags = nativeBlocks(body); diags.HasErrors() {
			t.notes.syntax(f.Path, diags)
			ok = false
		}
	}
	if !ok {
		if m.broken = f.Path; overrides {
			m.masked = f.Path
		}
		return
	}
	for _, b := range blocks {
		m.add(b, overrides)
	}
	m.survey(blocks, t.notes)
}

// readValues adds the values that a file gives to variables.
func (t *tree) readValues(f declare.File) {
	m := t.module(folder(f.Path))
	body, ok := t.parse(f)
	if !ok {
		m.muddled = true
		return
	}
	attrs, diags := body.JustAttributes()
	if diags.HasErrors() {
		t.notes.syntax(f.Path, diags)
		m.muddled = true
		return
	}
	for name, a := range attrs {
		v, diags := a.Expr.Value(nil)
		if diags.HasErrors() {
			v = cty.DynamicVal.Mark(Unset("var." + name))
		}
		m.given[name] = v
	}
}

// readNames notes the variables that a file gives values to which do not count.
func (t *tree) readNames(f declare.File) {
	body, ok := t.parse(f)
	if !ok {
		return
	}
	attrs, diags := body.JustAttributes()
	if diags.HasErrors() {
		t.notes.syntax(f.Path, diags)
		return
	}
	for name := range attrs {
		t.module(folder(f.Path)).elsewhere[name] = true
	}
}

// parse reads a file in either syntax.
func (t *tree) parse(f declare.File) (hcl.Body, bool) {
	data := bytes.TrimPrefix(f.Data, []byte("\xef\xbb\xbf"))
	native := path.Ext(f.Path) != ".json"
	deep := tooDeepJSON
	if native {
		deep = tooDeep
	}
	if line := deep(data); line > 0 {
		t.notes.unread(f.Path, line, "its expressions are nested too deeply")
		return nil, false
	}
	if !native && len(bytes.TrimSpace(data)) == 0 {
		return hcl.EmptyBody(), true
	}
	var file *hcl.File
	var diags hcl.Diagnostics
	if native {
		file, diags = hclsyntax.ParseConfig(data, f.Path, hcl.InitialPos)
	} else {
		file, diags = hcljson.Parse(data, f.Path)
	}
	if diags.HasErrors() {
		t.notes.syntax(f.Path, diags)
		return nil, false
	}
	return file.Body, true
}

// sorted lists the keys of a map in order, so that the same files are evaluated in the same order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
