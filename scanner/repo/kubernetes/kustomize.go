package kubernetes

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// kustomizations are the kustomization files of the tree. Objects are read as they are; what a kustomization that reaches them, itself or
// through others, could change of a fact leaves that fact open.
type kustomizations struct {
	patches map[string]bool             // files that are patches
	reach   map[string][]*kustomization // by the file that they reach
}

type kustomization struct {
	file, folder string
	doc          *yamlnode.Node
	names        []string // of files and folders that it takes its objects from
	texts        []string // of patches, and of the keys of labels and annotations that are added
	changes      []change
	parts        []string // the folders of its components, whose changes are made to its own objects as well
}

func isKustomization(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// changed says what may change a fact of objects of a kind in a file, "" for nothing.
func (k *kustomizations) changed(file, kind string, which func(change) bool) string {
	for _, by := range k.reach[file] {
		for _, c := range by.changes {
			if c.to(kind) && which(c) {
				return c.why
			}
		}
	}
	return ""
}

// may says what may change a fact of an object, "" for nothing.
func (k *kustomizations) may(o *object, f fact) string {
	return k.changed(o.file, o.kind, func(c change) bool { return c.fact == f || c.fact == anything })
}

// sets says what may set a label or an annotation of objects of a kind in a file, "" for nothing. JSON patches write "/" as "~1".
func (k *kustomizations) sets(file, kind, key string) bool {
	pointer := strings.ReplaceAll(key, "/", "~1")
	names := func(t string) bool { return strings.Contains(t, key) || strings.Contains(t, pointer) }
	return slices.ContainsFunc(k.reach[file], func(by *kustomization) bool { return slices.ContainsFunc(by.texts, names) }) ||
		k.changed(file, kind, func(c change) bool { return c.fact == anything }) != ""
}

// kustomizations reads all kustomization files before the objects that they name.
func (r *reader) kustomizations() {
	r.kustom = kustomizations{patches: map[string]bool{}, reach: map[string][]*kustomization{}}
	files := map[string][]byte{}
	for _, f := range r.tree.Files {
		files[f.Path] = f.Data
	}
	folders := map[string][]*kustomization{}
	var all []*kustomization
	for _, f := range r.tree.Files {
		if !isKustomization(path.Base(f.Path)) {
			continue
		}
		docs, err := yamlnode.Documents(f.Data)
		var e *yamlnode.Error
		if errors.As(err, &e) {
			r.found.Gaps = append(r.found.Gaps, r.tree.Unread(types, f.Path, e.Line, e.Text))
		}
		for _, doc := range docs {
			k := r.kustomization(f, doc, files)
			folders[k.folder] = append(folders[k.folder], k)
			all = append(all, k)
		}
	}
	for _, k := range all {
		made := *k
		made.texts, made.changes = slices.Clone(k.texts), slices.Clone(k.changes)
		r.components(&made, k, folders, map[*kustomization]bool{k: true})
		if len(made.texts) > 0 || len(made.changes) > 0 {
			r.reaches(&made, k, folders, map[*kustomization]bool{})
		}
	}
	for _, k := range all {
		for _, g := range items(k.doc.Get("secretGenerator")) {
			r.generated(k.file, "Secret", k.doc, g)
		}
		for _, g := range items(k.doc.Get("configMapGenerator")) {
			r.generated(k.file, "ConfigMap", k.doc, g)
		}
	}
}

// components adds what the components of a kustomization change, and what theirs do.
func (r *reader) components(into, from *kustomization, folders map[string][]*kustomization, seen map[*kustomization]bool) {
	for _, part := range from.parts {
		if len(folders[part]) == 0 {
			into.changes = append(into.changes, change{why: "a kustomization lists a component that is not in these files"})
		}
		for _, c := range folders[part] {
			if !seen[c] {
				seen[c] = true
				into.texts, into.changes = append(into.texts, c.texts...), append(into.changes, c.changes...)
				r.components(into, c, folders, seen)
			}
		}
	}
}

// reaches follows what a kustomization takes its objects from: files, and folders with kustomizations of their own, which make some.
func (r *reader) reaches(k, from *kustomization, folders map[string][]*kustomization, seen map[*kustomization]bool) {
	if seen[from] {
		return
	}
	seen[from] = true
	r.kustom.reach[from.file] = append(r.kustom.reach[from.file], k)
	for _, called := range from.names {
		at := path.Join(from.folder, called)
		if below, ok := folders[at]; ok {
			for _, b := range below {
				r.reaches(k, b, folders, seen)
			}
		} else {
			r.kustom.reach[at] = append(r.kustom.reach[at], k)
		}
	}
}

// patchFields hold patches in the forms of several versions of kustomize: paths, texts, or maps with either.
var patchFields = []string{"patches", "patchesStrategicMerge", "patchesJson6902"}

// sourceFields hold what a kustomization takes its objects from; bases is the older form.
var sourceFields = []string{"resources", "bases", "components"}

// remote is what kustomize takes for a repository or a file of elsewhere, and not for a path.
var remote = regexp.MustCompile(`://|^(?:git@|github\.com[/:]|git::)|\?(?:.*&)?(?:ref|version)=`)

// unrendered are fields that make or change objects in a way that is not followed.
var unrendered = []string{"transformers", "replacements", "generators", "helmCharts", "helmChartInflationGenerator"}

func (r *reader) kustomization(f declare.File, doc *yamlnode.Node, files map[string][]byte) *kustomization {
	k := &kustomization{file: f.Path, folder: path.Dir(f.Path), doc: doc}
	for _, field := range sourceFields {
		for _, item := range items(doc.Get(field)) {
			k.names = append(k.names, or(item, ""))
			if remote.MatchString(or(item, "")) {
				r.notUnderstoodOnce(f.Path, item.Line, "what a kustomization takes from elsewhere is not in these files")
			}
			if field == "components" {
				k.parts = append(k.parts, path.Join(k.folder, or(item, "")))
			}
		}
	}
	line := 0
	for _, field := range patchFields {
		for _, p := range items(doc.Get(field)) {
			if line == 0 {
				line = p.Line
			}
			r.patched(k, p, files)
		}
	}
	if line > 0 {
		r.notUnderstood(f.Path, line, "patches of kustomize are not applied: build it with kustomize and lint the outcome")
	}
	for _, field := range unrendered {
		n := doc.Get(field)
		if len(items(n)) == 0 {
			continue
		}
		r.notUnderstood(f.Path, n.Line, field+" of kustomize are not applied: build it with kustomize and lint the outcome")
		if field == "transformers" || field == "replacements" { // others make objects, and leave those of files alone
			k.changes = append(k.changes, change{why: "a kustomization lists " + field})
		}
	}
	for _, field := range []string{"namePrefix", "nameSuffix"} {
		if or(doc.Get(field), "") != "" {
			k.changes = append(k.changes, change{fact: names, why: "a kustomization sets " + field})
		}
	}
	for _, field := range []string{"labels", "commonLabels", "commonAnnotations"} {
		k.adds(doc.Get(field))
	}
	return k
}

// patched notes a patch: a path, a text, or a map with either.
func (r *reader) patched(k *kustomization, p *yamlnode.Node, files map[string][]byte) {
	for _, n := range []*yamlnode.Node{p, p.Get("path"), p.Get("patch")} {
		text, ok := n.Str()
		if !ok || text == "" {
			continue
		}
		file := path.Join(k.folder, text)
		if data, there := files[file]; there {
			r.kustom.patches[file] = true
			text = string(data)
		} else if n != p.Get("patch") && !strings.Contains(text, "\n") {
			k.changes = append(k.changes, change{why: "a patch of kustomize is not in these files"})
			continue
		}
		k.texts = append(k.texts, text)
		k.patch(text, p.Get("target"))
	}
}

// adds gathers the keys of labels and annotations: a map, or a list of maps with pairs.
func (k *kustomization) adds(n *yamlnode.Node) {
	add := func(key string, _, _ *yamlnode.Node) { k.texts = append(k.texts, key) }
	n.Each(add)
	for _, item := range items(n) {
		item.Get("pairs").Each(add)
	}
}
